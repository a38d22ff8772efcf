//! A `FROM` that uses an argument nobody declares.

use super::{Check, Example, Fact, Rule, RuleDoc, did_you_mean};

pub(super) const RULE: Rule = Rule {
    name: "UndefinedArgInFrom",
    description: "FROM uses only arguments that are declared above the first FROM",
    key: "undefined-arg-in-from",
    is_experimental: false,
    check: Check::Fact(word),
};

pub(super) const DOC: RuleDoc = RuleDoc {
    rule: &RULE,
    why: "Only an `ARG` before the first `FROM` is seen by `FROM` lines. Any other name is empty there, and `--build-arg` cannot set it either.",
    bad: Example::new("FROM alpine:3$VARIANT\n"),
    good: Example::new("ARG VARIANT\nFROM alpine:3$VARIANT\n"),
};

fn word(fact: &Fact) -> Option<String> {
    let Fact::UndefinedArgInFrom { name, suggestion } = fact else { return None };
    let hint = did_you_mean(suggestion.as_deref());
    Some(format!(
        "no ARG above the first FROM declares `${name}`{hint}; declare it there, as in `ARG {name}=default`"
    ))
}

#[cfg(test)]
mod tests {
    use super::super::testing::findings;
    use super::*;

    #[test]
    fn a_near_name_is_told() {
        let found = findings(&RULE, "ARG VERSION=1\nFROM x:a$VERSIO\n");
        assert!(found[0].1.contains("did you mean `$VERSION`?"), "{found:?}");
    }

    #[test]
    fn the_platform_counts_too() {
        assert_eq!(findings(&RULE, "FROM --platform=${P:-linux/amd64} x\n").len(), 1);
        assert_eq!(findings(&RULE, "FROM --platform=$BUILDPLATFORM x\n"), []);
    }
}
