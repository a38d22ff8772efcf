//! `FROM` and `AS` in different cases.

use dockerfile_syntax::{lower, upper};

use super::{Broken, Check, Edit, Example, Fix, Item, Rule, RuleDoc};

pub(super) const RULE: Rule = Rule {
    name: "FromAsCasing",
    description: "`FROM` and its `AS` are written in the same case",
    key: "from-as-casing",
    is_experimental: false,
    check: Check::Instruction(check),
};

pub(super) const DOC: RuleDoc = RuleDoc {
    rule: &RULE,
    why: "Keywords may be in any case, but a line that mixes `FROM` and `as` is harder to read than one that does not.",
    bad: Example::new("FROM alpine as builder\n"),
    good: Example::new("FROM alpine AS builder\n"),
};

fn check(item: Item<'_>) -> Option<String> {
    let (keyword, written): (&str, &str) = match item {
        Item::From(from) => (&from.meta.keyword, from.as_keyword.as_deref()?),
        Item::Unreadable(wrong) if wrong.meta.keyword.eq_ignore_ascii_case("FROM") => match wrong.words.as_slice() {
            [_, written, _, ..] => (&wrong.meta.keyword, written),
            _ => return None,
        },
        _ => return None,
    };
    let wanted = if keyword == "from" {
        "as"
    } else if keyword == "FROM" {
        "AS"
    } else {
        // A keyword of mixed case is another rule's business.
        return None;
    };
    let is_in_case = match wanted {
        "as" => lower(written) == written,
        _ => written == "AS" || upper(written) == written,
    };
    // In the reference a byte that is no text has no case at all.
    let is_text = item.meta().invalid_utf8.is_none() || !written.contains(char::REPLACEMENT_CHARACTER);
    (!is_in_case || !is_text).then(|| format!("`{written}` is not in the case of `{keyword}`: write `{wanted}`"))
}

pub(super) fn fix(broken: Broken<'_>) -> Option<Fix> {
    let Item::From(from) = broken.item()? else { return None };
    let keyword = &from.meta.keyword;
    let wanted = if **keyword == *keyword.to_lowercase() { "as" } else { "AS" };
    Fix::safe(vec![Edit::new(broken.as_keyword()?, wanted)])
}

#[cfg(test)]
mod tests {
    use super::super::testing::findings;
    use super::*;

    #[test]
    fn every_case() {
        for (line, fires) in [
            ("from a as b", false),
            ("from a AS b", true),
            ("FROM a As b", true),
            ("From a as b", false),
            ("FROM a", false),
        ] {
            assert_eq!(findings(&RULE, &format!("{line}\n")).len(), usize::from(fires), "{line}");
        }
    }
}
