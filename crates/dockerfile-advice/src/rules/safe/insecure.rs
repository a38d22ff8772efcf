//! A RUN that may do everything.

use dockerfile_syntax::instruction::run::RunSecurity;

use crate::rule::{Findings, Rule, RuleDoc};
use crate::subject::Adviser;

pub(super) const RULE: Rule = Rule {
    name: "safe/insecure",
    description: "A RUN gets no more rights than a container has",
    check,
};

pub(super) const DOC: RuleDoc = RuleDoc {
    rule: &RULE,
    why: "With `--security=insecure` a command has all the rights of root on the machine that builds, its devices included. Whoever can change the Dockerfile, or what it downloads, has that machine.",
    cost: "What really needs it, such as making file systems through loop devices, is better done on a builder of its own.",
    bad: "FROM alpine:3.22\nRUN --security=insecure make-image\n",
    good: "FROM alpine:3.22\nRUN make-image\n",
    fix: None,
    hadolint: &[],
};

fn check(adviser: &Adviser<'_>, findings: &mut Findings) {
    for run in adviser
        .runs
        .iter()
        .filter(|run| run.run.security == RunSecurity::Insecure)
    {
        let message = "`--security=insecure` gives this command the machine that builds: leave it out";
        findings.push(&run.instruction.meta, None, message);
    }
}
