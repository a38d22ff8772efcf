//! `MAINTAINER`, long replaced by a label.

use dockerfile_syntax::{Instruction, InstructionKind};

use super::{Broken, Check, Edit, Example, Fix, Item, Rule, RuleDoc};
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

/// The image gets a label and no author.
pub(super) fn fix(broken: Broken<'_>) -> Option<Fix> {
    let Item::Other(Instruction { kind: InstructionKind::Maintainer(name), meta }) = broken.item()? else { return None };
    if !broken.says(name) || !broken.says(&meta.keyword) || name.contains(char::is_control) {
        return None;
    }
    // Quotes around it were meant as such.
    let inner = name.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    let text = inner.filter(|inner| !inner.contains('"')).unwrap_or(name);
    let mut value = String::new();
    for c in text.chars() {
        if matches!(c, '"' | '$') || c == broken.file.escape {
            value.push(broken.file.escape);
        }
        value.push(c);
    }
    let is_lower = *meta.keyword == *meta.keyword.to_lowercase();
    let label = if is_lower { "label" } else { "LABEL" };
    let span = meta.keyword.span.to(name.span);
    Fix::not_safe(Edit::new(span, format!("{label} org.opencontainers.image.authors=\"{value}\"")))
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
