//! A RUN that gets its secret from an ARG or ENV.

use std::collections::BTreeMap;

use dockerfile_compile::looks_like_secret;
use dockerfile_syntax::{InstructionKind, lower};

use crate::rule::{Findings, Rule, RuleDoc};
use crate::subject::Adviser;

pub(super) const RULE: Rule = Rule {
    name: "safe/secret-variable",
    description: "A RUN gets its secrets from a mount, not from ARG or ENV",
    check,
};

pub(super) const DOC: RuleDoc = RuleDoc {
    rule: &RULE,
    why: "The value of an ARG stands in the history of the image and in the provenance of the build, that of an ENV in the image's config: `docker history` and `docker inspect` show them to everybody who has the image.",
    cost: "The build is called with `--secret id=token,env=TOKEN` instead of `--build-arg TOKEN`. The step is not run again when only the secret changes.",
    bad: "FROM alpine:3.22\nARG API_TOKEN\nRUN fetch --token \"$API_TOKEN\"\n",
    good: "FROM alpine:3.22\nRUN --mount=type=secret,id=api_token,env=API_TOKEN fetch --token \"$API_TOKEN\"\n",
    fix: None,
    hadolint: &[],
};

/// The reference's rule speaks where the variable is declared; here it is said where it is used, and how.
fn check(adviser: &Adviser<'_>, findings: &mut Findings) {
    let mut runs = adviser.runs.iter().peekable();
    for (number, stage) in adviser.stages.iter().enumerate() {
        let mut secrets: BTreeMap<&str, &'static str> = BTreeMap::new();
        for (index, instruction) in stage.instructions.iter().enumerate() {
            match &instruction.kind {
                InstructionKind::Arg(items) => {
                    let keys = items.iter().map(|item| item.key.as_str());
                    secrets.extend(keys.filter(|key| looks_like_secret(key)).map(|key| (key, "ARG")));
                }
                InstructionKind::Env(pairs) => {
                    let keys = pairs.iter().map(|pair| pair.key.as_str());
                    secrets.extend(keys.filter(|key| looks_like_secret(key)).map(|key| (key, "ENV")));
                }
                _ => {}
            }
            let Some(run) = runs.next_if(|run| (run.stage, run.index) == (number, index)) else {
                continue;
            };
            for (key, keyword) in &secrets {
                let mut steps = run.steps(adviser);
                let used = steps.find_map(|step| {
                    let words = step
                        .command
                        .words
                        .iter()
                        .chain(step.command.assignments.iter().map(|set| &set.value));
                    let used = words
                        .into_iter()
                        .find(|word| word.has_expansion() && names(word.raw, key));
                    used.map(|word| (step, word.span.clone()))
                });
                if let Some((step, span)) = used {
                    let id = lower(key);
                    let message = format!(
                        "{keyword} leaves `{key}` in the image for everybody to read: write `RUN --mount=type=secret,id={id},env={key} …` and build with `--secret id={id},env={key}`"
                    );
                    findings.push(step.meta(), step.span_of(&span), message);
                }
            }
        }
    }
}

/// Whether a word uses a variable.
fn names(word: &str, key: &str) -> bool {
    word.match_indices(key).any(|(at, _)| {
        let before = word.get(..at).unwrap_or_default();
        let behind = word.get(at + key.len()..).and_then(|rest| rest.chars().next());
        let is_end = !behind.is_some_and(|c| c.is_ascii_alphanumeric() || c == '_');
        is_end && (before.ends_with('$') || before.ends_with("${"))
    })
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::findings;
    use super::*;

    #[test]
    fn where_it_is_used() {
        let file = "ARG A_TOKEN\nFROM a\nRUN x $A_TOKEN\nARG A_TOKEN\nENV DB_PASSWORD=1\nRUN x \"--t=${A_TOKEN}\" $A_TOKENS && P=$DB_PASSWORD y\nFROM b\nRUN z $A_TOKEN\n";
        let found = findings(&RULE, file);
        let marked: Vec<(usize, &str)> = found
            .iter()
            .map(|(line, marked, _)| (*line, marked.as_str()))
            .collect();
        assert_eq!(marked, [(6, "\"--t=${A_TOKEN}\""), (6, "$DB_PASSWORD")]);
        assert!(found[0].2.contains("id=a_token,env=A_TOKEN"));
    }
}
