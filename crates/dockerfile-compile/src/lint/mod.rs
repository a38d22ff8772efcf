//! Advice on the file. Planning and lowering note facts; one file a rule words them.

mod config;
mod fix;
mod rules;

use std::borrow::Cow;

use dockerfile_syntax::sort;
use dockerfile_syntax::{Dockerfile, FromInstruction, Instruction, LineRange, Meta, Unreadable};

pub(crate) use config::Config;

pub use config::validate_check;
pub use fix::{Edit, Fix, apply, correct};
pub use rules::rule_docs;

use crate::error::CompileError;
use crate::facts::{Fact, Facts, Noticed, check_comment};
use crate::warning::Warning;
use fix::Broken;
use rules::{FIXES, RULES};

/// Where the page of each rule stands.
const PAGES: &str = "https://docs.docker.com/go/dockerfile/rule/";

/// A rule: what it is called, and how it finds what it has to say.
pub(crate) struct Rule {
    /// The name that `skip=` takes.
    name: &'static str,
    /// What the rule is about, in a sentence.
    description: &'static str,
    /// Name of its page; empty where there is none.
    key: &'static str,
    /// Off unless a check option asks for it; `skip=` does not reach it.
    is_experimental: bool,
    check: Check,
}

impl Rule {
    /// The page about it; empty where there is none.
    fn url(&self) -> String {
        match self.key {
            "" => String::new(),
            key => format!("{PAGES}{key}/"),
        }
    }
}

/// What a rule says, with the lines it is about.
type Findings = Vec<(LineRange, String)>;

/// How a rule finds something. The kinds run in this order, rules of a kind in the order of their list.
enum Check {
    /// Reads the lines of the whole file.
    Lines(fn(&Dockerfile<'_>) -> Findings),
    /// Reads each instruction by itself.
    Instruction(fn(Item<'_>) -> Option<String>),
    /// Compares stages; findings of all rules of this kind come in file order.
    Stages(fn(&Dockerfile<'_>) -> Findings),
    /// Compares the keywords of all instructions.
    Keywords(fn(&Dockerfile<'_>) -> Findings),
    /// Words what planning or lowering noticed.
    Fact(fn(&Fact) -> Option<String>),
}

/// An instruction, `FROM` or another.
#[derive(Clone, Copy)]
enum Item<'a> {
    From(&'a FromInstruction<'a>),
    Other(&'a Instruction<'a>),
    Unreadable(&'a Unreadable<'a>),
}

impl<'a> Item<'a> {
    fn meta(self) -> &'a Meta<'a> {
        match self {
            Self::From(from) => &from.meta,
            Self::Other(instruction) => &instruction.meta,
            Self::Unreadable(unreadable) => &unreadable.meta,
        }
    }
}

/// A rule as a person reads about it.
#[derive(Clone, Copy)]
pub struct RuleDoc {
    rule: &'static Rule,
    why: &'static str,
    bad: Example,
    good: Example,
}

impl RuleDoc {
    /// The name that `skip=` takes.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.rule.name
    }

    /// What the rule is about, in a sentence.
    #[must_use]
    pub fn description(&self) -> &'static str {
        self.rule.description
    }

    /// The page about it; empty where there is none.
    #[must_use]
    pub fn url(&self) -> String {
        self.rule.url()
    }

    /// Whether the rule is off unless `experimental=` names it.
    #[must_use]
    pub fn is_experimental(&self) -> bool {
        self.rule.is_experimental
    }

    /// Why one wants to follow it.
    #[must_use]
    pub fn why(&self) -> &'static str {
        self.why
    }

    /// A file on which the rule fires.
    #[must_use]
    pub fn bad(&self) -> Example {
        self.bad
    }

    /// The same file in order.
    #[must_use]
    pub fn good(&self) -> Example {
        self.good
    }
}

/// A Dockerfile to read; the tests run it.
#[derive(Clone, Copy, Debug)]
pub struct Example {
    /// The file.
    pub dockerfile: &'static str,
    /// The ignore file beside it; empty without one.
    pub ignore: &'static str,
}

impl Example {
    const fn new(dockerfile: &'static str) -> Self {
        Self {
            dockerfile,
            ignore: "",
        }
    }
}

/// What the linter has to say on a file that can be read to its end, in the order of the reference.
pub(crate) fn report(file: &Dockerfile<'_>, config: &Config, facts: &Facts) -> Vec<Warning> {
    let mut report = Report::new(config);
    report.read_instructions(file, usize::MAX);
    report.read_stages(file);
    facts.iter().for_each(|noticed| report.word(noticed));
    report.warnings
}

/// What the linter has to say on a file with a syntax error: on everything above the line `end`, counted from 1,
/// and on the instruction that begins there.
///
/// `check` is the option that replaces the file's `# check=` line.
///
/// # Errors
/// The check option or line is malformed.
pub fn report_above(
    file: &Dockerfile<'_>,
    check: Option<&str>,
    end: usize,
) -> Result<Vec<Warning>, CompileError> {
    let config = Config::of(file, check)?;
    let mut report = Report::new(&config);
    report.read_instructions(file, end);
    let unreadable = file.unreadable.as_ref();
    if let Some(unreadable) = unreadable.filter(|unreadable| unreadable.meta.lines.start == end) {
        report.read_instruction(Item::Unreadable(unreadable));
    }
    Ok(report.warnings)
}

/// How a finding on the file `source` can be mended by a program; `None` where a person must think.
///
/// ```
/// use dockerfile_compile::{BuildOptions, SourceFile, apply, fix, lint};
///
/// let text = b"FROM alpine as base\n";
/// let parsed = dockerfile_syntax::parse(text);
/// let found = lint(&parsed.dockerfile, &BuildOptions::new(SourceFile::new("Dockerfile", text.as_slice())));
/// let fix = fix(&parsed.dockerfile, text, &found.warnings[0]).ok_or("no fix")?;
/// assert!(fix.is_safe);
/// assert_eq!(apply(text, &[fix]), b"FROM alpine AS base\n");
/// # Ok::<(), &str>(())
/// ```
#[must_use]
pub fn fix(file: &Dockerfile<'_>, source: &[u8], warning: &Warning) -> Option<Fix> {
    let (_, mend) = FIXES.iter().find(|(rule, _)| rule.name == warning.rule)?;
    let lines = *warning.lines.first()?;
    mend(Broken { file, source, lines })
}

struct Report<'c> {
    config: &'c Config,
    warnings: Vec<Warning>,
}

impl<'c> Report<'c> {
    fn new(config: &'c Config) -> Self {
        Self {
            config,
            warnings: Vec::new(),
        }
    }

    /// The rules that look at lines and single instructions, as far as the line `end`.
    fn read_instructions(&mut self, file: &Dockerfile<'_>, end: usize) {
        for rule in RULES {
            if let Check::Lines(check) = rule.check {
                for (lines, message) in check(file) {
                    self.add(self.config, rule, lines, message);
                }
            }
        }
        let stages = file.stages.iter().flat_map(|stage| {
            std::iter::once(Item::From(&stage.from)).chain(stage.instructions.iter().map(Item::Other))
        });
        for item in file.global_args.iter().map(Item::Other).chain(stages) {
            if item.meta().lines.start >= end {
                break;
            }
            self.read_instruction(item);
        }
    }

    fn read_instruction(&mut self, item: Item<'_>) {
        let meta = item.meta();
        let check = check_comment(&meta.comments);
        let config = self.config.with_comment(check.as_deref());
        for rule in RULES {
            if let Check::Instruction(check) = rule.check
                && let Some(message) = check(item)
            {
                self.add(&config, rule, meta.lines, message);
            }
        }
    }

    /// The rules that compare stages and keywords.
    fn read_stages(&mut self, file: &Dockerfile<'_>) {
        let mut findings = Vec::new();
        for rule in RULES {
            if let Check::Stages(check) = rule.check {
                findings.extend(check(file).into_iter().map(|finding| (rule, finding)));
            }
        }
        sort::sort_by_key(&mut findings, |(_, (lines, _))| lines.start);
        for rule in RULES {
            if let Check::Keywords(check) = rule.check {
                findings.extend(check(file).into_iter().map(|finding| (rule, finding)));
            }
        }
        for (rule, (lines, message)) in findings {
            self.add(self.config, rule, lines, message);
        }
    }

    fn word(&mut self, noticed: &Noticed) {
        let worded = RULES.iter().find_map(|rule| match rule.check {
            Check::Fact(word) => word(&noticed.fact).map(|message| (rule, message)),
            _ => None,
        });
        if let Some((rule, message)) = worded {
            let config = self.config.with_comment(noticed.check.as_deref());
            self.add(&config, rule, noticed.lines, message);
        }
    }

    fn add(&mut self, config: &Config, rule: &Rule, lines: LineRange, message: String) {
        if !config.wants(rule) {
            return;
        }
        self.warnings.push(Warning {
            rule: rule.name,
            description: rule.description,
            url: rule.url(),
            message,
            lines: Some(lines).filter(|lines| lines.start > 0).into_iter().collect(),
        });
    }
}

/// The error of a file that asks for findings to be errors, where there are some.
pub(crate) fn refusal(config: &Config, warnings: &[Warning]) -> Option<CompileError> {
    if !config.is_error || warnings.is_empty() {
        return None;
    }
    let mut rules: Vec<&str> = warnings.iter().map(|warning| warning.rule).collect();
    rules.sort_unstable();
    rules.dedup();
    Some(CompileError::new(format!(
        "the file breaks the rules {}, and its check options make that an error; follow them, or list them in `skip=`",
        rules.join(", ")
    )))
}

/// `" (did you mean `$NAME`?)"`, or nothing.
fn did_you_mean(suggestion: Option<&str>) -> Cow<'static, str> {
    match suggestion {
        Some(name) => format!(" (did you mean `${name}`?)").into(),
        None => "".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::run;

    const FILE: &str = "FROM a as B\nWORKDIR x\nCMD y\n";

    fn rules(dockerfile: &str, check: Option<&str>) -> Vec<&'static str> {
        let run = run(dockerfile, "", check);
        run.warnings.iter().map(|warning| warning.rule).collect()
    }

    #[test]
    fn order_and_pages() {
        let found = run(FILE, "", None).warnings;
        let names: Vec<&str> = found.iter().map(|warning| warning.rule).collect();
        assert_eq!(
            names,
            [
                "StageNameCasing",
                "FromAsCasing",
                "WorkdirRelativePath",
                "JSONArgsRecommended"
            ]
        );
        assert_eq!(
            found[3].url,
            "https://docs.docker.com/go/dockerfile/rule/json-args-recommended/"
        );
        assert_eq!(found[3].lines, [LineRange::line(3)]);
    }

    #[test]
    fn stages_come_in_file_order() {
        let file = "FROM a AS context\nFROM a AS context\nFROM a AS context\n";
        assert_eq!(
            rules(file, None),
            [
                "ReservedStageName",
                "ReservedStageName",
                "DuplicateStageName",
                "ReservedStageName",
                "DuplicateStageName"
            ]
        );
    }

    #[test]
    fn options_replace_the_directive() {
        let file = format!("# check=skip=all ignored words\n{FILE}");
        assert!(rules(&file, None).is_empty());
        assert_eq!(rules(&file, Some("")).len(), 4);
        assert_eq!(
            rules(&file, Some("skip=FromAsCasing,JSONArgsRecommended")).len(),
            2
        );
    }

    #[test]
    fn findings_as_errors() {
        let found = run(
            &format!("# check=error=true;skip=JSONArgsRecommended\n{FILE}"),
            "",
            None,
        );
        let message = found.value.map(drop).unwrap_err().first.message;
        assert!(
            message.contains("FromAsCasing, StageNameCasing, WorkdirRelativePath"),
            "{message}"
        );
        assert_eq!(found.warnings.len(), 3);
        assert!(run("# check=error=true\nFROM a\n", "", None).value.is_ok());
    }

    #[test]
    fn malformed_options_are_errors() {
        let found = run(&format!("# check=skip\n{FILE}"), "", None);
        let error = found.value.map(drop).unwrap_err().first;
        assert_eq!(error.lines, [LineRange::line(1)]);
        assert!(run(FILE, "", Some("error=2")).value.is_err());
    }

    #[test]
    fn above_a_syntax_error() {
        let parsed = dockerfile_syntax::parse(b"FROM a AS B\nRUNN x\nFROM a AS C\n");
        let found = report_above(&parsed.dockerfile, None, parsed.errors[0].lines.start).unwrap();
        assert_eq!(found.len(), 1);
    }

    #[test]
    fn on_the_instruction_that_is_wrong() {
        let rules = |text: &str| -> Vec<&str> {
            let parsed = dockerfile_syntax::parse(text.as_bytes());
            let found = report_above(&parsed.dockerfile, None, parsed.errors[0].lines.start).unwrap();
            found.iter().map(|warning| warning.rule).collect()
        };
        assert_eq!(rules("FROM a b c d\nMAINTAINER\n"), ["FromAsCasing"]);
        assert_eq!(rules("from a as B!\n"), ["StageNameCasing"]);
        assert_eq!(rules("MAINTAINER\n"), ["MaintainerDeprecated"]);
        assert_eq!(rules("MAINTAINER me\nFROM a\n"), ["MaintainerDeprecated"]);
        assert!(rules("# check=skip=all\nMAINTAINER\n").is_empty());
    }
}
