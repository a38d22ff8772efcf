//! Our messages, as the daemon's own decoder reads them, against the reference's. `tests/oracle` finds what is wrong.

use serde_json::Value;

use super::Difference;

/// What is held against the reference's message of the same call. It means nothing where both refuse, since the
/// reference ends at its first error and ours asks on, nor where a difference is known already.
const RELATIVE: [&str; 3] = ["differs", "nil", "alone"];

/// All findings, or those about messages `by_themselves`.
pub(super) fn wire(found: &mut Vec<Difference>, reference: &Value, by_themselves: bool) {
    let findings = reference["wire"]["findings"].as_array().into_iter().flatten();
    for finding in findings {
        let part = |key: &str| finding[key].as_str().unwrap_or_default();
        let is_relative = finding["reference"].is_string() || part("kind") == "alone";
        if by_themselves && is_relative && RELATIVE.contains(&part("kind")) {
            continue;
        }
        found.push(Difference::new(
            format!("wire {} {}", part("method"), part("kind")),
            format!(
                "{}\n    - {}\n    + {}\n",
                part("path"),
                part("ours"),
                part("reference")
            ),
        ));
    }
}
