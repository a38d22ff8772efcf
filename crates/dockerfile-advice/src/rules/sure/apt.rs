//! `apt` in a script.

use dockerfile_compile::{Edit, Fix};
use shell_commands::tools::Action;

use crate::rule::{Advice, Findings, Rule, RuleDoc};
use crate::subject::Adviser;

pub(super) const RULE: Rule = Rule {
    name: "sure/apt",
    description: "A build calls apt-get and apt-cache, not apt",
    check,
};

pub(super) const DOC: RuleDoc = RuleDoc {
    rule: &RULE,
    why: "`apt` is made for people at a terminal: what it takes and prints may change with each version, and it says so itself. `apt-get` and `apt-cache` stay as they are.",
    cost: "None.",
    bad: "FROM debian:13\nRUN apt update && apt install -y curl\n",
    good: "FROM debian:13\nRUN apt-get update && apt-get install -y curl\n",
    fix: Some(fix),
    hadolint: &["DL3027"],
};

fn check(adviser: &Adviser<'_>, findings: &mut Findings) {
    for step in adviser
        .steps()
        .filter(|step| step.command.program() == Some("apt"))
    {
        let Some(word) = step.command.invocation().first() else {
            continue;
        };
        let is_search = step
            .command
            .tool()
            .is_some_and(|used| used.action == Action::Other);
        let other = if is_search { "apt-cache" } else { "apt-get" };
        let message = format!("`apt` is for people at a terminal and may change: write `{other}`");
        findings.push(step.meta(), step.span_of(&word.span), message);
    }
}

/// apt-get does the same for the commands that both have.
fn fix(adviser: &Adviser<'_>, advice: &Advice) -> Option<Fix> {
    let span = advice.span.filter(|_| advice.message.contains("apt-get"))?;
    (adviser.bytes(span) == b"apt").then(|| Fix {
        edits: vec![Edit {
            span,
            text: "apt-get".to_owned(),
        }],
        is_safe: true,
    })
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::mended;
    use super::*;

    #[test]
    fn commands() {
        let file = "FROM a\nRUN sudo apt -y install apt && apt search x && echo apt\n";
        assert_eq!(mended(&RULE, file), file.replace("sudo apt", "sudo apt-get"));
    }
}
