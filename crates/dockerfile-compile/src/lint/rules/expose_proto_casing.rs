//! A protocol with capital letters.

use super::{Check, Example, Fact, Rule, RuleDoc};

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

#[cfg(test)]
mod tests {
    use super::super::testing::findings;
    use super::*;

    #[test]
    fn mixed_case() {
        assert_eq!(findings(&RULE, "FROM a\nEXPOSE 1/Udp 2/sctp 3\n").len(), 1);
    }
}
