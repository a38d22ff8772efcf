//! Findings for programs. docs/check.md tells the fields.

use serde_json::{Value, json};

use super::Checked;
use crate::check::{Finding, Level};

/// The form of the answer; it grows by one when a field changes its meaning or goes.
const VERSION: u32 = 1;

/// All findings, file by file.
pub(crate) fn json(checked: &[Checked]) -> Vec<u8> {
    let count = |level: Level| {
        let findings = checked.iter().flat_map(|checked| &checked.findings);
        findings.filter(|finding| finding.level == level).count()
    };
    let files: Vec<Value> = checked
        .iter()
        .map(|checked| {
            let findings = checked.findings.iter().map(|finding| of(checked, finding));
            json!({ "file": checked.input.name, "findings": findings.collect::<Vec<_>>() })
        })
        .collect();
    let all = json!({
        "version": VERSION,
        "errors": count(Level::Error),
        "warnings": count(Level::Warning),
        "advice": count(Level::Advice),
        "files": files,
    });
    let mut bytes = serde_json::to_vec_pretty(&all).unwrap_or_default();
    bytes.push(b'\n');
    bytes
}

fn of(checked: &Checked, finding: &Finding) -> Value {
    let mut out = json!({
        "level": finding.level.as_str(),
        "message": finding.message,
        "file": checked.name_of(finding),
    });
    if let Some(rule) = &finding.rule {
        out["rule"] = json!(rule);
    }
    if let Some(fix) = &finding.fix {
        out["fix"] = json!(if fix.is_safe { "safe" } else { "unsafe" });
    }
    if !finding.url.is_empty() {
        out["url"] = json!(finding.url);
    }
    if let Some(place) = finding.place {
        out["line"] = json!(place.start.line);
        out["column"] = json!(place.start.column);
        out["lines"] = json!([place.lines.start, place.lines.end]);
    }
    out
}
