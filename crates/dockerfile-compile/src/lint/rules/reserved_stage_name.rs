//! A stage that is called `scratch` or `context`.

use dockerfile_syntax::{Dockerfile, Stage};

use super::{Check, Example, Findings, Rule, RuleDoc};

pub(super) const RULE: Rule = Rule {
    name: "ReservedStageName",
    description: "A stage is not called `scratch` or `context`: these names have a meaning of their own",
    key: "reserved-stage-name",
    is_experimental: false,
    check: Check::Stages(check),
};

pub(super) const DOC: RuleDoc = RuleDoc {
    rule: &RULE,
    why: "`scratch` is the empty image and `context` the files of the build. A stage of this name hides them, or cannot be reached itself.",
    bad: Example::new("FROM alpine AS scratch\n"),
    good: Example::new("FROM alpine AS base\n"),
};

/// Names that mean something else already, with what they mean.
const RESERVED: [(&str, &str); 2] = [("context", "the files of the build"), ("scratch", "the empty image")];

fn check(file: &Dockerfile) -> Findings {
    let word = |stage: &Stage| {
        let name = stage.from.name.as_deref()?;
        let (_, meaning) = RESERVED.iter().find(|(reserved, _)| *reserved == name)?;
        let message = format!("`{name}` already means {meaning}: give the stage another name");
        Some((stage.from.meta.lines, message))
    };
    file.stages.iter().filter_map(word).collect()
}

#[cfg(test)]
mod tests {
    use super::super::testing::findings;
    use super::*;

    #[test]
    fn case_does_not_help() {
        assert_eq!(findings(&RULE, "FROM a AS Context\nFROM b AS contexts\n").len(), 1);
    }
}
