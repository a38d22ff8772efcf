//! Another shell in the place of /bin/sh.

use crate::rule::{Findings, Rule, RuleDoc};
use crate::subject::Adviser;

pub(super) const RULE: Rule = Rule {
    name: "sure/shell-link",
    description: "SHELL chooses the shell, not a link in the place of /bin/sh",
    check,
};

pub(super) const DOC: RuleDoc = RuleDoc {
    rule: &RULE,
    why: "A link over /bin/sh changes what every script of the system runs on, and the next upgrade of the shell's package may put it back.",
    cost: "None.",
    bad: "FROM debian:13\nRUN ln -sf /bin/bash /bin/sh\n",
    good: "FROM debian:13\nSHELL [\"/bin/bash\", \"-c\"]\n",
    fix: None,
    hadolint: &["DL4005"],
};

fn check(adviser: &Adviser<'_>, findings: &mut Findings) {
    for step in adviser
        .steps()
        .filter(|step| step.command.program() == Some("ln"))
    {
        let mut paths = step
            .command
            .arguments()
            .iter()
            .filter(|word| !word.prefix().starts_with('-'));
        let (shell, link) = (paths.next(), paths.next());
        if link.is_some_and(|link| link.literal() == Some("/bin/sh")) {
            let shell = shell.map_or("/bin/bash", |word| word.raw);
            findings.push_step(
                &step,
                format!("every script of the system runs on it then: write `SHELL [\"{shell}\", \"-c\"]`"),
            );
        }
    }
}
