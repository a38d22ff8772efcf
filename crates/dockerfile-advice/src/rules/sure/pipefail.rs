//! A pipe whose failures nobody sees.

use shell_commands::{Join, Level};

use crate::rule::{Findings, Rule, RuleDoc};
use crate::subject::{Adviser, RunStep, Step};

/// Shells without POSIX's pipes and options.
const OTHER_SHELLS: [&str; 5] = ["pwsh", "powershell", "powershell.exe", "cmd", "cmd.exe"];

pub(super) const RULE: Rule = Rule {
    name: "sure/pipefail",
    description: "A RUN with a pipe fails when any part of the pipe does",
    check,
};

pub(super) const DOC: RuleDoc = RuleDoc {
    rule: &RULE,
    why: "A shell returns what the last command of a pipe returns. When the download in `curl … | tar …` breaks off, the step counts as done, and its half of a file is cached.",
    cost: "`pipefail` is known to bash, and to the ash of Alpine; the sh of Debian older than 13 does not know it, so the SHELL has to be bash there. A command that ends a pipe early, such as `head`, makes the one before it fail.",
    bad: "FROM debian:13\nRUN curl -fsS https://example.com/a.tar | tar -x\n",
    good: "FROM debian:13\nSHELL [\"/bin/bash\", \"-o\", \"pipefail\", \"-c\"]\nRUN curl -fsS https://example.com/a.tar | tar -x\n",
    fix: None,
    hadolint: &["DL4006"],
};

fn check(adviser: &Adviser<'_>, findings: &mut Findings) {
    for run in adviser.runs.iter().filter(|run| !is_governed(run)) {
        let mut is_set = false;
        for step in run.steps(adviser) {
            is_set |= sets_pipefail(&step);
            if is_piped(&step) && !is_set {
                let shell = match is_alpine(adviser, run.stage) {
                    true => "/bin/ash\", \"-eo",
                    false => "/bin/bash\", \"-o",
                };
                let message = format!(
                    "only the last command of this pipe can fail the step: write `SHELL [\"{shell}\", \"pipefail\", \"-c\"]` above it, or begin with `set -o pipefail;`"
                );
                findings.push_step(&step, message);
                break;
            }
        }
    }
}

/// Whether a pipe ends in a command, or in the loop or brackets that it is the first in.
fn is_piped(step: &Step<'_>) -> bool {
    let command = step.command;
    let begins = |level: &Level<'_>| {
        let others = step
            .others()
            .filter(|other| level.span.contains(&other.command.span.start));
        others.map(|other| other.command.span.start).min() == Some(command.span.start)
    };
    command.place.joined == Join::Pipe
        || step
            .levels()
            .any(|level| level.place.joined == Join::Pipe && begins(level))
}

fn is_alpine(adviser: &Adviser<'_>, stage: usize) -> bool {
    adviser
        .image_of(stage)
        .is_some_and(|image| image.contains("alpine"))
}

/// Whether a step sets the option for those behind it.
fn sets_pipefail(step: &Step<'_>) -> bool {
    let words = step.command.arguments().iter().map(|word| word.prefix());
    match step.command.program() {
        Some("set") => has_option(words),
        _ => step.command.is_shell() && has_option(words),
    }
}

fn has_option<'w>(words: impl Iterator<Item = &'w str>) -> bool {
    let mut is_next = false;
    for word in words {
        if is_next && word == "pipefail" {
            return true;
        }
        is_next = word.starts_with('-') && !word.starts_with("--") && word.ends_with('o');
    }
    false
}

/// Whether its shell sees to it, or is of another kind.
fn is_governed(run: &RunStep<'_>) -> bool {
    run.run.is_strict()
        || OTHER_SHELLS.contains(&run.shell_name().as_str())
        || has_option(run.shell_options())
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::{findings, marked};
    use super::*;

    #[test]
    fn pipes() {
        for (run, count) in [
            ("a | b", 1),
            ("a |& b | c", 1),
            ("a || b && c", 0),
            ("a | while read b; do c; done", 1),
            ("a | (b; c)", 1),
            ("(a; b) && while c; do d; done", 0),
            ("set -o pipefail && a | b", 0),
            ("set -eux -o pipefail; a | b", 0),
            ("set -euxo pipefail; a | b", 0),
            ("a | b; set -o pipefail", 1),
            ("[\"a\", \"|\", \"b\"]", 0),
            ("x \"$(a | b)\"", 1),
            ("bash -o pipefail -c 'a | b'", 0),
            ("bash -c 'a | b'", 1),
            ("echo 'a | b'", 0),
        ] {
            assert_eq!(
                findings(&RULE, &format!("FROM debian:13\nRUN {run}\n")).len(),
                count,
                "{run}"
            );
        }
    }

    #[test]
    fn shells_of_stages() {
        let file = "FROM alpine:3 AS a\nRUN a | b\nSHELL [\"/bin/ash\", \"-eo\", \"pipefail\", \"-c\"]\nRUN c | d\nFROM a\nRUN e | f\nSHELL [\"sh\"]\nRUN g | h\nSHELL [\"pwsh\", \"-c\"]\nRUN i | j\n";
        assert_eq!(marked(&RULE, file), ["b", "h"]);
        assert!(findings(&RULE, file)[0].2.contains("/bin/ash"));
        let strict = "# plimsoll=1\nFROM a\nRUN --strict a | b\nRUN c | d\n";
        assert_eq!(marked(&RULE, strict), ["d"]);
        let by_default = "# plimsoll=1,strict\nFROM a\nRUN a | b\nRUN --strict=false c | d\n";
        assert_eq!(marked(&RULE, by_default), ["d"]);
    }
}
