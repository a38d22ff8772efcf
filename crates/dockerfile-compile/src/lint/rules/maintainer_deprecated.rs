//! `MAINTAINER`, long replaced by a label.

use dockerfile_syntax::{Instruction, InstructionKind};

use super::{Check, Example, Item, Rule, RuleDoc};
use crate::go::text::quote;

pub(super) const RULE: Rule = Rule {
    name: "MaintainerDeprecated",
    description: "MAINTAINER is deprecated: a label names the authors of an image",
    key: "maintainer-deprecated",
    is_experimental: false,
    check: Check::Instruction(check),
};

pub(super) const DOC: RuleDoc = RuleDoc {
    rule: &RULE,
    why: "Tools read labels, and `org.opencontainers.image.authors` is the one that the OCI image specification has for the authors.",
    bad: Example::new("FROM alpine\nMAINTAINER jo@example.com\n"),
    good: Example::new("FROM alpine\nLABEL org.opencontainers.image.authors=\"jo@example.com\"\n"),
};

fn check(item: Item<'_>) -> Option<String> {
    let name = match item {
        Item::Other(Instruction { kind: InstructionKind::Maintainer(name), .. }) => name,
        Item::Unreadable(wrong) if wrong.meta.keyword.eq_ignore_ascii_case("MAINTAINER") => "",
        _ => return None,
    };
    let label = format!("LABEL org.opencontainers.image.authors={}", quote(name));
    Some(format!("MAINTAINER is deprecated: write `{label}`"))
}

#[cfg(test)]
mod tests {
    use super::super::testing::findings;
    use super::*;

    #[test]
    fn the_label_is_spelled_out() {
        let found = findings(&RULE, "FROM a\nMAINTAINER \"Jo\" <j@x>\n");
        assert!(found[0].1.ends_with(r#"authors="\"Jo\" <j@x>"`"#), "{found:?}");
    }
}
