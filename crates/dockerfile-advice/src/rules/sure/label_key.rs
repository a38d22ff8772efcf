//! Keys of labels that Docker reserves or advises against.

use dockerfile_syntax::InstructionKind;

use crate::rule::{Findings, Rule, RuleDoc};
use crate::subject::Adviser;

/// Docker's own.
const RESERVED: [&str; 3] = ["com.docker.", "io.docker.", "org.dockerproject."];

pub(super) const RULE: Rule = Rule {
    name: "sure/label-key",
    description: "The key of a label is in lower case and in a namespace that is free",
    check,
};

pub(super) const DOC: RuleDoc = RuleDoc {
    rule: &RULE,
    why: "Docker's guidelines: a key begins with a small letter, ends with one or a digit, and has small letters, digits, dots, dashes, underscores and slashes between, no two dots or dashes in a row; three namespaces are Docker's own. Tools that read labels rely on it.",
    cost: "What reads the old key has to learn the new one.",
    bad: "FROM alpine:3.22\nLABEL Maintainer=\"me\"\n",
    good: "FROM alpine:3.22\nLABEL org.opencontainers.image.authors=\"me\"\n",
    fix: None,
    hadolint: &["DL3048"],
};

fn check(adviser: &Adviser<'_>, findings: &mut Findings) {
    for instruction in adviser.stages.iter().flat_map(|stage| stage.instructions) {
        let InstructionKind::Label(pairs) = &instruction.kind else {
            continue;
        };
        for key in pairs.iter().map(|pair| &pair.key) {
            if let Some(why) = fault(key.trim_matches(['"', '\''])) {
                findings.push(&instruction.meta, key.span, format!("the key `{key}` {why}"));
            }
        }
    }
}

fn fault(key: &str) -> Option<&'static str> {
    let is_known = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-_/".contains(&byte);
    let (first, last) = (key.bytes().next()?, key.bytes().next_back()?);
    if key.contains('$') {
        return None;
    }
    if RESERVED.iter().any(|start| key.starts_with(start)) {
        return Some("is in a namespace of Docker's: begin with a domain of your own, written backwards");
    }
    if !key.bytes().all(is_known) {
        return Some(
            "has other characters than small letters, digits, dots, dashes, underscores and slashes: leave them out",
        );
    }
    if !first.is_ascii_lowercase() || !(last.is_ascii_lowercase() || last.is_ascii_digit()) {
        return Some("must begin with a small letter and end with one or a digit");
    }
    (key.contains("..") || key.contains("--")).then_some("has two dots or dashes in a row: write one")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys() {
        for key in ["a", "org.opencontainers.image.url", "a-b_c/d1", "$X"] {
            assert_eq!(fault(key), None, "{key}");
        }
        for key in ["A", "a.", "-a", "a..b", "a--b", "com.docker.x", "a b", "1a"] {
            assert!(fault(key).is_some(), "{key}");
        }
    }
}
