//! What people have told hadolint, for the rules of ours that answer to its own.

use std::collections::BTreeSet;

use dockerfile_advice::{RuleDoc, rule_docs};
use saphyr_parser::{Event, Parser};

/// How its file is called.
pub(super) const FILES: [&str; 2] = [".hadolint.yaml", ".hadolint.yml"];

/// Rules of hadolint, and the rule that says the same; where that one is about several instructions, which of them.
const ANSWERS: [(&str, &str, Option<&str>); 13] = [
    ("DL3000", "WorkdirRelativePath", None),
    ("DL3012", "MultipleInstructionsDisallowed", Some("HEALTHCHECK")),
    ("DL3024", "DuplicateStageName", None),
    ("DL3025", "JSONArgsRecommended", None),
    ("DL3029", "FromPlatformFlagConstDisallowed", None),
    ("DL3029", "RedundantTargetPlatform", None),
    ("DL3044", "UndefinedVar", Some("ENV")),
    ("DL3063", "ReservedStageName", None),
    ("DL3064", "SecretsUsedInArgOrEnv", None),
    ("DL3065", "RedundantTargetPlatform", None),
    ("DL4000", "MaintainerDeprecated", None),
    ("DL4003", "MultipleInstructionsDisallowed", Some("CMD")),
    ("DL4004", "MultipleInstructionsDisallowed", Some("ENTRYPOINT")),
];

/// Whether `rule` on an instruction of this keyword says what hadolint's `code` says.
pub(super) fn answers(code: &str, rule: &str, keyword: &str) -> bool {
    let is_advice = |doc: &RuleDoc| doc.name() == rule && doc.hadolint().contains(&code);
    if code == rule || rule_docs().any(is_advice) {
        return true;
    }
    ANSWERS.iter().any(|(of, ours, on)| {
        *of == code && *ours == rule && on.is_none_or(|on| keyword.eq_ignore_ascii_case(on))
    })
}

/// The rules in the list `ignored` of its file.
pub(super) fn ignored(yaml: &str) -> Result<BTreeSet<String>, String> {
    let mut found = BTreeSet::new();
    // How deep the next value is, and whether it is the key or in the list that is looked for.
    let (mut depth, mut is_key, mut is_list) = (0_usize, true, false);
    let mut is_wanted = false;
    for event in Parser::new_from_str(yaml) {
        let (event, _) = event.map_err(|error| error.to_string())?;
        match event {
            Event::MappingStart(..) | Event::SequenceStart(..) => {
                is_list = depth == 1 && is_wanted && matches!(event, Event::SequenceStart(..));
                depth += 1;
            }
            Event::MappingEnd | Event::SequenceEnd => {
                depth = depth.saturating_sub(1);
                is_list = false;
                if depth == 1 {
                    is_key = true;
                }
            }
            Event::Scalar(text, ..) if depth == 1 && is_key => {
                is_wanted = text == "ignored";
                is_key = false;
            }
            Event::Scalar(..) | Event::Alias(_) if depth == 1 => is_key = true,
            Event::Scalar(text, ..) if depth == 2 && is_list => {
                found.insert(text.into_owned());
            }
            _ => {}
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_of_its_file() {
        let list = |yaml: &str| ignored(yaml).map(|found| found.into_iter().collect::<Vec<_>>().join(" "));
        for (yaml, found) in [
            (
                "ignored:\n  - DL3000\n  - \"DL3008\" # why\nfailure-threshold: info\n",
                "DL3000 DL3008",
            ),
            (
                "failure-threshold: error\noverride:\n  error: [DL3001]\nignored: [DL4000]\n",
                "DL4000",
            ),
            ("trustedRegistries:\n- a\nlabel-schema:\n  ignored: text\n", ""),
            ("", ""),
        ] {
            assert_eq!(list(yaml), Ok(found.to_owned()), "{yaml}");
        }
        assert!(list("ignored: [").is_err());
    }

    #[test]
    fn rules_that_are_about_several_instructions() {
        assert!(answers("DL4003", "MultipleInstructionsDisallowed", "cmd"));
        assert!(!answers("DL4003", "MultipleInstructionsDisallowed", "ENTRYPOINT"));
        assert!(!answers("DL3008", "JSONArgsRecommended", "RUN"));
    }

    #[test]
    fn every_answer_is_a_rule() {
        for (code, rule, _) in ANSWERS {
            assert!(
                dockerfile_compile::rule_docs()
                    .iter()
                    .any(|doc| doc.name() == rule),
                "{code}"
            );
        }
    }
}
