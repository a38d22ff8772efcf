//! A stage name with capital letters.

use std::borrow::Cow;

use super::{Broken, Check, Edit, Example, Fix, Item, Rule, RuleDoc};

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
    let (name, written): (Cow<'_, str>, &str) = match item {
        Item::From(from) => (from.name.as_deref()?.into(), from.name_as_written.as_deref()?),
        Item::Unreadable(wrong) if wrong.meta.keyword.eq_ignore_ascii_case("FROM") => match wrong.words.as_slice() {
            // In the reference a byte that is no text has another lower case.
            [_, _, written] if wrong.meta.invalid_utf8.is_some() => (written.to_lowercase().replace('\u{fffd}', "").into(), written),
            [_, _, written] => (written.to_lowercase().into(), written),
            _ => return None,
        },
        _ => return None,
    };
    (name != written).then(|| format!("the stage name `{written}` has capital letters: write `{name}`"))
}

/// Case does not count where the name is used.
pub(super) fn fix(broken: Broken<'_>) -> Option<Fix> {
    let Item::From(from) = broken.item()? else { return None };
    let (name, written) = (from.name.as_ref()?, from.name_as_written.as_deref()?);
    let is_there = broken.bytes(name.span) == written.as_bytes();
    Fix::safe(vec![is_there.then(|| Edit::new(name.span, name.as_str()))?])
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
