//! An argument that invalidates steps which do not use it.

use std::collections::{BTreeMap, BTreeSet};

use dockerfile_syntax::{Instruction, InstructionKind, LineRange};
use shell_commands::Action;

use crate::rule::{Findings, Rule, RuleDoc};
use crate::stages::Stage;
use crate::subject::Adviser;

/// How names begin that programs read without being told.
const READ_UNTOLD: [&str; 33] = [
    "APT_",
    "BUILDARCH",
    "BUILDKIT",
    "BUILDOS",
    "BUILDPLATFORM",
    "BUILDVARIANT",
    "BUNDLE_",
    "CARGO_",
    "CC",
    "CFLAGS",
    "COMPOSER_",
    "CXX",
    "DEBIAN_",
    "DESTDIR",
    "PREFIX",
    "GEM_",
    "GOARCH",
    "GOFLAGS",
    "GOOS",
    "GOPRIVATE",
    "GOSUMDB",
    "HOME",
    "LANG",
    "LC_",
    "LDFLAGS",
    "LD_",
    "MAKEFLAGS",
    "MAVEN_",
    "NPM_",
    "PIP_",
    "RUSTFLAGS",
    "RUSTUP_",
    "TARGET",
];

/// As [`READ_UNTOLD`], but these stand anywhere in a name.
const READ_PARTS: [&str; 8] = [
    "PROXY",
    "PATH",
    "NODE_ENV",
    "POETRY_",
    "YARN_",
    "UV_",
    "SOURCE_DATE_EPOCH",
    "MIRROR",
];

/// How many instructions that hand a value on are followed.
const MOST_HANDED_ON: usize = 100;

pub(super) const RULE: Rule = Rule {
    name: "fast/early-arg",
    description: "An ARG stands where it is used first",
    check,
};

pub(super) const DOC: RuleDoc = RuleDoc {
    rule: &RULE,
    why: "An argument is in the environment of each RUN below it, and so in its key: with another version or commit hash each of them is built again, the packages that have nothing to do with it included.",
    cost: "The arguments are no longer all at the top. Above the first FROM they are, and cost nothing there until a stage repeats them.",
    bad: "FROM debian:13\nARG VERSION\nRUN apt-get update && apt-get install -y curl\nRUN curl -fsSLO https://example.com/app-$VERSION.tar\n",
    good: "FROM debian:13\nRUN apt-get update && apt-get install -y curl\nARG VERSION\nRUN curl -fsSLO https://example.com/app-$VERSION.tar\n",
    fix: None,
    hadolint: &[],
};

fn check(adviser: &Adviser<'_>, findings: &mut Findings) {
    let installs = installs(adviser);
    let lines: Vec<&[u8]> = adviser.source.split(|byte| *byte == b'\n').collect();
    for (index, stage) in adviser.stages.iter().enumerate() {
        let Some(installs) = installs.get(&index) else {
            continue;
        };
        let mentions = Mentions::of(stage, &lines);
        for (at, instruction) in stage.instructions.iter().enumerate() {
            let InstructionKind::Arg(items) = &instruction.kind else {
                continue;
            };
            for item in items.iter().filter(|item| !is_read_untold(&item.key)) {
                let use_at = mentions.first_use(stage, at, &item.key);
                let Some(use_at) = use_at else { continue };
                let behind = installs.partition_point(|(install, _)| *install <= at);
                let Some((_, line)) = installs.get(behind).filter(|(install, _)| *install < use_at) else {
                    continue;
                };
                let place = match stage.instructions.get(use_at) {
                    Some(user) => {
                        let line = adviser.told_line(user.meta.lines.start);
                        format!("in front of {line}, which uses it first")
                    }
                    None => "at the end of the stage, with the lines that hand it on".to_owned(),
                };
                let line = adviser.told_line(*line);
                let message = format!(
                    "with another {} also {line} is built again, which does not use it: write this {place}",
                    item.key
                );
                findings.push(&instruction.meta, item.key.span, message);
            }
        }
    }
}

/// By stage, the instructions that install packages and their lines.
fn installs(adviser: &Adviser<'_>) -> BTreeMap<usize, Vec<(usize, usize)>> {
    let mut installs: BTreeMap<usize, Vec<(usize, usize)>> = BTreeMap::new();
    for step in adviser.steps() {
        let is_install = step.command.tool().is_some_and(|used| {
            matches!(
                used.action,
                Action::Install | Action::Upgrade | Action::Update | Action::Download
            ) && !matches!(used.tool.name, "fetch" | "git")
        });
        let here = (step.run.index, step.meta().lines.start);
        if is_install {
            let of_stage = installs.entry(step.run.stage).or_default();
            if of_stage.last() != Some(&here) {
                of_stage.push(here);
            }
        }
    }
    installs
}

fn is_read_untold(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    READ_UNTOLD.iter().any(|start| name.starts_with(start))
        || READ_PARTS.iter().any(|part| name.contains(part))
}

/// Which instructions of a stage mention a name.
struct Mentions<'a> {
    by_name: BTreeMap<&'a [u8], Vec<usize>>,
}

impl<'a> Mentions<'a> {
    fn of(stage: &Stage<'_>, lines: &[&'a [u8]]) -> Self {
        let mut by_name: BTreeMap<&[u8], Vec<usize>> = BTreeMap::new();
        for (at, instruction) in stage.instructions.iter().enumerate() {
            let LineRange { start, end } = instruction.meta.lines;
            let text = lines.get(start.saturating_sub(1)..end).unwrap_or_default();
            for word in text
                .iter()
                .flat_map(|line| line.split(|byte| !is_name(*byte)).filter(|word| !word.is_empty()))
            {
                let places = by_name.entry(word).or_default();
                if places.last() != Some(&at) {
                    places.push(at);
                }
            }
        }
        Self { by_name }
    }

    /// The first instruction behind `at` that needs the argument's value, or the end where others only hand it on.
    fn first_use(&self, stage: &Stage<'_>, at: usize, name: &str) -> Option<usize> {
        let mut names: BTreeSet<&str> = BTreeSet::new();
        let mut open = vec![name];
        let mut first: Option<usize> = None;
        let mut is_handed_on = false;
        while let Some(name) = open.pop() {
            if !names.insert(name) {
                continue;
            }
            let places = self
                .by_name
                .get(name.as_bytes())
                .map(Vec::as_slice)
                .unwrap_or_default();
            let behind = places.partition_point(|place| *place <= at);
            for place in places
                .get(behind..)
                .unwrap_or_default()
                .iter()
                .take(MOST_HANDED_ON)
            {
                let Some(instruction) = stage.instructions.get(*place) else {
                    continue;
                };
                if !hands_on(instruction, name, &mut open) {
                    first = Some(first.map_or(*place, |first| first.min(*place)));
                    break;
                }
                is_handed_on = true;
            }
        }
        let is_safe = names.iter().all(|other| *other == name || !is_read_untold(other));
        let end = stage.instructions.len();
        first.or(is_handed_on.then_some(end)).filter(|_| is_safe)
    }
}

/// Whether an instruction only keeps the value for later; `open` gets the names that it has there.
fn hands_on<'a>(instruction: &'a Instruction<'a>, name: &str, open: &mut Vec<&'a str>) -> bool {
    match &instruction.kind {
        InstructionKind::Env(pairs) => {
            let derived = pairs
                .iter()
                .filter(|pair| pair.value.contains(name) || pair.key == *name);
            open.extend(derived.map(|pair| pair.key.as_str()));
            true
        }
        InstructionKind::Label(_) => true,
        _ => false,
    }
}

fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::findings;
    use super::*;

    #[test]
    fn what_stands_between() {
        for (lines, place) in [
            (
                "ARG V\nRUN apt-get install a\nRUN x $V\n",
                Some("in front of line 4"),
            ),
            (
                "ARG V=1 W\nRUN apt-get install a\nCOPY a-${W} /\n",
                Some("in front of line 4"),
            ),
            ("ARG V\nRUN apt-get install a=$V\nRUN x $V\n", None),
            ("ARG V\nRUN ./x\nRUN x $V\n", None),
            ("ARG V\nRUN apt-get install a\n", None),
            ("ARG V\nENV E=$V\nRUN apt-get install a\n", Some("at the end")),
            (
                "ARG V\nENV E=$V\nRUN apt-get install a\nRUN echo $E\n",
                Some("in front of line 5"),
            ),
            ("ARG V\nLABEL v=$V\nRUN apt-get install a\n", Some("at the end")),
            ("ARG V\nENV PATH=$V\nRUN apt-get install a\n", None),
            ("ARG HTTP_PROXY\nRUN apt-get install a\nRUN x $HTTP_PROXY\n", None),
            ("ARG TARGETARCH\nRUN apt-get install a\nRUN x $TARGETARCH\n", None),
            (
                "ARG V\nRUN apt-get install a\nRUN <<EOF\nx $V\nEOF\n",
                Some("in front of line 4"),
            ),
            ("RUN apt-get install a\nARG V\nRUN x $V\n", None),
        ] {
            let found = findings(&RULE, &format!("FROM a\n{lines}"));
            assert_eq!(found.len(), usize::from(place.is_some()), "{lines}");
            if let (Some(place), Some((_, _, message))) = (place, found.first()) {
                assert!(message.contains(place), "{message}");
            }
        }
    }
}
