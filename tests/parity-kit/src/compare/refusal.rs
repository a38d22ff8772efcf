//! Two refusals: the code and the places. The words are each one's own.

use std::collections::BTreeSet;

use serde_json::Value;

use super::Difference;

/// Errors whose lines the reference counts from 0.
const COUNTED_FROM_ZERO: [&str; 5] = [
    "invalid escape token",
    "only one check parser directive",
    "only one escape parser directive",
    "only one syntax parser directive",
    "dockerfile line greater than max",
];
/// The code that says nothing.
const UNKNOWN: i64 = 2;
/// Codes that ours has in its place: an option is wrong, or the daemon lacks a feature.
const FINER: [i64; 2] = [3, 12];

/// Counts the places of the error in an answer of the linter from 1, where the reference counts them from 0.
pub(super) fn count_from_one(answer: &mut Value) {
    let error = &mut answer["buildError"];
    let message = error["message"].as_str().unwrap_or_default();
    if !COUNTED_FROM_ZERO.iter().any(|words| message.contains(words)) {
        return;
    }
    let ranges = error["location"]["ranges"].as_array_mut();
    for range in ranges.into_iter().flatten() {
        for end in ["start", "end"] {
            range[end]["line"] = (range[end]["line"].as_u64().unwrap_or_default() + 1).into();
        }
    }
}

/// What differs between two errors. Ours may name more places, as it reports more than the first mistake.
pub(super) fn compare(ours: &Value, reference: &Value) -> Vec<Difference> {
    let mut found = Vec::new();
    let code = |error: &Value| error["code"].as_i64().unwrap_or_default();
    let is_finer = code(reference) == UNKNOWN && FINER.contains(&code(ours));
    if code(ours) != code(reference) && !is_finer {
        let detail = format!(
            "    - {} {}\n    + {} {}\n",
            ours["code"], ours["message"], reference["code"], reference["message"]
        );
        found.push(Difference::new("code of the error", detail));
    }
    let missing: Vec<String> = places(reference).difference(&places(ours)).cloned().collect();
    if !missing.is_empty() {
        let list = |places: &BTreeSet<String>| places.iter().cloned().collect::<Vec<_>>().join("; ");
        let detail = format!(
            "    - {} {}\n    + {} {}\n",
            list(&places(ours)),
            ours["message"],
            list(&places(reference)),
            reference["message"]
        );
        found.push(Difference::new("places of the error", detail));
    }
    found
}

/// Every line that an error names, as `Dockerfile:3`. Line 0 is no place.
fn places(error: &Value) -> BTreeSet<String> {
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let message = error["message"].as_str().unwrap_or_default();
    let offset = i64::from(COUNTED_FROM_ZERO.iter().any(|words| message.starts_with(words)));
    let mut out = BTreeSet::new();
    for source in list(&error["sources"]) {
        for range in list(&source["ranges"]) {
            let line = |index: usize| range[index].as_i64().unwrap_or_default();
            for line in (line(0) + offset).max(1)..=line(2).max(line(0)) + offset {
                out.insert(format!(
                    "{}:{line}",
                    source["filename"].as_str().unwrap_or_default()
                ));
            }
        }
    }
    out
}
