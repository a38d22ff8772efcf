//! `ENV key value` and `LABEL key value`.

use super::{Check, Example, Fact, Rule, RuleDoc};

pub(super) const RULE: Rule = Rule {
    name: "LegacyKeyValueFormat",
    description: "ENV and LABEL take `key=value`",
    key: "legacy-key-value-format",
    is_experimental: false,
    check: Check::Fact(word),
};

pub(super) const DOC: RuleDoc = RuleDoc {
    rule: &RULE,
    why: "The form without an equals sign takes the rest of the line as the value, so it sets only one variable, and a second pair on the line silently becomes part of the first.",
    bad: Example::new("FROM alpine\nENV GREETING hello world\n"),
    good: Example::new("FROM alpine\nENV GREETING=\"hello world\"\n"),
};

fn word(fact: &Fact) -> Option<String> {
    let Fact::LegacyKeyValueFormat { instruction } = fact else { return None };
    Some(format!("`{instruction} key value` is the old form: write `{instruction} key=\"value\"`"))
}

#[cfg(test)]
mod tests {
    use super::super::testing::findings;
    use super::*;

    #[test]
    fn both_instructions() {
        assert_eq!(findings(&RULE, "FROM a\nENV a b\nLABEL a b\nENV a=b\n").len(), 2);
    }
}
