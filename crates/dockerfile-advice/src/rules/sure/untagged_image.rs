//! A base image without a tag.

use super::images::{Image, images};
use crate::rule::{Findings, Rule, RuleDoc};
use crate::subject::Adviser;

pub(super) const RULE: Rule = Rule {
    name: "sure/untagged-image",
    description: "A base image has a tag",
    check,
};

pub(super) const DOC: RuleDoc = RuleDoc {
    rule: &RULE,
    why: "An image without a tag is the one called `latest`: whatever was pushed last. A new major version comes into the build on the day of its release.",
    cost: "Somebody has to raise the version. Tools that send pull requests for it read these tags.",
    bad: "FROM alpine\nCMD [\"sh\"]\n",
    good: "FROM alpine:3.22\nCMD [\"sh\"]\n",
    fix: None,
    hadolint: &["DL3006"],
};

fn check(adviser: &Adviser<'_>, findings: &mut Findings) {
    for Image {
        meta,
        span,
        name,
        tag,
        is_pinned,
    } in images(adviser)
    {
        if tag.is_none() && !is_pinned {
            let message = format!(
                "`{name}` has no tag, so it is whatever was pushed last: name a version, such as `{name}:1.2`"
            );
            findings.push(meta, span, message);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::marked;
    use super::*;

    #[test]
    fn names() {
        let file =
            "ARG I=a/b\nFROM $I\nFROM scratch\nFROM $U\nFROM h:5000/a AS x\nFROM x\nCOPY --from=n/m /a /b\n";
        assert_eq!(marked(&RULE, file), ["$I", "h:5000/a", "n/m"]);
    }
}
