//! A variable that nothing above sets.

use super::{Check, Example, Fact, Rule, RuleDoc, did_you_mean};
use crate::facts::Outside;

pub(super) const RULE: Rule = Rule {
    name: "UndefinedVar",
    description: "A variable is set before it is used",
    key: "undefined-var",
    is_experimental: false,
    check: Check::Fact(word),
};

pub(super) const DOC: RuleDoc = RuleDoc {
    rule: &RULE,
    why: "A variable that no `ENV`, `ARG` or base image sets is empty. Most often its name is misspelled, or its `ARG` stands in another stage: arguments do not reach over a `FROM`.",
    bad: Example::new("FROM alpine\nCOPY $SOURCE /app\n"),
    good: Example::new("FROM alpine\nARG SOURCE=src\nCOPY $SOURCE /app\n"),
};

fn word(fact: &Fact) -> Option<String> {
    let Fact::UndefinedVar { name, suggestion, outside } = fact else { return None };
    match outside {
        Some(Outside::Line(line)) => {
            return Some(format!("{line} declares `${name}` outside of stages; repeat `ARG {name}` in this one"));
        }
        Some(Outside::BuiltIn) => {
            return Some(format!("`${name}` is an argument outside of stages; write `ARG {name}` in this one to have it"));
        }
        None => {}
    }
    let hint = did_you_mean(suggestion.as_deref());
    Some(format!(
        "nothing in this stage sets `${name}` above{hint}; declare it with `ARG {name}` or `ENV {name}=value`"
    ))
}

#[cfg(test)]
mod tests {
    use super::super::testing::findings;
    use super::*;

    #[test]
    fn where_variables_come_from() {
        assert_eq!(findings(&RULE, "FROM a\nENV X=1\nFROM a\nUSER $X\n").len(), 1);
        assert_eq!(findings(&RULE, "FROM a AS b\nENV X=1\nFROM b\nUSER $X\n"), []);
        assert_eq!(findings(&RULE, "FROM a\nARG X\nUSER $X\n"), []);
        assert_eq!(findings(&RULE, "FROM a\nRUN echo $X\n"), []);
    }

    #[test]
    fn a_comment_switches_it_off() {
        assert_eq!(findings(&RULE, "FROM a\n# check=skip=UndefinedVar\nUSER $X\n"), []);
    }

    #[test]
    fn a_near_name_is_told() {
        let found = findings(&RULE, "FROM a\nENV HOMES=1\nCOPY $HOMS /\n");
        assert!(found[0].1.contains("did you mean `$HOMES`?"), "{found:?}");
    }
}
