//! What a rule is, and what it says.

use dockerfile_compile::{Fix, Warning};
use dockerfile_syntax::{LineRange, Meta, Span};

use crate::subject::{Adviser, Step};

/// A rule: what it is called, and how it finds what it has to say.
pub(crate) struct Rule {
    /// Its group and its name in it.
    pub(crate) name: &'static str,
    /// What the rule is about, in a sentence.
    pub(crate) description: &'static str,
    /// Finds what it has to say.
    pub(crate) check: fn(&Adviser<'_>, &mut Findings),
}

/// What a rule found.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    pub(crate) found: Vec<Finding>,
}

/// One thing that a rule found.
#[derive(Debug)]
pub(crate) struct Finding {
    pub(crate) message: String,
    pub(crate) lines: LineRange,
    pub(crate) span: Option<Span>,
}

impl Findings {
    /// Something about a word of an instruction, or about the instruction where the word's place is not known.
    pub(crate) fn push(
        &mut self,
        meta: &Meta<'_>,
        span: impl Into<Option<Span>>,
        message: impl Into<String>,
    ) {
        self.found.push(Finding {
            message: message.into(),
            lines: meta.lines,
            span: span.into(),
        });
    }

    /// Something about a command that a RUN runs.
    pub(crate) fn push_step(&mut self, step: &Step<'_>, message: impl Into<String>) {
        self.push(step.meta(), step.span(), message);
    }
}

/// What a rule says about a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Advice {
    /// Name of the rule, such as `light/apt-cache`.
    pub rule: &'static str,
    /// What the rule is about, in a sentence.
    pub description: &'static str,
    /// What there is to change, and what to write instead.
    pub message: String,
    /// The lines that it is about.
    pub lines: LineRange,
    /// The bytes of the file that it is about, where they are known.
    pub span: Option<Span>,
}

impl From<Advice> for Warning {
    fn from(advice: Advice) -> Self {
        Self {
            rule: advice.rule,
            description: advice.description,
            url: String::new(),
            message: advice.message,
            lines: vec![advice.lines],
        }
    }
}

/// How a program mends what a rule found.
pub(crate) type Mend = fn(&Adviser<'_>, &Advice) -> Option<Fix>;

/// A rule as a person reads about it.
#[derive(Clone, Copy)]
pub struct RuleDoc {
    pub(crate) rule: &'static Rule,
    pub(crate) why: &'static str,
    pub(crate) cost: &'static str,
    pub(crate) bad: &'static str,
    pub(crate) good: &'static str,
    pub(crate) fix: Option<Mend>,
    pub(crate) hadolint: &'static [&'static str],
}

impl RuleDoc {
    /// Its name, such as `light/apt-cache`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.rule.name
    }

    /// What it is about, in a sentence.
    #[must_use]
    pub fn description(&self) -> &'static str {
        self.rule.description
    }

    /// Why one wants to follow it.
    #[must_use]
    pub fn why(&self) -> &'static str {
        self.why
    }

    /// What following it costs, and when not to.
    #[must_use]
    pub fn cost(&self) -> &'static str {
        self.cost
    }

    /// A file on which it speaks.
    #[must_use]
    pub fn bad(&self) -> &'static str {
        self.bad
    }

    /// The same file in order.
    #[must_use]
    pub fn good(&self) -> &'static str {
        self.good
    }

    /// Whether a program can mend some of what it finds.
    #[must_use]
    pub fn has_fix(&self) -> bool {
        self.fix.is_some()
    }

    /// All of it as a page in Markdown.
    #[must_use]
    pub fn page(&self) -> String {
        let Self {
            why, cost, bad, good, ..
        } = self;
        let mut out = format!(
            "# {}\n\n{}.\n\n{why}\n\n**What it costs.** {cost}\n\nSpeaks here:\n\n```dockerfile\n{bad}```\n\nIn order:\n\n```dockerfile\n{good}```\n",
            self.name(),
            self.description(),
        );
        if self.has_fix() {
            out.push_str("\n`plimsoll check --fix` mends what can be mended without a person, with `--unsafe-fixes` also what may change what is built.\n");
        }
        if !self.hadolint.is_empty() {
            let codes: Vec<String> = self.hadolint.iter().map(|code| format!("`{code}`")).collect();
            out.push_str(&format!("\nhadolint has {} for it.\n", codes.join(", ")));
        }
        out
    }

    /// The rules of hadolint that it answers.
    #[must_use]
    pub fn hadolint(&self) -> &'static [&'static str] {
        self.hadolint
    }
}
