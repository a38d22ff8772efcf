//! Our messages, as the daemon's own decoder reads them, against the reference's. `tests/oracle` finds what is wrong.

use serde_json::Value;

use super::Difference;

/// What is held against the reference's message of the same call, and so means nothing where one of the two refuses:
/// it ends at its first error, and ours asks on.
const RELATIVE: [&str; 3] = ["differs", "nil", "alone"];

/// Findings about messages by themselves where `refused`, else all.
pub(super) fn wire(found: &mut Vec<Difference>, reference: &Value, refused: bool) {
    let findings = reference["wire"]["findings"].as_array().into_iter().flatten();
    for finding in findings {
        let part = |key: &str| finding[key].as_str().unwrap_or_default();
        let is_relative = finding["reference"].is_string() || part("kind") == "alone";
        if refused && is_relative && RELATIVE.contains(&part("kind")) {
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
