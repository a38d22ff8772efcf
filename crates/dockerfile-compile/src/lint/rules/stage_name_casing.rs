//! A stage name with capital letters.

use super::{Check, Example, Item, Rule, RuleDoc};

pub(super) const RULE: Rule = Rule {
    name: "StageNameCasing",
    description: "Names of stages are written in lower case",
    key: "stage-name-casing",
    is_experimental: false,
    check: Check::Instruction(check),
};

pub(super) const DOC: RuleDoc = RuleDoc {
    rule: &RULE,
    why: "Case does not count in names of stages, so `Builder` and `builder` are the same stage. Written in lower case everywhere, a name is not mistaken for another one, and a search finds all its uses.",
    bad: Example::new("FROM alpine AS Builder\n"),
    good: Example::new("FROM alpine AS builder\n"),
};

fn check(item: Item<'_>) -> Option<String> {
    let Item::From(from) = item else { return None };
    let (name, written) = (from.name.as_ref()?, from.name_as_written.as_ref()?);
    (name != written).then(|| format!("the stage name `{written}` has capital letters: write `{name}`"))
}

#[cfg(test)]
mod tests {
    use super::super::testing::findings;
    use super::*;

    #[test]
    fn only_the_name_counts() {
        assert_eq!(findings(&RULE, "from base as base\nFROM base as bAse\n").len(), 1);
    }
}
