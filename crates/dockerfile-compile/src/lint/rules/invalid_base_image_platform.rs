//! A base image of another platform.

use super::{Check, Example, Fact, Rule, RuleDoc};

pub(super) const RULE: Rule = Rule {
    name: "InvalidBaseImagePlatform",
    description: "The base image is of the platform that the stage is built for",
    key: "",
    is_experimental: false,
    check: Check::Fact(word),
};

pub(super) const DOC: RuleDoc = RuleDoc {
    rule: &RULE,
    why: "Programs of another processor do not run, or slowly under emulation, and the result is named after a platform that its files are not of. This happens where an image has only one platform and does not say so.",
    bad: Example::new("FROM example.com/only-arm64\n"),
    good: Example::new("FROM example.com/all\n"),
};

fn word(fact: &Fact) -> Option<String> {
    let Fact::InvalidBaseImagePlatform { image, expected, actual } = fact else { return None };
    let (expected, actual) = (expected.normalize().format_all(), actual.normalize().format_all());
    Some(format!(
        "the base image `{image}` is of {actual}, but this stage is built for {expected}: choose an image that has {expected}, or `--platform={actual}`"
    ))
}

#[cfg(test)]
mod tests {
    use super::super::testing::findings;
    use super::*;

    #[test]
    fn both_platforms_are_told() {
        let found = findings(&RULE, "FROM a\nFROM only-arm64\n");
        assert_eq!(found[0].0, 2);
        assert!(found[0].1.contains("is of linux/arm64"), "{found:?}");
        assert_eq!(findings(&RULE, "FROM --platform=linux/arm64 only-arm64\n"), []);
    }
}
