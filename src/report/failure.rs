//! Errors of a build to the one status that is returned, with places that clients show.

use std::fmt::Write as _;

use dockerfile_compile::{CompileError, CompileErrors, SourceFile};
use dockerfile_syntax::{LineRange, SyntaxError};
use serde_json::{Value, json};

use super::{base64, go_json};
use crate::gateway::{Code, Status};
use crate::resolve::Tickets;

/// Says which lines of which file are to blame; clients print the file with those lines marked.
const SOURCE_DETAIL: &str = "github.com/moby/buildkit/errdefs.Source+json";
/// Says which feature a frontend lacks; clients then try another one.
const FRONTEND_CAP_DETAIL: &str = "github.com/moby/buildkit/errdefs.FrontendCap+json";
/// Says which subrequest a frontend lacks.
const SUBREQUEST_DETAIL: &str = "github.com/moby/buildkit/errdefs.Subrequest+json";

/// Errors of the parser in the form that all errors of a Dockerfile have.
#[must_use]
pub fn syntax_errors(errors: &[SyntaxError]) -> Option<CompileErrors> {
    let mut errors = errors.iter().map(|error| {
        let mut converted = CompileError::new(error.to_string()).at(error.lines);
        converted.span = Some(error.span);
        converted
    });
    let first = errors.next()?;
    Some(CompileErrors {
        first: Box::new(first),
        others: errors.collect(),
    })
}

/// The status for everything that is wrong with a Dockerfile.
///
/// Each error begins with its place, `FILE:LINE:COLUMN`. Several are listed, a line each, behind their number. Code
/// and details of look-ups that failed pass through. The places of an error go outermost first, as the reference
/// sends them.
#[must_use]
pub fn compile_failure(errors: &CompileErrors, source: &SourceFile, tickets: &Tickets) -> Status {
    let mut status = Status::new(word_errors(errors, source));
    let mut passed_on = Vec::new();
    for error in errors.iter() {
        let other = error.file.as_ref().map(|file| SourceFile {
            filename: file.filename.clone(),
            data: file.data.clone(),
            language: String::new(),
            definition: None,
        });
        let source = other.as_ref().unwrap_or(source);
        for lines in error.lines.iter().rev() {
            status = with_source(status, source, *lines);
        }
        if let Some(cause) = error
            .failure
            .as_ref()
            .and_then(|failure| tickets.get(failure.ticket))
        {
            if status.code == Code::UNKNOWN {
                status.code = cause.code;
            }
            passed_on.extend(cause.details);
        }
    }
    status.details.extend(passed_on);
    status
}

fn word_errors(errors: &CompileErrors, source: &SourceFile) -> String {
    if errors.others.is_empty() {
        return word_error(&errors.first, source);
    }
    let mut message = format!("{} errors in {}:", errors.others.len() + 1, source.filename);
    for error in errors.iter() {
        let _ = write!(message, "\n  {}", word_error(error, source));
    }
    message
}

fn word_error(error: &CompileError, source: &SourceFile) -> String {
    let filename = error
        .file
        .as_ref()
        .map_or(&source.filename, |file| &file.filename);
    match (error.lines.first(), error.span) {
        (None, _) if error.file.is_some() => format!("{filename}: {}", error.message),
        (None, _) => error.message.clone(),
        (Some(lines), None) => format!("{filename}:{}: {}", lines.start, error.message),
        (Some(_), Some(span)) => {
            let (line, column) = position(&source.data, span.start);
            format!("{filename}:{line}:{column}: {}", error.message)
        }
    }
}

/// Line and column of a byte, both counted from 1; columns count characters.
fn position(data: &[u8], offset: usize) -> (usize, usize) {
    let before = data.get(..offset).unwrap_or(data);
    let line_start = before
        .iter()
        .rposition(|byte| *byte == b'\n')
        .map_or(0, |at| at + 1);
    let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
    let column = String::from_utf8_lossy(before.get(line_start..).unwrap_or_default())
        .chars()
        .count()
        + 1;
    (line, column)
}

/// Adds the place in a file to an error.
#[must_use]
pub fn with_source(status: Status, source: &SourceFile, lines: LineRange) -> Status {
    let mut info = json!({ "filename": source.filename, "language": source.language });
    if !source.data.is_empty() {
        info["data"] = Value::String(base64(&source.data));
    }
    if let Some(definition) = &source.definition {
        info["definition"] = definition_json(definition);
    }
    let ranges: Vec<Value> = (lines.start..=lines.end)
        .map(|line| json!({ "start": { "line": line }, "end": { "line": line } }))
        .collect();
    status.detail(SOURCE_DETAIL, go_json(&json!({ "info": info, "ranges": ranges })))
}

/// A definition in the form that Go's `encoding/json` gives it.
fn definition_json(definition: &buildkit_llb::Definition) -> Value {
    let ops: Vec<String> = definition.def.iter().map(|op| base64(op)).collect();
    let mut out = json!({ "def": ops });
    if !definition.metadata.is_empty() {
        let metadata = definition.metadata.iter();
        out["metadata"] = metadata
            .map(|(digest, metadata)| (digest.clone(), metadata_json(metadata)))
            .collect();
    }
    out
}

fn metadata_json(metadata: &buildkit_llb::OpMetadata) -> Value {
    let mut out = json!({});
    if metadata.ignore_cache {
        out["ignore_cache"] = Value::Bool(true);
    }
    if !metadata.description.is_empty() {
        out["description"] = json!(metadata.description);
    }
    if !metadata.caps.is_empty() {
        out["caps"] = metadata
            .caps
            .iter()
            .map(|cap| (cap.clone(), Value::Bool(true)))
            .collect();
    }
    out
}

/// The client needs a feature that this frontend lacks.
#[must_use]
pub fn missing_frontend_cap(name: &str) -> Status {
    let message = format!(
        "the client needs the frontend feature `{name}`, which Plimsoll {} lacks: use a newer Plimsoll, or an older \
         client",
        env!("CARGO_PKG_VERSION"),
    );
    Status::with_code(Code::UNIMPLEMENTED, message)
        .detail(FRONTEND_CAP_DETAIL, go_json(&json!({ "name": name })))
}

/// The client asks for something other than a build that this frontend does not know.
#[must_use]
pub fn unknown_subrequest(name: &str, known: &[&str]) -> Status {
    let message = format!(
        "option `requestid` is `{name}`: expected one of {}",
        known.join(", ")
    );
    Status::new(message).detail(SUBREQUEST_DETAIL, go_json(&json!({ "name": name })))
}

impl Status {
    /// Whether the error knows its place in a file.
    #[must_use]
    pub fn has_source(&self) -> bool {
        self.has_detail(SOURCE_DETAIL)
    }
}

#[cfg(test)]
mod tests {
    use dockerfile_syntax::Span;

    use super::*;

    fn source() -> SourceFile {
        SourceFile {
            filename: "Dockerfile".to_owned(),
            data: b"FROM x\n".to_vec(),
            language: "Dockerfile".to_owned(),
            definition: None,
        }
    }

    #[test]
    fn one_error() {
        let error = CompileError::new("broken")
            .at(LineRange::new(2, 3))
            .at(LineRange::line(1));
        let status = compile_failure(&error.into(), &source(), &Tickets::default());
        assert_eq!(status.message, "Dockerfile:2: broken");
        let details: Vec<_> = status
            .details
            .iter()
            .map(|any| String::from_utf8_lossy(&any.value))
            .collect();
        assert_eq!(details.len(), 2);
        assert!(
            details[0].contains(r#""ranges":[{"end":{"line":1},"start":{"line":1}}]"#),
            "{}",
            details[0]
        );
        assert!(details[1].contains(r#""data":"RlJPTSB4Cg==""#));
        assert_eq!(details[1].matches("start").count(), 2);
    }

    #[test]
    fn several_errors_are_listed() {
        let mut first = CompileError::new("one").at(LineRange::line(1));
        first.span = Some(Span::new(5, 6));
        let errors = CompileErrors {
            first: Box::new(first),
            others: vec![CompileError::new("two").at(LineRange::line(7))],
        };
        let status = compile_failure(&errors, &source(), &Tickets::default());
        assert_eq!(
            status.message,
            "2 errors in Dockerfile:\n  Dockerfile:1:6: one\n  Dockerfile:7: two"
        );
    }

    #[test]
    fn details_of_the_daemon_pass_through() {
        let tickets = Tickets::default();
        let told = Status::with_code(Code::NOT_FOUND, "no").detail("x", b"{}".to_vec());
        let failure = tickets.keep(told);
        let error = CompileError::new("no such image")
            .at(LineRange::line(1))
            .caused_by(&failure);
        let status = compile_failure(&error.into(), &source(), &tickets);
        assert_eq!(status.code, Code::NOT_FOUND);
        assert!(status.has_source() && status.has_detail("x"));
    }
}
