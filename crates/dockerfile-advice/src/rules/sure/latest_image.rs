//! A base image with the tag `latest`.

use super::images::{Image, images};
use crate::rule::{Findings, Rule, RuleDoc};
use crate::subject::Adviser;

pub(super) const RULE: Rule = Rule {
    name: "sure/latest-image",
    description: "A base image has a tag that says which version it is",
    check,
};

pub(super) const DOC: RuleDoc = RuleDoc {
    rule: &RULE,
    why: "`latest` is whatever was pushed last. A new major version comes into the build on the day of its release, on one machine earlier than on the other, and nothing in the file says which one it was.",
    cost: "Somebody has to raise the version. Tools that send pull requests for it read these tags.",
    bad: "FROM alpine:latest\nCMD [\"sh\"]\n",
    good: "FROM alpine:3.22\nCMD [\"sh\"]\n",
    fix: None,
    hadolint: &["DL3007"],
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
        if tag == Some("latest") && !is_pinned {
            let message = format!(
                "`{name}:latest` is another image from one day to the next: name a version, such as `{name}:1.2`"
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
    fn tags() {
        let file = "ARG T=latest\nFROM a:$T\nFROM a:latest@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\nFROM h:5000/a:latest AS x\nFROM x\n";
        assert_eq!(marked(&RULE, file), ["a:$T", "h:5000/a:latest"]);
    }
}
