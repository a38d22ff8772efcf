//! A base image that is pushed anew under its tag, below which everything is built again.

use shell_commands::Action;

use crate::rule::{Findings, Rule, RuleDoc};
use crate::stages::Base;
use crate::subject::Adviser;

/// Words in tags that name no version. `latest` has a rule of its own.
const MOVING: [&str; 18] = [
    "beta",
    "canary",
    "current",
    "dev",
    "devel",
    "edge",
    "experimental",
    "insiders",
    "main",
    "master",
    "nightly",
    "rawhide",
    "rolling",
    "sid",
    "snapshot",
    "stable",
    "testing",
    "unstable",
];

pub(super) const RULE: Rule = Rule {
    name: "fast/moving-base",
    description: "What takes long is not built on a tag that changes every day",
    check,
};

pub(super) const DOC: RuleDoc = RuleDoc {
    rule: &RULE,
    why: "The digest of the base image is in the key of every step of its stage. When `nightly` or `edge` is pushed again, nothing below it comes from the cache: all packages are installed and all sources compiled once more, on each machine at another time.",
    cost: "Somebody has to raise the version or the digest. Tools that send pull requests for it read these tags.",
    bad: "FROM alpine:edge\nRUN apk add --no-cache curl\n",
    good: "FROM alpine:3.22\nRUN apk add --no-cache curl\n",
    fix: None,
    hadolint: &[],
};

fn check(adviser: &Adviser<'_>, findings: &mut Findings) {
    let costly = costly(adviser);
    for (index, stage) in adviser.stages.iter().enumerate() {
        let Base::Image(image) = &stage.base else { continue };
        let Some(line) = costly.get(index).copied().flatten() else {
            continue;
        };
        if let Some((name, tag)) = moving_tag(image) {
            let line = adviser.told_line(line);
            let message = format!(
                "whenever `{tag}` is pushed again, {line} and all the others here are built again: name a version, or a digest as in `{name}:{tag}@sha256:…`"
            );
            findings.push(&stage.from.meta, stage.from.base.span, message);
        }
    }
}

/// Of each stage the first line that installs or compiles, in it or in one that is built on it.
fn costly(adviser: &Adviser<'_>) -> Vec<Option<usize>> {
    let mut lines: Vec<Option<usize>> = vec![None; adviser.stages.len()];
    for step in adviser.steps() {
        let is_costly = step.command.tool().is_some_and(|used| {
            matches!(
                used.action,
                Action::Install | Action::Upgrade | Action::Download | Action::Build
            )
        });
        if let Some(line) = lines.get_mut(step.run.stage).filter(|_| is_costly) {
            line.get_or_insert(step.meta().lines.start);
        }
    }
    for (index, stage) in adviser.stages.iter().enumerate().rev() {
        let line = lines.get(index).copied().flatten();
        if let Base::Stage(base) = stage.base
            && let Some(of_base) = lines.get_mut(base)
        {
            *of_base = of_base.or(line);
        }
    }
    lines
}

/// The name and the tag of an image whose tag names no version.
fn moving_tag(image: &str) -> Option<(&str, &str)> {
    if image.contains('@') {
        return None;
    }
    let (name, tag) = image.rsplit_once(':').filter(|(_, tag)| !tag.contains('/'))?;
    let mut words = tag.split(['-', '_', '.']);
    let is_moving = words.any(|word| MOVING.contains(&word));
    // `nightly-2025-11-01` stays what it is.
    let has_version = tag
        .split(['-', '_'])
        .any(|word| word.starts_with(|c: char| c.is_ascii_digit()));
    (is_moving && !has_version).then_some((name, tag))
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::marked;
    use super::*;

    #[test]
    fn tags_and_what_is_below() {
        for (file, found) in [
            ("FROM rust:nightly\nRUN cargo build\n", Some("rust:nightly")),
            (
                "FROM debian:stable-slim AS a\nFROM a\nRUN apt-get install b\n",
                Some("debian:stable-slim"),
            ),
            ("FROM rust:nightly\nRUN x\n", None),
            ("FROM rust:nightly-2025-11-01\nRUN cargo build\n", None),
            ("FROM nginx:1.29-stable\nRUN apt-get install b\n", None),
            ("FROM debian:latest\nRUN apt-get install b\n", None),
            ("FROM debian\nRUN apt-get install b\n", None),
            ("FROM h:5000/edge\nRUN apt-get install b\n", None),
            (
                "FROM a:edge@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\nRUN apt-get install b\n",
                None,
            ),
        ] {
            let found: Vec<&str> = found.into_iter().collect();
            assert_eq!(marked(&RULE, file), found, "{file}");
        }
    }
}
