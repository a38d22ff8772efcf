//! A protocol with capital letters.

use dockerfile_syntax::{Instruction, InstructionKind, Span};

use super::{Broken, Check, Edit, Example, Fact, Fix, Item, Rule, RuleDoc};

pub(super) const RULE: Rule = Rule {
    name: "ExposeProtoCasing",
    description: "The protocol of EXPOSE is written in lower case",
    key: "expose-proto-casing",
    is_experimental: false,
    check: Check::Fact(word),
};

pub(super) const DOC: RuleDoc = RuleDoc {
    rule: &RULE,
    why: "Tools that read the image's config know `tcp`, `udp` and `sctp`.",
    bad: Example::new("FROM alpine\nEXPOSE 80/TCP\n"),
    good: Example::new("FROM alpine\nEXPOSE 80/tcp\n"),
};

fn word(fact: &Fact) -> Option<String> {
    let Fact::ExposeProtoCasing { port } = fact else { return None };
    Some(format!("the protocol of `{port}` has capital letters: write `{}`", port.to_lowercase()))
}

/// The image's config has it in lower case anyway.
pub(super) fn fix(broken: Broken<'_>) -> Option<Fix> {
    let Item::Other(Instruction { kind: InstructionKind::Expose(ports), .. }) = broken.item()? else { return None };
    let edits = ports.iter().filter_map(|port| {
        let (_, protocol) = port.rsplit_once('/').filter(|(port, _)| !port.contains('$'))?;
        let is_mixed = protocol.chars().all(|c| c.is_ascii_alphabetic()) && protocol.to_lowercase() != protocol;
        let start = port.span.end.checked_sub(protocol.len()).filter(|_| is_mixed && broken.says(port))?;
        Some(Edit::new(Span::new(start, port.span.end), protocol.to_lowercase()))
    });
    Fix::safe(edits.collect())
}

#[cfg(test)]
mod tests {
    use super::super::testing::findings;
    use super::*;

    #[test]
    fn mixed_case() {
        assert_eq!(findings(&RULE, "FROM a\nEXPOSE 1/Udp 2/sctp 3\n").len(), 1);
    }
}
