//! An image that runs as root.

use dockerfile_syntax::InstructionKind;

use crate::rule::{Findings, Rule, RuleDoc};
use crate::stages::Base;
use crate::subject::Adviser;

pub(super) const RULE: Rule = Rule {
    name: "safe/root-user",
    description: "The image does not run as root",
    check,
};

pub(super) const DOC: RuleDoc = RuleDoc {
    rule: &RULE,
    why: "A program that runs as root can change everything in its container, and whoever breaks out of the container is root there as well.",
    cost: "The folders that the program writes to must belong to its user (`COPY --chown`, `RUN install -d -o app`). Ports below 1024 need no root in containers of Docker 20.10 and newer.",
    bad: "FROM debian:13\nCOPY app /usr/bin/\nUSER root\nCMD [\"app\"]\n",
    good: "FROM debian:13\nCOPY app /usr/bin/\nUSER 1000\nCMD [\"app\"]\n",
    fix: None,
    hadolint: &["DL3002"],
};

/// Without any USER it is the base image's, which may be another one than root.
fn check(adviser: &Adviser<'_>, findings: &mut Findings) {
    let mut at = adviser.stages.iter().position(|stage| stage.is_target);
    while let Some(stage) = at.and_then(|index| adviser.stages.get(index)) {
        let last = stage
            .instructions
            .iter()
            .rev()
            .find_map(|instruction| match &instruction.kind {
                InstructionKind::User(user) => Some((instruction, user)),
                _ => None,
            });
        if let Some((instruction, user)) = last {
            if matches!(user.split(':').next(), Some("root" | "0")) {
                findings.push(
                    &instruction.meta,
                    user.span,
                    "the image runs as root: end with a user of its own, such as `USER 1000`",
                );
            }
            return;
        }
        at = match stage.base {
            Base::Stage(base) => Some(base),
            _ => None,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::marked;
    use super::*;

    #[test]
    fn the_last_user_of_the_target() {
        for (file, found) in [
            ("FROM a\nUSER root\nFROM b\nUSER 0:0\nUSER app\n", None),
            ("FROM a AS a\nUSER root\nFROM a\nRUN x\n", Some("root")),
            ("FROM a\nUSER app\nUSER 0:app\n", Some("0:app")),
            ("FROM a\n", None),
        ] {
            let found: Vec<&str> = found.into_iter().collect();
            assert_eq!(marked(&RULE, file), found, "{file}");
        }
    }
}
