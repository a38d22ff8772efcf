//! A heredoc that goes on behind a failing line.

use shell_commands::{Join, LevelKind};

use crate::rule::{Findings, Rule, RuleDoc};
use crate::subject::{Adviser, RunStep, Step};

pub(super) const RULE: Rule = Rule {
    name: "sure/heredoc-errexit",
    description: "A heredoc of several commands stops at the first that fails",
    check,
};

pub(super) const DOC: RuleDoc = RuleDoc {
    rule: &RULE,
    why: "The lines of a heredoc are a script, and a script goes on behind a command that fails: only the last one decides whether the step counts as done.",
    cost: "A command that may fail needs `|| true` then.",
    bad: "FROM alpine:3.22\nRUN <<EOF\nwget https://example.com/install.sh\nsh install.sh\nrm install.sh\nEOF\n",
    good: "FROM alpine:3.22\nRUN <<EOF\nset -e\nwget https://example.com/install.sh\nsh install.sh\nrm install.sh\nEOF\n",
    fix: None,
    hadolint: &[],
};

fn check(adviser: &Adviser<'_>, findings: &mut Findings) {
    for run in adviser.runs.iter().filter(|run| run.has_heredoc_script()) {
        if let Some((step, word)) = ungoverned(adviser, run) {
            let message = format!("the script goes on when `{word}` fails: write `set -e` in its first line");
            findings.push_step(&step, message);
        }
    }
}

/// The first command whose failure nothing notices, and its program.
fn ungoverned<'a>(adviser: &'a Adviser<'a>, run: &'a RunStep<'a>) -> Option<(Step<'a>, &'a str)> {
    if run.run.is_strict() || run.shell_options().any(is_errexit) {
        return None;
    }
    let steps = || run.steps(adviser).filter(|step| step.is_in_heredoc());
    for step in run.steps(adviser) {
        let sets = step.command.program() == Some("set") || step.command.is_shell();
        if sets
            && step
                .command
                .arguments()
                .iter()
                .any(|word| is_errexit(word.prefix()))
        {
            return None;
        }
    }
    let is_followed = |step: &Step<'_>| {
        let span = &step.command.span;
        steps().any(|other| {
            let place = other.command.place;
            place.joined == Join::Then && place.level == 0 && other.command.span.start > span.start
        })
    };
    let mut failing = steps().filter(|step| {
        let in_substitution = |kind| matches!(kind, LevelKind::Substitution);
        let level = step.levels().any(|level| in_substitution(level.kind));
        !level
            && !matches!(
                step.command.program(),
                None | Some("set" | "export" | "echo" | "cd" | "exit" | "true" | ":")
            )
    });
    let first = failing.next()?;
    is_followed(&first).then(|| (first, first.command.program().unwrap_or_default()))
}

/// Whether an option makes a shell stop at the first command that fails.
fn is_errexit(option: &str) -> bool {
    let is_short = option.starts_with('-') && !option.starts_with("--") && option.contains('e');
    is_short || option == "errexit"
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::marked;
    use super::*;

    #[test]
    fn scripts() {
        for (file, found) in [
            ("RUN <<EOF\na x\nb\nEOF\n", Some("a x")),
            ("RUN <<EOF\na x\nEOF\n", None),
            ("RUN <<EOF\na && b\nEOF\n", None),
            ("RUN <<EOF\nset -eux\na\nb\nEOF\n", None),
            ("RUN bash -e <<EOF\na\nb\nEOF\n", None),
            ("RUN bash <<EOF\na\nb\nEOF\n", Some("a")),
            ("RUN python3 <<EOF\na\nb\nEOF\n", None),
            ("SHELL [\"/bin/bash\", \"-euc\"]\nRUN <<EOF\na\nb\nEOF\n", None),
            ("RUN <<EOF\n#!/bin/sh -e\na\nb\nEOF\n", None),
            ("RUN <<EOF\n#!/usr/bin/env python3\na\nb\nEOF\n", None),
        ] {
            let found: Vec<&str> = found.into_iter().collect();
            assert_eq!(marked(&RULE, &format!("FROM a\n{file}")), found, "{file}");
        }
        let strict = "# plimsoll=1\nFROM a\nRUN --strict <<EOF\na\nb\nEOF\nRUN <<EOF\nc\nd\nEOF\n";
        assert_eq!(marked(&RULE, strict), ["c"]);
    }
}
