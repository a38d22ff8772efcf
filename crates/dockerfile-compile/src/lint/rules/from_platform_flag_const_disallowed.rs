//! A `--platform` that nobody can choose.

use llb_graph::Platform;

use super::invalid_base_image_platform::unknown;
use super::{Check, Example, Fact, Rule, RuleDoc};
use crate::host;

pub(super) const RULE: Rule = Rule {
    name: "FromPlatformFlagConstDisallowed",
    description: "FROM --platform is not a constant",
    key: "from-platform-flag-const-disallowed",
    is_experimental: false,
    check: Check::Fact(word),
};

pub(super) const DOC: RuleDoc = RuleDoc {
    rule: &RULE,
    why: "With a constant the stage has this platform whatever the build is for. Use `$BUILDPLATFORM` for a stage that makes files on the machine that builds, nothing for one that becomes part of the result. A stage whose name has the system or the processor in it is left alone: there the constant is meant.",
    bad: Example::new("FROM --platform=linux/amd64 alpine\n"),
    good: Example::new("FROM --platform=$BUILDPLATFORM alpine\n"),
};

fn word(fact: &Fact) -> Option<String> {
    let Fact::FromPlatformFlagConst { platform } = fact else { return None };
    let parsed = Platform::parse(platform, &host::platform()).ok();
    if let Some(told) = parsed.and_then(|platform| unknown(&platform)) {
        return Some(format!("`--platform={platform}` is a constant, and {told}"));
    }
    Some(format!(
        "`--platform={platform}` is a constant, so nobody can build this stage for another platform: leave it out, use `$BUILDPLATFORM`, or put the platform into the name of the stage"
    ))
}

#[cfg(test)]
mod tests {
    use super::super::testing::findings;
    use super::*;

    #[test]
    fn a_slip_is_told_without_a_look_at_the_image() {
        let found = findings(&RULE, "FROM --platform=linux/arm65 x\n");
        assert!(found[0].1.ends_with("linux/arm65 is no platform that images are made for (did you mean linux/arm64?)"), "{found:?}");
        let found = findings(&RULE, "FROM --platform=linux/arm/v7 x\n");
        assert!(found[0].1.contains("nobody can build"), "{found:?}");
    }

    #[test]
    fn a_telling_name_is_fine() {
        let file = |name| format!("FROM --platform=linux/amd64 x AS {name}\n");
        assert_eq!(findings(&RULE, &file("base-amd64")), []);
        assert_eq!(findings(&RULE, &file("linux")), []);
        assert_eq!(findings(&RULE, &file("base")).len(), 1);
    }
}
