//! Findings for programs. docs/check.md tells the fields.

use serde::Serialize;

use super::Checked;
use crate::check::{Finding, Level};

/// The form of the answer; it grows by one when a field changes its meaning or goes.
const VERSION: u32 = 1;

/// The fields in alphabetical order, as in every answer of ours.
#[derive(Serialize)]
struct All<'a> {
    advice: usize,
    errors: usize,
    files: Vec<OfFile<'a>>,
    version: u32,
    warnings: usize,
}

#[derive(Serialize)]
struct OfFile<'a> {
    file: &'a str,
    findings: Vec<OfFinding<'a>>,
}

#[derive(Serialize)]
struct OfFinding<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    column: Option<usize>,
    file: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    fix: Option<&'static str>,
    level: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    lines: Option<[usize; 2]>,
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    rule: Option<&'a str>,
    #[serde(skip_serializing_if = "str::is_empty")]
    url: &'a str,
}

/// All findings, file by file.
pub(crate) fn json(checked: &[Checked]) -> Vec<u8> {
    let count = |level: Level| {
        let findings = checked.iter().flat_map(|checked| &checked.findings);
        findings.filter(|finding| finding.level == level).count()
    };
    let files = checked.iter().map(|checked| OfFile {
        file: &checked.input.name,
        findings: checked
            .findings
            .iter()
            .map(|finding| of(checked, finding))
            .collect(),
    });
    let all = All {
        advice: count(Level::Advice),
        errors: count(Level::Error),
        files: files.collect(),
        version: VERSION,
        warnings: count(Level::Warning),
    };
    let mut bytes = serde_json::to_vec_pretty(&all).unwrap_or_default();
    bytes.push(b'\n');
    bytes
}

fn of<'a>(checked: &'a Checked, finding: &'a Finding) -> OfFinding<'a> {
    let place = finding.place;
    OfFinding {
        column: place.map(|place| place.start.column),
        file: checked.name_of(finding),
        fix: finding
            .fix
            .as_ref()
            .map(|fix| if fix.is_safe { "safe" } else { "unsafe" }),
        level: finding.level.as_str(),
        line: place.map(|place| place.start.line),
        lines: place.map(|place| [place.lines.start, place.lines.end]),
        message: &finding.message,
        rule: finding.rule.as_deref(),
        url: &finding.url,
    }
}
