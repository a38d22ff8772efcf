//! A base that is no image name unless a build argument helps.

use super::{Check, Example, Fact, Rule, RuleDoc};

pub(super) const RULE: Rule = Rule {
    name: "InvalidDefaultArgInFrom",
    description: "The defaults of global arguments give a base image that exists by name",
    key: "invalid-default-arg-in-from",
    is_experimental: false,
    check: Check::Fact(word),
};

pub(super) const DOC: RuleDoc = RuleDoc {
    rule: &RULE,
    why: "Without `--build-arg` the base below is empty or no image name, so a plain build of the file fails. A default makes it work for everyone.",
    bad: Example::new("ARG TAG\nFROM alpine:$TAG\n"),
    good: Example::new("ARG TAG=3\nFROM alpine:$TAG\n"),
};

fn word(fact: &Fact) -> Option<String> {
    let Fact::InvalidDefaultArgInFrom { base } = fact else { return None };
    Some(format!("without build arguments `{base}` is no image name: give its ARG a default that makes it one"))
}

#[cfg(test)]
mod tests {
    use super::super::testing::findings;
    use super::*;

    #[test]
    fn defaults_and_alternatives() {
        assert_eq!(findings(&RULE, "ARG A\nFROM $A\n").len(), 1);
        assert_eq!(findings(&RULE, "ARG A\nFROM x:$A\n").len(), 1);
        assert_eq!(findings(&RULE, "ARG A=x\nFROM $A\n"), []);
        assert_eq!(findings(&RULE, "ARG A\nFROM ${A:-x}\n"), []);
        assert_eq!(findings(&RULE, "ARG A\nFROM x:a${A}\n"), []);
    }
}
