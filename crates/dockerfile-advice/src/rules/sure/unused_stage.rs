//! A stage that nothing needs.

use crate::rule::{Findings, Rule, RuleDoc};
use crate::subject::Adviser;

pub(super) const RULE: Rule = Rule {
    name: "sure/unused-stage",
    description: "Every stage is needed by the target, or has a name to be built by",
    check,
};

pub(super) const DOC: RuleDoc = RuleDoc {
    rule: &RULE,
    why: "A stage that nothing reads is never built, so nobody notices when it stops to work; most often a `--from` names another stage than was meant.",
    cost: "None. A stage that is a target of its own, such as for tests, has a name, and is left alone.",
    bad: "FROM golang:1.25\nRUN go build -o /app .\nFROM alpine:3.22\nCOPY app /app\n",
    good: "FROM golang:1.25 AS build\nRUN go build -o /app .\nFROM alpine:3.22\nCOPY --from=build /app /app\n",
    fix: None,
    hadolint: &[],
};

/// With a name it may be the target of another build.
fn check(adviser: &Adviser<'_>, findings: &mut Findings) {
    for stage in adviser
        .stages
        .iter()
        .filter(|stage| !stage.is_needed && stage.from.name.is_none())
    {
        let message = "nothing reads this stage, and it has no name to be built by: copy from it, give it a name, or take it out";
        findings.push(&stage.from.meta, stage.from.base.span, message);
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::marked;
    use super::*;

    #[test]
    fn stages() {
        let file = "FROM a\nFROM b AS n\nFROM c\nFROM d\nCOPY --from=2 / /\n";
        assert_eq!(marked(&RULE, file), ["a"]);
    }
}
