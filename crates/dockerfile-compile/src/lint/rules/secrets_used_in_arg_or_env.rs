//! A variable or argument that looks like a secret.

use super::{Check, Example, Fact, Rule, RuleDoc};

pub(super) const RULE: Rule = Rule {
    name: "SecretsUsedInArgOrEnv",
    description: "Secrets do not go through ARG or ENV: their values stay in the image",
    key: "secrets-used-in-arg-or-env",
    is_experimental: false,
    check: Check::Fact(word),
};

pub(super) const DOC: RuleDoc = RuleDoc {
    rule: &RULE,
    why: "The values of `ENV` and `ARG` are kept in the image's config and history, where everyone who has the image can read them. A secret mount gives a value to one `RUN` and leaves nothing behind.",
    bad: Example::new("FROM alpine\nARG API_TOKEN\n"),
    good: Example::new("FROM alpine\nRUN --mount=type=secret,id=api-token,env=API_TOKEN make fetch\n"),
};

fn word(fact: &Fact) -> Option<String> {
    let Fact::SecretsUsedInArgOrEnv { instruction, key } = fact else { return None };
    Some(format!(
        "`{instruction} {key}` looks like a secret, and its value stays readable in the image: use `RUN --mount=type=secret,id={key},env={key}`"
    ))
}

#[cfg(test)]
mod tests {
    use super::super::testing::findings;
    use super::*;

    #[test]
    fn names() {
        for (name, fires) in [
            ("API_KEY", true),
            ("apikey", true),
            ("MONKEY", false),
            ("KEY_FILE", false),
            ("PUBLIC_KEY", false),
            ("TOKEN_VERSION", false),
            ("MY_PASSWD_2", true),
        ] {
            let file = format!("FROM a\nENV {name}=1\n");
            assert_eq!(findings(&RULE, &file).len(), usize::from(fires), "{name}");
        }
        assert_eq!(findings(&RULE, "ARG TOKEN\nFROM a\n"), []);
    }
}
