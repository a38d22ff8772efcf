//! Comments in the file that skip rules: `# plimsoll ignore=RULE,RULE` above an instruction, and hadolint's.

use std::collections::BTreeSet;

use dockerfile_advice::listed_in;

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
        let (Some(rule), Some(place)) = (finding.rule.as_deref(), finding.place) else {
            return true;
        };
        let Some(meta) = file.meta(place.lines.start) else {
            return true;
        };
        let is_theirs = |code: &String| hadolint::answers(code, rule, &meta.keyword);
        let in_comments = |start: &'static str| {
            meta.comments
                .iter()
                .filter_map(move |comment| listed_in(comment, start))
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

fn global(data: &[u8]) -> BTreeSet<String> {
    let text = String::from_utf8_lossy(data);
    let comments = text
        .lines()
        .filter_map(|line| line.trim_start().strip_prefix('#'));
    comments
        .filter_map(|comment| listed_in(comment, THEIRS_EVERYWHERE))
        .flatten()
        .collect()
}
