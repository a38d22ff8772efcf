//! `CMD` and `ENTRYPOINT` in shell form.

use super::{Check, Example, Fact, Rule, RuleDoc};

pub(super) const RULE: Rule = Rule {
    name: "JSONArgsRecommended",
    description: "CMD and ENTRYPOINT are JSON arrays, so that signals reach the program",
    key: "json-args-recommended",
    is_experimental: false,
    check: Check::Fact(word),
};

pub(super) const DOC: RuleDoc = RuleDoc {
    rule: &RULE,
    why: "In shell form a shell is the first process of the container and does not pass signals on: `docker stop` waits for its timeout and then kills the program. Where the shell is meant, a `SHELL` instruction says so.",
    bad: Example::new("FROM alpine\nCMD my-app --listen\n"),
    good: Example::new("FROM alpine\nCMD [\"my-app\", \"--listen\"]\n"),
};

fn word(fact: &Fact) -> Option<String> {
    let Fact::JsonArgsRecommended { instruction } = fact else { return None };
    Some(format!(
        "`{instruction}` runs below a shell, which does not pass signals on: write `{instruction} [\"program\", \"argument\"]`, or a SHELL instruction if the shell is meant"
    ))
}

#[cfg(test)]
mod tests {
    use super::super::testing::findings;
    use super::*;

    #[test]
    fn a_shell_of_ones_own() {
        assert_eq!(findings(&RULE, "FROM a\nSHELL [\"bash\"]\nCMD x\n"), []);
        assert_eq!(findings(&RULE, "FROM a\nENTRYPOINT x\nCMD y\n").len(), 2);
    }
}
