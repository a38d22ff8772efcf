//! `ENV key value` and `LABEL key value`.

use dockerfile_syntax::instruction::KeyValue;
use dockerfile_syntax::{Instruction, InstructionKind, Span};

use super::{Broken, Check, Edit, Example, Fact, Fix, Item, Rule, RuleDoc};

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

/// A value with quotes or escapes has another meaning behind an equals sign, but for one that is quoted as a whole.
pub(super) fn fix(broken: Broken<'_>) -> Option<Fix> {
    let Item::Other(Instruction { kind: InstructionKind::Env(pairs) | InstructionKind::Label(pairs), .. }) = broken.item()?
    else {
        return None;
    };
    let [KeyValue { key, value, legacy: true }] = pairs.as_slice() else { return None };
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-' | '/');
    if !broken.says(value) || !broken.says(key) || !key.chars().all(is_plain) {
        return None;
    }
    let is_special = |c: char| matches!(c, '"' | '\'' | '\\' | '`' | '\n' | '\r') || c == broken.file.escape;
    let inner = value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    let text = if inner.is_some_and(|inner| !inner.contains(is_special)) {
        format!("={value}")
    } else if value.contains(is_special) {
        return None;
    } else if value.contains(char::is_whitespace) {
        format!("=\"{value}\"")
    } else {
        format!("={value}")
    };
    let between = broken.bytes(Span::new(key.span.end, value.span.start));
    let is_blank = between.iter().all(|byte| matches!(byte, b' ' | b'\t'));
    Fix::safe(vec![is_blank.then(|| Edit::new(key.span.to(value.span), format!("{key}{text}")))?])
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
