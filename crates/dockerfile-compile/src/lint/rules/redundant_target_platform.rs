//! `--platform=$TARGETPLATFORM`, which is what a stage has anyway.

use super::{Check, Example, Fact, Rule, RuleDoc};

pub(super) const RULE: Rule = Rule {
    name: "RedundantTargetPlatform",
    description: "`--platform=$TARGETPLATFORM` says what holds without it",
    key: "redundant-target-platform",
    is_experimental: false,
    check: Check::Fact(word),
};

pub(super) const DOC: RuleDoc = RuleDoc {
    rule: &RULE,
    why: "A stage without `--platform` is built for the platform of the result, which is just what `$TARGETPLATFORM` says.",
    bad: Example::new("FROM --platform=$TARGETPLATFORM alpine\n"),
    good: Example::new("FROM alpine\n"),
};

fn word(fact: &Fact) -> Option<String> {
    let Fact::RedundantTargetPlatform { expression } = fact else { return None };
    Some(format!("`--platform={expression}` is what a stage has anyway: leave it out"))
}

#[cfg(test)]
mod tests {
    use super::super::testing::findings;
    use super::*;

    #[test]
    fn other_expressions() {
        for (platform, fires) in [("${TARGETPLATFORM}", true), ("$TARGETOS/amd64", false), ("$BUILDPLATFORM", false)] {
            let file = format!("FROM --platform={platform} x\n");
            assert_eq!(findings(&RULE, &file).len(), usize::from(fires), "{platform}");
        }
    }
}
