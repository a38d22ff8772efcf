//! `--platform=$TARGETPLATFORM`, which is what a stage has anyway.

use dockerfile_syntax::Span;

use super::{Broken, Check, Edit, Example, Fact, Fix, Item, Rule, RuleDoc};

const FLAG: &[u8] = b"--platform=";

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

pub(super) fn fix(broken: Broken<'_>) -> Option<Fix> {
    let Item::From(from) = broken.item()? else { return None };
    let platform = from.platform.as_ref()?.span;
    let before = broken.bytes(Span::new(0, platform.start));
    let flag = before.ends_with(FLAG).then(|| platform.start - FLAG.len())?;
    Fix::safe(vec![Edit::new(Span::new(flag, from.base.span.start), "")])
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
