//! A download that draws its progress into the log.

use dockerfile_compile::{Edit, Fix};
use dockerfile_syntax::Span;
use shell_commands::Operator;

use crate::rule::{Advice, Findings, Rule, RuleDoc};
use crate::subject::{Adviser, Step};

/// Flags with which wget says little, or says it elsewhere.
const FLAGS: [&str; 10] = [
    "-q",
    "--quiet",
    "-nv",
    "--no-verbose",
    "-o",
    "--output-file",
    "-a",
    "--append-output",
    "--progress",
    "--spider",
];

/// Images with the wget of GNU.
const WITH_GNU: [&str; 10] = [
    "debian",
    "ubuntu",
    "buildpack-deps",
    "fedora",
    "centos",
    "rockylinux",
    "almalinux",
    "amazonlinux",
    "archlinux",
    "opensuse",
];

pub(super) const RULE: Rule = Rule {
    name: "fast/wget-progress",
    description: "wget does not draw its progress into the log of the build",
    check,
};

pub(super) const DOC: RuleDoc = RuleDoc {
    rule: &RULE,
    why: "Where wget has no terminal it writes a line of dots for every 50 kB. BuildKit sends each of them to the client and keeps them with the build, and beyond 2 MB it cuts the log of the step off, the error that one looks for included.",
    cost: "With `-nv` one sees a download when it is done. `--progress=dot:giga` draws a line for every 32 MB.",
    bad: "FROM debian:13\nRUN wget https://example.com/a.tar\n",
    good: "FROM debian:13\nRUN wget -nv https://example.com/a.tar\n",
    fix: Some(fix),
    hadolint: &["DL3047"],
};

fn check(adviser: &Adviser<'_>, findings: &mut Findings) {
    for step in adviser.steps() {
        let command = step.command;
        if command.program() != Some("wget") || command.has_flag(&FLAGS) || is_sent_elsewhere(&step) {
            continue;
        }
        let Some(word) = command.invocation().first() else {
            continue;
        };
        let flag = flag(adviser, step.run.stage).0;
        let message = format!("this writes its progress into the log, line after line: write `wget {flag}`");
        findings.push(step.meta(), step.span_of(&word.span), message);
    }
}

/// Whether what it says goes to a file.
fn is_sent_elsewhere(step: &Step<'_>) -> bool {
    step.command.redirects.iter().any(|redirect| {
        let is_errors =
            redirect.fd == Some("2") && matches!(redirect.operator, Operator::Write | Operator::Append);
        is_errors || redirect.operator == Operator::WriteAll
    })
}

/// The flag for the wget of a stage, and whether it surely is that one: busybox does not know `-nv`.
fn flag(adviser: &Adviser<'_>, stage: usize) -> (&'static str, bool) {
    let image = adviser.image_of(stage).unwrap_or_default();
    if image.contains("alpine") || image.contains("busybox") {
        return ("-q", true);
    }
    let name = image.split([':', '@']).next().unwrap_or_default();
    ("-nv", WITH_GNU.contains(&name))
}

fn fix(adviser: &Adviser<'_>, advice: &Advice) -> Option<Fix> {
    let end = advice.span?.end;
    let (flag, is_safe) = flag(adviser, adviser.stage_at(advice.lines.start)?);
    Some(Fix {
        edits: vec![Edit {
            span: Span::new(end, end),
            text: format!(" {flag}"),
        }],
        is_safe,
    })
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::{marked, mended};
    use super::*;

    #[test]
    fn flags() {
        for (run, count) in [
            ("wget u", 1),
            ("sudo wget -O f u", 1),
            ("wget -qO- u | sh", 0),
            ("wget -nv u", 0),
            ("wget --progress=dot:giga u", 0),
            ("wget -o log u", 0),
            ("wget u 2>/dev/null", 0),
            ("wget u &>/dev/null", 0),
            ("wget u >/dev/null", 1),
            ("apt-get install wget", 0),
        ] {
            assert_eq!(
                marked(&RULE, &format!("FROM a\nRUN {run}\n")).len(),
                count,
                "{run}"
            );
        }
    }

    #[test]
    fn flag_of_the_program_that_is_there() {
        for (image, flag) in [("debian:13", "-nv"), ("alpine:3", "-q"), ("mine", "-nv")] {
            let file = format!("FROM {image}\nRUN x \\\n && wget u\n");
            assert_eq!(
                mended(&RULE, &file),
                file.replace("wget", &format!("wget {flag}"))
            );
        }
    }
}
