//! Findings as SARIF 2.1.0, the form that code scanning reads.

use dockerfile_compile::rule_docs;
use serde_json::{Value, json};

use super::Checked;
use crate::check::{Finding, Level};

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";
/// What an error that is no rule's finding goes by.
const ERROR: &str = "DockerfileError";

/// All findings as one run of this tool.
pub(crate) fn sarif(checked: &[Checked]) -> Vec<u8> {
    let mut rules = vec![json!({
        "id": ERROR,
        "shortDescription": { "text": "The Dockerfile can be built" },
        "defaultConfiguration": { "level": "error" },
    })];
    rules.extend(rule_docs().iter().map(|doc| {
        let mut rule = json!({
            "id": doc.name(),
            "shortDescription": { "text": doc.description() },
            "fullDescription": { "text": doc.why() },
            "defaultConfiguration": { "level": "warning", "enabled": !doc.is_experimental() },
        });
        if !doc.url().is_empty() {
            rule["helpUri"] = json!(doc.url());
        }
        rule
    }));
    rules.extend(dockerfile_advice::rule_docs().map(|doc| {
        json!({
            "id": doc.name(),
            "shortDescription": { "text": doc.description() },
            "fullDescription": { "text": doc.why() },
            "help": { "text": doc.cost() },
            "defaultConfiguration": { "level": "note" },
        })
    }));
    let ids: Vec<Value> = rules.iter().map(|rule| rule["id"].clone()).collect();
    let results: Vec<Value> = checked
        .iter()
        .flat_map(|checked| {
            checked
                .findings
                .iter()
                .map(|finding| result(checked, finding, &ids))
        })
        .collect();
    let log = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "plimsoll",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            }},
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    });
    let mut bytes = serde_json::to_vec_pretty(&log).unwrap_or_default();
    bytes.push(b'\n');
    bytes
}

fn result(checked: &Checked, finding: &Finding, ids: &[Value]) -> Value {
    let id = finding.rule.as_deref().unwrap_or(ERROR);
    let mut location = json!({ "artifactLocation": { "uri": uri(checked.name_of(finding)) } });
    if let Some(place) = finding.place {
        location["region"] = json!({
            "startLine": place.start.line,
            "startColumn": place.start.column,
            "endLine": place.lines.end.max(place.start.line),
        });
    }
    let mut result = json!({
        "ruleId": id,
        "level": match finding.level {
            Level::Error => "error",
            Level::Warning => "warning",
            Level::Advice => "note",
        },
        "message": { "text": finding.message },
        "locations": [{ "physicalLocation": location }],
    });
    if let Some(index) = ids.iter().position(|known| known == id) {
        result["ruleIndex"] = json!(index);
    }
    result
}

/// A path as a relative URI.
fn uri(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for byte in path.replace('\\', "/").bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'-' | b'.' | b'_' | b'~' => {
                out.push(char::from(byte));
            }
            byte => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::uri;

    #[test]
    fn paths_as_uris() {
        assert_eq!(uri("a b/Dockerfile.ä#1"), "a%20b/Dockerfile.%C3%A4%231");
    }
}
