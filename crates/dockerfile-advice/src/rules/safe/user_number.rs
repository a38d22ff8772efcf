//! A USER by name.

use dockerfile_syntax::InstructionKind;

use crate::rule::{Findings, Rule, RuleDoc};
use crate::subject::Adviser;

pub(super) const RULE: Rule = Rule {
    name: "safe/user-number",
    description: "The image's user is a number",
    check,
};

pub(super) const DOC: RuleDoc = RuleDoc {
    rule: &RULE,
    why: "Kubernetes with `runAsNonRoot` refuses an image whose user is a name: it can't tell from outside that the name is not root's.",
    cost: "A number says less than a name; a comment beside it helps. Nothing is won where no cluster runs the image.",
    bad: "FROM alpine:3.22\nRUN adduser -D -u 1000 app\nUSER app\n",
    good: "FROM alpine:3.22\nRUN adduser -D -u 1000 app\nUSER 1000\n",
    fix: None,
    hadolint: &["DL3066"],
};

fn check(adviser: &Adviser<'_>, findings: &mut Findings) {
    for stage in &adviser.stages {
        for instruction in stage.instructions {
            let InstructionKind::User(user) = &instruction.kind else {
                continue;
            };
            let name = user.split(':').next().unwrap_or_default();
            let is_name =
                !name.is_empty() && !name.contains('$') && !name.bytes().all(|byte| byte.is_ascii_digit());
            if is_name {
                let message = format!(
                    "a cluster can't tell who `{name}` is: write the user's number, such as `USER 1000`"
                );
                findings.push(&instruction.meta, user.span, message);
            }
        }
    }
}
