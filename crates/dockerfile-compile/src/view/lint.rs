//! What the linter found, and what keeps the file from being built.

use dockerfile_syntax::LineRange;
use dockerfile_syntax::sort;
use serde::Serialize;

use super::json::pretty;
use super::wire::{Location, SourceInfo, source_infos};
use super::{View, excerpt};
use crate::options::SourceFile;
use crate::warning::Warning;

/// Why the file cannot be built.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BuildError {
    /// What is wrong.
    pub message: String,
    /// The lines involved, in any order.
    pub lines: Vec<LineRange>,
}

#[derive(Serialize)]
struct Results<'a> {
    /// `null` where there are none.
    warnings: Option<Vec<Finding<'a>>>,
    sources: Vec<SourceInfo>,
    #[serde(rename = "buildError", skip_serializing_if = "Option::is_none")]
    build_error: Option<Failure<'a>>,
}

#[derive(Serialize)]
struct Finding<'a> {
    #[serde(rename = "ruleName")]
    rule_name: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    description: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    url: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    detail: &'a str,
    location: Location,
}

#[derive(Serialize)]
struct Failure<'a> {
    message: &'a str,
    location: Location,
}

/// Shows `warnings` on `source` in the order in which they came up, and what keeps it from being built. In the text they
/// are sorted by line, and the error is left to the client.
#[must_use]
pub fn lint(warnings: &[Warning], error: Option<&BuildError>, source: &SourceFile) -> View {
    let findings = warnings.iter().map(|warning| Finding {
        rule_name: warning.rule,
        description: warning.description,
        url: &warning.url,
        detail: &warning.message,
        location: Location::of(&warning.lines, source),
    });
    let results = Results {
        warnings: (!warnings.is_empty()).then(|| findings.collect()),
        sources: source_infos(source),
        build_error: error.map(|error| Failure {
            message: &error.message,
            location: Location::of(&single_lines(&error.lines), source),
        }),
    };
    View {
        json: pretty(&results),
        text: text(warnings, source),
    }
}

/// Each line once, in order. What is wrong with a file without lines has none.
fn single_lines(lines: &[LineRange]) -> Vec<LineRange> {
    let mut single: Vec<usize> = lines
        .iter()
        .flat_map(|lines| lines.start.max(1)..=lines.end)
        .collect();
    single.sort_unstable();
    single.dedup();
    single.into_iter().map(LineRange::line).collect()
}

fn text(warnings: &[Warning], source: &SourceFile) -> Vec<u8> {
    let mut sorted: Vec<&Warning> = warnings.iter().collect();
    // Those without a place come first, by name.
    sort::sort_by_key(&mut sorted, |warning| match warning.lines.first() {
        None => (0, warning.rule),
        Some(lines) => (lines.start, ""),
    });
    let mut out = Vec::new();
    for warning in sorted {
        let url = match warning.url.as_str() {
            "" => String::new(),
            url => format!(" - {url}"),
        };
        out.extend(format!("\nWARNING: {}{url}\n{}\n", warning.rule, warning.message).bytes());
        excerpt::push(&mut out, source, &warning.lines);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source() -> SourceFile {
        SourceFile {
            filename: "Dockerfile".to_owned(),
            data: b"FROM a\nCMD x\n".as_slice().into(),
            language: "Dockerfile".to_owned(),
            definition: None,
            parts: Vec::new(),
        }
    }

    #[test]
    fn both_forms() {
        let warning = |line, rule| Warning {
            rule,
            description: "about",
            url: "https://x/".to_owned(),
            message: "what".to_owned(),
            lines: vec![LineRange::line(line)],
        };
        let error = BuildError {
            message: "broken".to_owned(),
            lines: vec![LineRange::line(2), LineRange::new(1, 2)],
        };
        let view = lint(&[warning(2, "B"), warning(1, "A")], Some(&error), &source());
        let json: serde_json::Value = serde_json::from_slice(&view.json).unwrap();
        assert_eq!(json["warnings"][0]["ruleName"], "B");
        assert_eq!(json["warnings"][0]["detail"], "what");
        assert_eq!(json["sources"][0]["data"], "RlJPTSBhCkNNRCB4Cg==");
        assert_eq!(
            json["buildError"]["location"]["ranges"].as_array().map(Vec::len),
            Some(2)
        );
        let text = String::from_utf8(view.text).unwrap();
        assert!(
            text.starts_with("\nWARNING: A - https://x/\nwhat\nDockerfile:1\n--"),
            "{text}"
        );
        assert!(text.contains("\n   2 | >>> CMD x\n"), "{text}");
    }

    #[test]
    fn nothing_found() {
        let view = lint(&[], None, &source());
        assert!(
            view.json
                .starts_with(b"{\n  \"warnings\": null,\n  \"sources\": [")
        );
        assert_eq!(view.text, b"");
    }
}
