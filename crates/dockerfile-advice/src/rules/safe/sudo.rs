//! sudo in a build.

use dockerfile_compile::{Edit, Fix};
use dockerfile_syntax::Span;

use crate::rule::{Advice, Findings, Rule, RuleDoc};
use crate::subject::Adviser;

const PROGRAMS: [&str; 2] = ["sudo", "doas"];

pub(super) const RULE: Rule = Rule {
    name: "safe/sudo",
    description: "A build changes users with USER, not with sudo",
    check,
};

pub(super) const DOC: RuleDoc = RuleDoc {
    rule: &RULE,
    why: "A build runs as root until a USER says otherwise, so sudo does nothing there but to stay in the image: a program that makes any user root, for whoever breaks into a container.",
    cost: "Where a base image ends with another user, a `USER root` goes above the RUN, and the user's name below it.",
    bad: "FROM debian:13\nRUN sudo apt-get update\n",
    good: "FROM debian:13\nRUN apt-get update\n",
    fix: Some(fix),
    hadolint: &["DL3004"],
};

fn check(adviser: &Adviser<'_>, findings: &mut Findings) {
    for step in adviser.steps() {
        let wrapper = step.command.words.iter().find(|word| {
            let name = word
                .literal()
                .map(|path| path.rsplit('/').next().unwrap_or_default());
            name.is_some_and(|name| PROGRAMS.contains(&name))
        });
        let is_run = step
            .command
            .program()
            .is_some_and(|program| PROGRAMS.contains(&program));
        let in_front = || {
            step.command
                .wrappers()
                .iter()
                .find(|word| wrapper.is_some_and(|found| found.span == word.span))
        };
        let Some(word) = wrapper.filter(|_| is_run || in_front().is_some()) else {
            continue;
        };
        let message = format!(
            "a RUN is root's until a USER says otherwise: leave `{word}` out, or write `USER root` above",
            word = word.raw
        );
        findings.push(step.meta(), step.span_of(&word.span), message);
    }
}

/// The stage may run as another user.
fn fix(adviser: &Adviser<'_>, advice: &Advice) -> Option<Fix> {
    let span = advice.span?;
    let behind = adviser.source.get(span.end..)?;
    let blanks = behind.iter().take_while(|byte| **byte == b' ').count();
    // Its own flags would be left.
    let has_flags = behind.get(blanks) == Some(&b'-');
    (blanks > 0 && !has_flags).then(|| Fix {
        edits: vec![Edit {
            span: Span::new(span.start, span.end + blanks),
            text: String::new(),
        }],
        is_safe: false,
    })
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::{marked, mended};
    use super::*;

    #[test]
    fn in_front_of_programs() {
        let file = "FROM a\nRUN echo sudo && sudo x \\\n && env A=b sudo -E y; apt-get install sudo\nRUN if sudo true; then doas z; fi\n";
        assert_eq!(marked(&RULE, file), ["sudo", "sudo", "sudo", "doas"]);
        let after = "FROM a\nRUN echo sudo && x \\\n && env A=b sudo -E y; apt-get install sudo\nRUN if true; then z; fi\n";
        assert_eq!(mended(&RULE, file), after);
    }
}
