//! `cd` where WORKDIR is meant.

use crate::rule::{Findings, Rule, RuleDoc};
use crate::subject::Adviser;

pub(super) const RULE: Rule = Rule {
    name: "sure/cd",
    description: "WORKDIR chooses the directory, not `cd`",
    check,
};

pub(super) const DOC: RuleDoc = RuleDoc {
    rule: &RULE,
    why: "A `cd` ends with its RUN: the next one begins where WORKDIR says. A RUN that only goes elsewhere does nothing, and in a long one the reader has to keep the directory in mind.",
    cost: "A WORKDIR stays for the instructions below, and makes the directory where it is not there. Where one goes through several directories within a RUN, brackets keep each to itself: `(cd a && make)`.",
    bad: "FROM alpine:3.22\nRUN cd /src && make install\n",
    good: "FROM alpine:3.22\nWORKDIR /src\nRUN make install\n",
    fix: None,
    hadolint: &["DL3003"],
};

fn check(adviser: &Adviser<'_>, findings: &mut Findings) {
    for run in &adviser.runs {
        let mut steps = run
            .steps(adviser)
            .filter(|step| step.command.program() == Some("cd"));
        if let Some(step) = steps.next() {
            let folder = step
                .command
                .arguments()
                .first()
                .map_or("/folder", |word| word.raw);
            let is_alone = run.steps(adviser).count() == 1;
            let message = match is_alone {
                true => format!("the directory is forgotten when this RUN ends: write `WORKDIR {folder}`"),
                false => format!(
                    "write `WORKDIR {folder}` above this RUN instead of changing the directory within it"
                ),
            };
            findings.push_step(&step, message);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::{findings, marked};
    use super::*;

    #[test]
    fn once_a_run() {
        let file = "FROM a\nRUN x && cd /y && z && cd /w\nRUN (cd b; c)\nRUN echo cd\nRUN cd d\n";
        assert_eq!(marked(&RULE, file), ["cd /y", "cd b", "cd d"]);
        assert!(findings(&RULE, file)[2].2.contains("forgotten"));
    }
}
