//! A source that the ignore file keeps out.

use super::{Check, Example, Fact, Rule, RuleDoc};

pub(super) const RULE: Rule = Rule {
    name: "CopyIgnoredFile",
    description: "COPY and ADD name no file that the ignore file keeps out",
    key: "copy-ignored-file",
    is_experimental: false,
    check: Check::Fact(word),
};

pub(super) const DOC: RuleDoc = RuleDoc {
    rule: &RULE,
    why: "Files that match the ignore file are not sent to the build, so it fails where an instruction wants one of them.",
    bad: Example { dockerfile: "FROM scratch\nCOPY notes/todo.md /\n", ignore: "notes\n" },
    good: Example { dockerfile: "FROM scratch\nCOPY src/main.c /\n", ignore: "notes\n" },
};

fn word(fact: &Fact) -> Option<String> {
    let Fact::CopyIgnoredFile { instruction, path } = fact else { return None };
    let instruction = instruction.to_uppercase();
    Some(format!(
        "{instruction} wants `{path}`, which the ignore file keeps out of the build: change one of them, or let it in with a line `!{path}`"
    ))
}

#[cfg(test)]
mod tests {
    use super::super::testing::findings_with;
    use super::*;

    #[test]
    fn patterns() {
        for (ignore, source, fires) in [
            ("a", "a", true),
            ("a", "a/b", true),
            ("a\n!a/b", "a/c", false),
            ("a", ".", false),
            ("*", ".", true),
            ("", "a", false),
        ] {
            let file = format!("FROM x\nCOPY {source} /\nADD {source} /\n");
            let found = findings_with(&RULE, &file, ignore);
            assert_eq!(found.len(), 2 * usize::from(fires), "{source} with {ignore:?}");
        }
        assert_eq!(findings_with(&RULE, "FROM x AS y\nFROM x\nCOPY --from=y a /\n", "a"), []);
    }
}
