//! A package manager that asks, where nobody answers.

use dockerfile_compile::{Edit, Fix};
use dockerfile_syntax::Span;
use shell_commands::tools::{Action, Use};

use super::SYSTEM;
use crate::rule::{Advice, Findings, Rule, RuleDoc};
use crate::subject::Adviser;

pub(super) const RULE: Rule = Rule {
    name: "sure/yes",
    description: "A package manager does not ask during a build",
    check,
};

pub(super) const DOC: RuleDoc = RuleDoc {
    rule: &RULE,
    why: "Nobody is there to answer. The install works as long as it brings nothing but what it was asked for, and is broken off on the day a package needs another one.",
    cost: "None.",
    bad: "FROM debian:13\nRUN apt-get update && apt-get install curl\n",
    good: "FROM debian:13\nRUN apt-get update && apt-get install -y curl\n",
    fix: Some(fix),
    hadolint: &["DL3014", "DL3030", "DL3034", "DL3038"],
};

fn check(adviser: &Adviser<'_>, findings: &mut Findings) {
    for step in adviser.steps() {
        let Some(used) = step.command.tool() else { continue };
        let changes = matches!(used.action, Action::Install | Action::Upgrade | Action::Remove);
        let piped = step.pipeline().any(|other| other.program() == Some("yes"));
        if !SYSTEM.contains(&used.tool.name)
            || !changes
            || used.tool.yes.is_empty()
            || used.is_answered()
            || is_quiet(&used)
            || piped
        {
            continue;
        }
        let Some(command) = used.command.and_then(|command| command.split(' ').next_back()) else {
            continue;
        };
        let Some(word) = used.arguments.iter().find(|word| word.literal() == Some(command)) else {
            continue;
        };
        let message = format!("nobody answers its question during a build: write `{command} -y`");
        findings.push(step.meta(), step.span_of(&word.span), message);
    }
}

/// apt-get(8): the second degree of quiet answers yes.
fn is_quiet(used: &Use<'_, '_>) -> bool {
    let degrees = used.arguments.iter().map(|word| match word.prefix() {
        "-q=2" => 2,
        "--quiet" => 1,
        flags if flags.starts_with('-') && !flags.starts_with("--") => flags.matches('q').count(),
        _ => 0,
    });
    used.tool.name == "apt" && degrees.sum::<usize>() >= 2
}

/// What is installed without an answer is installed with one.
fn fix(_: &Adviser<'_>, advice: &Advice) -> Option<Fix> {
    let end = advice.span?.end;
    Some(Fix {
        edits: vec![Edit {
            span: Span::new(end, end),
            text: " -y".to_owned(),
        }],
        is_safe: true,
    })
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::{marked, mended};
    use super::*;

    #[test]
    fn who_asks() {
        let file = "FROM a\nRUN apt-get install a && apt-get -qq install b && apt-get -y install c && yes | apt-get install d\nRUN apk add x; zypper -n in y; zypper in z; dnf --assumeyes install w\nRUN yum \\\n  install v\n";
        assert_eq!(marked(&RULE, file), ["install", "in", "install"]);
        let after = file
            .replace("install a", "install -y a")
            .replace("in z", "in -y z")
            .replace("install v", "install -y v");
        assert_eq!(mended(&RULE, file), after);
    }
}
