//! A USER by name.

use dockerfile_syntax::InstructionKind;

use crate::environment::variable;
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
    for (number, stage) in adviser.stages.iter().enumerate() {
        for (index, instruction) in stage.instructions.iter().enumerate() {
            let InstructionKind::User(user) = &instruction.kind else {
                continue;
            };
            let name = user.split(':').next().unwrap_or_default();
            // An ARG is whatever the build says.
            let value = variable(name).and_then(|name| adviser.env_value(number, index, name));
            let name = value.as_deref().unwrap_or(name);
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

#[cfg(test)]
mod tests {
    use super::super::super::testing::marked;
    use super::*;

    #[test]
    fn names() {
        let file = "FROM a\nARG A=x\nENV B=1000 C=app\nUSER 1:app\nUSER $A\nUSER $B\nUSER ${C}\nUSER $D\nUSER app:1\n";
        assert_eq!(marked(&RULE, file), ["${C}", "app:1"]);
    }
}
