//! A base image of another platform.

use dockerfile_syntax::suggest;
use llb_graph::Platform;

use super::{Check, Example, Fact, Rule, RuleDoc};

/// What images are made for: the processors that Go's compiler knows.
const ARCHITECTURES: [&str; 14] = [
    "amd64", "arm64", "arm", "386", "ppc64le", "s390x", "riscv64", "loong64", "mips64le", "mips64", "mipsle", "mips", "ppc64",
    "wasm",
];

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

/// What there is to say of a platform that no image is made for.
pub(super) fn unknown(platform: &Platform) -> Option<String> {
    let architecture = platform.architecture.as_str();
    if ARCHITECTURES.contains(&architecture) {
        return None;
    }
    let shown = platform.format_all();
    let hint = suggest::nearest(architecture, &ARCHITECTURES, true);
    let hint = hint.map(|close| shown.replacen(architecture, &close, 1));
    let hint = hint.map(|close| format!(" (did you mean {close}?)")).unwrap_or_default();
    Some(format!("{shown} is no platform that images are made for{hint}"))
}

fn word(fact: &Fact) -> Option<String> {
    let Fact::InvalidBaseImagePlatform { image, expected, actual } = fact else { return None };
    let (expected, actual) = (expected.normalize(), actual.normalize().format_all());
    if let Some(told) = unknown(&expected) {
        return Some(format!("{told}; the base image `{image}` is of {actual}"));
    }
    let expected = expected.format_all();
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
    #[test]
    fn a_slip_in_a_platform_is_told() {
        let found = findings(&RULE, "FROM --platform=linux/arm65 only-arm64\n");
        assert!(found[0].1.contains("linux/arm65 is no platform that images are made for (did you mean linux/arm64?)"), "{found:?}");
        let found = findings(&RULE, "FROM --platform=linux/vax only-arm64\n");
        assert!(found[0].1.contains("linux/vax is no platform that images are made for; the base"), "{found:?}");
    }
}
