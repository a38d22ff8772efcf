//! A download that a shell runs as it comes.

use shell_commands::{Command, LevelKind};

use super::downloads::{is_download, url_of};
use crate::rule::{Findings, Rule, RuleDoc};
use crate::subject::{Adviser, Step};

/// What runs the text it reads.
const INTERPRETERS: [&str; 12] = [
    "sh", "bash", "ash", "dash", "zsh", "ksh", "python", "python3", "perl", "ruby", "node", "php",
];

pub(super) const RULE: Rule = Rule {
    name: "safe/pipe-to-shell",
    description: "What a shell runs has been checked before",
    check,
};

pub(super) const DOC: RuleDoc = RuleDoc {
    rule: &RULE,
    why: "In `curl … | sh` whoever has the server, or the connection to it, runs what they like in the build, another thing each day. A download that breaks off runs as far as it came.",
    cost: "The checksum has to be changed with each new version; that is what it is for.",
    bad: "FROM alpine:3.22\nRUN wget -qO- https://example.com/install.sh | sh\n",
    good: "FROM alpine:3.22\nADD --checksum=sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08 https://example.com/install.sh /tmp/\nRUN sh /tmp/install.sh\n",
    fix: None,
    hadolint: &[],
};

fn check(adviser: &Adviser<'_>, findings: &mut Findings) {
    for step in adviser.steps().filter(|step| runs_text(step.command)) {
        let Some(url) = piped(&step).or_else(|| substituted(&step)) else {
            continue;
        };
        let program = step.command.program().unwrap_or_default();
        let message = format!(
            "`{program}` runs whatever the server sends: write `ADD --checksum=sha256:… {url} /tmp/install` and run that file"
        );
        findings.push_step(&step, message);
    }
}

/// Whether a command runs what it reads, and not a file.
fn runs_text(command: &Command<'_>) -> bool {
    command
        .program()
        .is_some_and(|program| INTERPRETERS.contains(&program))
}

/// The URL that comes through a pipe in front of it.
fn piped(step: &Step<'_>) -> Option<String> {
    let first = step
        .pipeline()
        .take_while(|command| command.span.start < step.command.span.start);
    let mut downloads = first.filter(|command| is_download(command));
    let names_file = step
        .command
        .arguments()
        .iter()
        .any(|word| !word.prefix().starts_with('-') && word.prefix() != "/dev/stdin");
    // Behind `-s` and `--` are arguments of the script.
    let has_script = names_file && !step.command.has_flag(&["-s", "-"]);
    downloads.next().filter(|_| !has_script).map(url_of)
}

/// The URL within `sh -c "$(curl …)"` or `sh <(curl …)`.
fn substituted(step: &Step<'_>) -> Option<String> {
    let inside = step.others().filter(|other| is_download(other.command));
    let mut within = inside.filter(|other| {
        let span = &other.command.span;
        let is_inside = step.command.span.start < span.start && span.end <= step.command.span.end;
        let nearest = other.levels().next();
        is_inside && nearest.is_some_and(|level| level.kind == LevelKind::Substitution)
    });
    let takes_text = step.command.has_flag(&["-c", "-e"]);
    within
        .find(|_| {
            takes_text
                || step
                    .command
                    .arguments()
                    .iter()
                    .any(|word| word.raw.starts_with("<("))
        })
        .map(|other| url_of(other.command))
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::marked;
    use super::*;

    #[test]
    fn ways_to_do_it() {
        for (run, found) in [
            ("curl -fsSL https://x/y | bash", Some("bash")),
            ("curl https://x/y | sudo -E bash -", Some("sudo -E bash -")),
            ("curl https://x/y | sh -s -- -y", Some("sh -s -- -y")),
            ("curl https://x/y | gunzip | sh", Some("sh")),
            ("wget -O - https://x | tar x", None),
            ("curl https://x/y | python3 -", Some("python3 -")),
            ("curl https://x/y | python3 parse.py", None),
            ("sh -c \"$(curl https://x)\"", Some("sh -c \"$(curl https://x)\"")),
            ("bash <(curl https://x)", Some("bash <(curl https://x)")),
            ("curl -o /x https://x && sh /x", None),
            ("cat x | sh", None),
        ] {
            let found: Vec<&str> = found.into_iter().collect();
            assert_eq!(marked(&RULE, &format!("FROM a\nRUN {run}\n")), found, "{run}");
        }
    }
}
