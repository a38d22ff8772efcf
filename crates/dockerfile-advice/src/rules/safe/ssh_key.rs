//! A private key in a layer.

use super::secret_file::copied;
use crate::rule::{Findings, Rule, RuleDoc};
use crate::subject::Adviser;

/// What ssh calls its private keys.
const KEYS: [&str; 6] = [
    "id_rsa",
    "id_ed25519",
    "id_ecdsa",
    "id_dsa",
    "id_ecdsa_sk",
    "id_ed25519_sk",
];

pub(super) const RULE: Rule = Rule {
    name: "safe/ssh-key",
    description: "Keys for ssh come through the agent, not in a layer",
    check,
};

pub(super) const DOC: RuleDoc = RuleDoc {
    rule: &RULE,
    why: "A private key that was copied for a `git clone` is in a layer of the image and of the build cache for good, also when a later step removes it, and it opens more than that one repository.",
    cost: "The build is called with `--ssh default`. Host keys still have to be known: `ssh-keyscan`, or a known_hosts file in the context.",
    bad: "FROM alpine:3.22\nCOPY id_rsa /root/.ssh/\nRUN git clone git@github.com:me/app.git\n",
    good: "FROM alpine:3.22\nRUN --mount=type=ssh git clone git@github.com:me/app.git\n",
    fix: None,
    hadolint: &[],
};

const ADVICE: &str = "this key stays in the image for whoever has it: write `RUN --mount=type=ssh …` and build with `--ssh default`";

fn check(adviser: &Adviser<'_>, findings: &mut Findings) {
    for (meta, path) in copied(adviser).filter(|(_, path)| is_key(path)) {
        findings.push(meta, path.span, ADVICE);
    }
    for step in adviser.steps() {
        let written = step.command.redirects.iter().find(|redirect| {
            is_key(redirect.target.prefix())
                || redirect
                    .target
                    .raw
                    .trim_end_matches(['"', '\''])
                    .ends_with("/.ssh/id_rsa")
        });
        if let Some(redirect) = written {
            findings.push(step.meta(), step.span_of(&redirect.span), ADVICE);
        }
    }
}

/// Whether a path is that of a private key, or of the folder that holds them.
fn is_key(path: &str) -> bool {
    let path = path.trim_matches(['"', '\'']).trim_end_matches('/');
    let name = path.rsplit('/').next().unwrap_or_default();
    KEYS.contains(&name) || name == ".ssh"
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::marked;
    use super::*;

    #[test]
    fn keys() {
        let file = "ARG K\nFROM a\nCOPY keys/id_ed25519 id_rsa.pub .ssh/ /root/\nRUN echo \"$K\" > ~/.ssh/id_rsa && cat x >/y\nRUN echo \"$K\" > \"$HOME/.ssh/id_rsa\"\n";
        assert_eq!(
            marked(&RULE, file),
            [
                "keys/id_ed25519",
                ".ssh/",
                "> ~/.ssh/id_rsa",
                "> \"$HOME/.ssh/id_rsa\""
            ]
        );
    }
}
