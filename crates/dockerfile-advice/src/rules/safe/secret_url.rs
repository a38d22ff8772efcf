//! A password or token within a URL.

use dockerfile_syntax::InstructionKind;

use crate::rule::{Findings, Rule, RuleDoc};
use crate::subject::Adviser;

pub(super) const RULE: Rule = Rule {
    name: "safe/secret-url",
    description: "URLs have no passwords and tokens in them",
    check,
};

pub(super) const DOC: RuleDoc = RuleDoc {
    rule: &RULE,
    why: "A URL stands in the history of the image, in the log of the build and in what git and package managers write into the layer. With `https://user:token@…` the token does, too.",
    cost: "The build is called with `--secret id=token,env=TOKEN`, or with `--ssh default` for repositories.",
    bad: "FROM alpine:3.22\nARG TOKEN\nRUN git clone https://$TOKEN@github.com/me/app.git\n",
    good: "FROM alpine:3.22\nRUN --mount=type=secret,id=token,env=TOKEN git -c http.extraHeader=\"Authorization: Bearer $TOKEN\" clone https://github.com/me/app.git\n",
    fix: None,
    hadolint: &[],
};

fn check(adviser: &Adviser<'_>, findings: &mut Findings) {
    for stage in &adviser.stages {
        for instruction in stage.instructions {
            let mut tell = |word: &dockerfile_syntax::Word<'_>| {
                if has_secret(word) {
                    findings.push(&instruction.meta, word.span, MESSAGE);
                }
            };
            match &instruction.kind {
                InstructionKind::Add(add) => add.sources.paths.iter().for_each(tell),
                InstructionKind::Env(pairs) => pairs.iter().for_each(|pair| tell(&pair.value)),
                InstructionKind::Arg(items) => {
                    items.iter().filter_map(|item| item.value.as_ref()).for_each(tell);
                }
                _ => {}
            }
        }
    }
    for step in adviser.steps() {
        for word in step.command.words.iter().filter(|word| has_secret(word.raw)) {
            findings.push(step.meta(), step.span_of(&word.span), MESSAGE);
        }
    }
}

const MESSAGE: &str = "the secret in this URL stays in the image's history: write `RUN --mount=type=secret,id=token,env=TOKEN …` and leave it out of the URL";

/// Whether a text holds a URL with a password, or with a variable in front of its host.
fn has_secret(text: &str) -> bool {
    text.match_indices("://").any(|(at, mark)| {
        let rest = text.get(at + mark.len()..).unwrap_or_default();
        let authority = rest.split(['/', ' ', '?', '#']).next().unwrap_or_default();
        let Some((user, _)) = authority.rsplit_once('@') else {
            return false;
        };
        let scheme = text.get(..at).unwrap_or_default();
        // A user of ssh is no secret, and neither is a name by itself.
        let is_ssh = scheme.ends_with("ssh") || scheme.ends_with("git");
        let password = user.split_once(':').map(|(_, password)| password);
        !is_ssh && (password.is_some_and(|password| !password.is_empty()) || user.contains('$'))
    })
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::marked;
    use super::*;

    #[test]
    fn urls() {
        let file = "FROM a\nENV I=https://u:p@x/y J=https://x/u:p@y\nADD https://$T@x/y /z\nRUN git clone \"https://oauth2:${T}@x/y\" && git clone https://git@x/y ssh://$U@x/y && pip install -i https://x/$T\n";
        assert_eq!(
            marked(&RULE, file),
            ["https://u:p@x/y", "https://$T@x/y", "\"https://oauth2:${T}@x/y\""]
        );
    }
}
