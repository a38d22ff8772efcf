//! Programs that do nothing in a build.

use crate::rule::{Findings, Rule, RuleDoc};
use crate::subject::Adviser;

/// What looks at, or talks to, a machine that is not there.
const PROGRAMS: [&str; 9] = [
    "free", "kill", "mount", "ps", "service", "shutdown", "ssh", "top", "vim",
];

pub(super) const RULE: Rule = Rule {
    name: "sure/pointless",
    description: "A RUN calls nothing that only makes sense on a running machine",
    check,
};

pub(super) const DOC: RuleDoc = RuleDoc {
    rule: &RULE,
    why: "A step of a build has no terminal, no init system and no processes but its own. What it starts ends with the step: a service that was started is not running in the container.",
    cost: "Where a step needs a service for a moment, such as a database to load a dump into, skip the rule there.",
    bad: "FROM debian:13\nRUN service nginx start\n",
    good: "FROM debian:13\nCMD [\"nginx\", \"-g\", \"daemon off;\"]\n",
    fix: None,
    hadolint: &["DL3001"],
};

fn check(adviser: &Adviser<'_>, findings: &mut Findings) {
    for step in adviser.steps() {
        let Some(program) = step
            .command
            .program()
            .filter(|program| PROGRAMS.contains(program))
        else {
            continue;
        };
        let message = match program {
            "service" => {
                format!("`{program}` ends with this step, and what it starts does too: start it with CMD")
            }
            _ => format!("`{program}` has nothing to do in a build: leave it out"),
        };
        findings.push_step(&step, message);
    }
}
