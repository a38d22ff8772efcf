//! Comments in the file that skip rules: `# plimsoll ignore=RULE,RULE` above an instruction, and hadolint's.

use std::collections::BTreeSet;

use super::finding::{Finding, Indexed};
use super::hadolint;

/// Above an instruction: rules of ours.
const OURS: &str = "plimsoll ignore=";
/// Above an instruction: rules of hadolint.
const THEIRS: &str = "hadolint ignore=";
/// Anywhere: rules of hadolint, for the whole file.
const THEIRS_EVERYWHERE: &str = "hadolint global ignore=";

/// Takes out the findings that comments of the file skip.
pub(super) fn apply(findings: &mut Vec<Finding>, file: &Indexed<'_>, data: &[u8]) {
    let everywhere = global(data);
    findings.retain(|finding| {
        let (Some(rule), Some(place)) = (finding.rule, finding.place) else {
            return true;
        };
        let Some(meta) = file.meta(place.lines.start) else {
            return true;
        };
        let is_theirs = |code: &String| hadolint::answers(code, rule, &meta.keyword);
        let in_comments = |start: &'static str| {
            meta.comments
                .iter()
                .filter_map(move |comment| list(comment, start))
                .flatten()
        };
        let is_skipped = in_comments(OURS).any(|name| name == rule)
            || in_comments(THEIRS).any(|code| is_theirs(&code))
            || everywhere.iter().any(is_theirs);
        !is_skipped
    });
}

/// The keyword of the instruction that a finding is about; empty where it is about none.
pub(super) fn keyword_of(finding: &Finding, file: &Indexed<'_>) -> String {
    let meta = finding.place.and_then(|place| file.meta(place.lines.start));
    meta.map(|meta| meta.keyword.to_string()).unwrap_or_default()
}

/// The names in a comment that begins with `start`; what follows them behind a blank is for people.
fn list(comment: &str, start: &str) -> Option<Vec<String>> {
    let rest = comment.trim_start().strip_prefix(start)?;
    let mut names = vec![String::new()];
    let mut was_comma = true;
    for part in rest.split_inclusive(',') {
        let word = part.trim_start();
        let end = word.find([',', ' ', '\t']).unwrap_or(word.len());
        if !was_comma {
            break;
        }
        names.push(word[..end].to_owned());
        was_comma = word[end..].trim_start().starts_with(',');
    }
    names.retain(|name| !name.is_empty());
    Some(names)
}

fn global(data: &[u8]) -> BTreeSet<String> {
    let text = String::from_utf8_lossy(data);
    let comments = text
        .lines()
        .filter_map(|line| line.trim_start().strip_prefix('#'));
    comments
        .filter_map(|comment| list(comment, THEIRS_EVERYWHERE))
        .flatten()
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_a_comment() {
        for (comment, names) in [
            ("plimsoll ignore=A,B", Some("A B")),
            ("plimsoll ignore=A, B , C because of D, E", Some("A B C")),
            ("plimsoll ignore=", Some("")),
            ("plimsoll ignores=A", None),
            ("see plimsoll ignore=A", None),
        ] {
            assert_eq!(
                list(comment, OURS).map(|names| names.join(" ")).as_deref(),
                names,
                "{comment}"
            );
        }
    }
}
