//! An instruction that a later one undoes.

use super::{Check, Example, Fact, Rule, RuleDoc};

pub(super) const RULE: Rule = Rule {
    name: "MultipleInstructionsDisallowed",
    description: "CMD, ENTRYPOINT and HEALTHCHECK stand once in a stage",
    key: "multiple-instructions-disallowed",
    is_experimental: false,
    check: Check::Fact(word),
};

pub(super) const DOC: RuleDoc = RuleDoc {
    rule: &RULE,
    why: "Only the last one of each counts, so the ones above it do nothing.",
    bad: Example::new("FROM alpine\nCMD [\"a\"]\nCMD [\"b\"]\n"),
    good: Example::new("FROM alpine\nCMD [\"b\"]\n"),
};

fn word(fact: &Fact) -> Option<String> {
    let Fact::MultipleInstructions { instruction } = fact else { return None };
    Some(format!("another {instruction} follows in this stage, and only the last one counts: remove this one"))
}

#[cfg(test)]
mod tests {
    use super::super::testing::findings;
    use super::*;

    #[test]
    fn the_lost_ones_are_marked() {
        let file = "FROM a AS b\nCMD [\"a\"]\nCMD [\"b\"]\nCMD [\"c\"]\nFROM b\nCMD [\"d\"]\n";
        let lines: Vec<usize> = findings(&RULE, file).into_iter().map(|(line, _)| line).collect();
        assert_eq!(lines, [2, 3]);
    }
}
