//! Errors of a build to the one status that is returned, with places that clients show.

use std::borrow::Cow;
use std::fmt::Write as _;

use dockerfile_compile::{CompileError, CompileErrors, OtherFile, SourceFile};
use dockerfile_syntax::{LineRange, Position, SyntaxError};
use serde_json::json;

use super::display::shortened;
use super::go_json;
use super::place::Place;
use super::tickets::Tickets;
use crate::gateway::{Any, Code, Status};

/// Says which lines of which file are to blame; clients print the file with those lines marked.
const SOURCE_DETAIL: &str = "github.com/moby/buildkit/errdefs.Source+json";
/// Says which feature a frontend lacks; clients then try another one.
const FRONTEND_CAP_DETAIL: &str = "github.com/moby/buildkit/errdefs.FrontendCap+json";
/// Says which subrequest a frontend lacks.
const SUBREQUEST_DETAIL: &str = "github.com/moby/buildkit/errdefs.Subrequest+json";

/// How many errors of a file are told in one go. The rest is counted.
pub const SHOWN_ERRORS: usize = 20;
/// The longest text of one error, in bytes.
const ERROR_BYTES: usize = 4 << 10;
/// The largest status about a Dockerfile, in bytes.
pub const STATUS_BYTES: usize = 1 << 20;

/// Errors of the parser in the form that all errors of a Dockerfile have.
#[must_use]
pub fn syntax_errors(errors: &[SyntaxError]) -> Option<CompileErrors> {
    let mut errors = errors.iter().map(|error| {
        let place = dockerfile_syntax::Place {
            lines: error.lines,
            span: error.span,
        };
        CompileError::new(error.to_string()).at(place)
    });
    let first = errors.next()?;
    Some(CompileErrors {
        first: Box::new(first),
        others: errors.collect(),
    })
}

/// The status for everything that is wrong with a Dockerfile.
///
/// Each error begins with its place, `FILE:LINE:COLUMN`. Several are listed, a line each, behind their number; of more
/// than [`SHOWN_ERRORS`] the rest is counted. Code and details of look-ups that failed pass through. The whole has at
/// most [`STATUS_BYTES`], however large the file.
#[must_use]
pub fn compile_failure(errors: &CompileErrors, source: &SourceFile, tickets: &Tickets) -> Status {
    let mut status = Status::new(word_errors(errors, source));
    let shown: Vec<&CompileError> = errors.iter().take(SHOWN_ERRORS).collect();
    status.details = places(&shown, source);
    let causes = shown
        .iter()
        .filter_map(|error| tickets.get(error.failure.as_ref()?.ticket));
    for cause in causes {
        if status.code == Code::UNKNOWN {
            status.code = cause.code;
        }
        for detail in cause.details {
            status.details.push(detail);
            if status.encoded_len() > STATUS_BYTES {
                status.details.pop();
            }
        }
    }
    status
}

/// A file beside the Dockerfile's own, or one of those that it takes in.
type Blamed<'e> = (Option<&'e OtherFile>, usize);

/// The places of errors, file by file, as details of a status.
fn places(errors: &[&CompileError], source: &SourceFile) -> Vec<Any> {
    let mut files: Vec<(Blamed<'_>, Vec<LineRange>)> = Vec::new();
    for error in errors {
        let other = error.file.as_deref();
        for lines in &error.lines {
            let (part, lines) = match other {
                Some(_) => (0, *lines),
                None => source.in_part(*lines),
            };
            match files.iter_mut().find(|(known, _)| *known == (other, part)) {
                Some((_, known)) => known.push(lines),
                None => files.push(((other, part), vec![lines])),
            }
        }
    }
    let files: Vec<_> = files
        .into_iter()
        .map(|((other, part), lines)| {
            let file = match other {
                Some(other) => Cow::Owned(other_source(other)),
                None => source.part(part),
            };
            (file, Place::gather(lines.into_iter()))
        })
        .collect();
    let count = files.iter().map(|(_, places)| places.len()).sum();
    let details = files.iter().flat_map(|(file, places)| {
        places
            .iter()
            .map(move |place| source_detail(place.detail(file, count)))
    });
    // The daemon turns them round on the way to the client, which shows the last one first.
    let mut details: Vec<Any> = details.collect();
    details.reverse();
    details
}

fn other_source(file: &OtherFile) -> SourceFile {
    SourceFile {
        filename: file.filename.clone(),
        data: file.data.clone().into(),
        language: String::new(),
        definition: None,
        parts: Vec::new(),
    }
}

fn word_errors(errors: &CompileErrors, source: &SourceFile) -> String {
    if errors.others.is_empty() {
        return word_error(&errors.first, source);
    }
    let count = errors.others.len() + 1;
    let mut message = format!("{count} errors in {}:", source.filename);
    for error in errors.iter().take(SHOWN_ERRORS) {
        let _ = write!(message, "\n  {}", word_error(error, source));
    }
    if let Some(more) = count.checked_sub(SHOWN_ERRORS).filter(|more| *more > 0) {
        let _ = write!(message, "\n  and {more} more");
    }
    message
}

fn word_error(error: &CompileError, source: &SourceFile) -> String {
    let message = shortened(&error.message, ERROR_BYTES);
    let lines = error.lines.first();
    if let Some(file) = &error.file {
        let filename = &file.filename;
        return match lines {
            None => format!("{filename}: {message}"),
            Some(lines) => match error.span {
                None => format!("{filename}:{}: {message}", lines.start),
                Some(span) => {
                    let Position { line, column } = Position::of(&file.data, span.start);
                    format!("{filename}:{line}:{column}: {message}")
                }
            },
        };
    }
    match (lines, error.span) {
        (None, _) => message.into_owned(),
        (Some(lines), None) => {
            let (part, lines) = source.in_part(*lines);
            format!("{}:{}: {message}", source.part(part).filename, lines.start)
        }
        (Some(_), Some(span)) => {
            let (filename, Position { line, column }) = source.position(span.start);
            format!("{filename}:{line}:{column}: {message}")
        }
    }
}

/// Adds the place in a file to an error.
#[must_use]
pub fn with_source(mut status: Status, source: &SourceFile, lines: LineRange) -> Status {
    let (part, lines) = source.in_part(lines);
    status
        .details
        .push(source_detail(Place::of(lines).detail(&source.part(part), 1)));
    status
}

fn source_detail(value: Vec<u8>) -> Any {
    Any {
        type_url: SOURCE_DETAIL.to_owned(),
        value,
    }
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
    use dockerfile_syntax::{Place as Where, Span};

    use super::*;

    fn source() -> SourceFile {
        SourceFile {
            filename: "Dockerfile".to_owned(),
            data: b"FROM x\n".as_slice().into(),
            language: "Dockerfile".to_owned(),
            definition: None,
            parts: Vec::new(),
        }
    }

    fn place(lines: LineRange, span: Span) -> Where {
        Where { lines, span }
    }

    #[test]
    fn one_error() {
        let error = CompileError::new("broken")
            .at(place(LineRange::new(2, 3), Span::new(7, 7)))
            .at(place(LineRange::line(1), Span::new(0, 4)))
            .at(place(LineRange::line(40), Span::new(7, 7)));
        let status = compile_failure(&error.into(), &source(), &Tickets::default());
        assert_eq!(status.message, "Dockerfile:2:1: broken");
        let details: Vec<_> = status
            .details
            .iter()
            .map(|any| String::from_utf8_lossy(&any.value))
            .collect();
        assert_eq!(details.len(), 2);
        assert!(
            details[0].contains(r#""ranges":[{"end":{"line":40},"start":{"line":40}}]"#),
            "{}",
            details[0]
        );
        // Lines whose excerpts would meet are one place.
        assert!(details[1].contains(r#""data":"RlJPTSB4Cg==""#));
        assert_eq!(details[1].matches("start").count(), 3);
    }

    #[test]
    fn several_errors_are_listed() {
        let line = place(LineRange::line(1), Span::new(0, 4));
        let errors = CompileErrors {
            first: Box::new(CompileError::about(Span::new(5, 6), "one").at(line)),
            others: vec![CompileError::new("two").at(line)],
        };
        let status = compile_failure(&errors, &source(), &Tickets::default());
        assert_eq!(
            status.message,
            "2 errors in Dockerfile:\n  Dockerfile:1:6: one\n  Dockerfile:1:1: two"
        );
    }

    #[test]
    fn details_of_the_daemon_pass_through() {
        let tickets = Tickets::default();
        let told = Status::with_code(Code::NOT_FOUND, "no").detail("x", b"{}".to_vec());
        let failure = tickets.keep(told);
        let error = CompileError::new("no such image")
            .at(place(LineRange::line(1), Span::new(0, 4)))
            .caused_by(&failure);
        let status = compile_failure(&error.into(), &source(), &tickets);
        assert_eq!(status.code, Code::NOT_FOUND);
        assert!(status.has_source() && status.has_detail("x"));
    }

    #[test]
    fn an_error_about_another_file_names_it() {
        let mut error = CompileError::new("too much");
        error.file = Some(std::sync::Arc::new(OtherFile {
            filename: ".dockerignore".to_owned(),
            data: b"a\n".to_vec(),
        }));
        for (lines, message) in [
            (None, ".dockerignore: too much"),
            (Some(LineRange::line(1)), ".dockerignore:1: too much"),
        ] {
            error.lines = lines.into_iter().collect();
            let status = compile_failure(&error.clone().into(), &source(), &Tickets::default());
            assert_eq!(status.message, message);
        }
    }

    #[test]
    fn details_have_room_up_to_the_limit() {
        let status = |length: usize| {
            let tickets = Tickets::default();
            let told = Status::with_code(Code::NOT_FOUND, "no").detail("x", vec![b' '; length]);
            let error = CompileError::new("no such image").caused_by(&tickets.keep(told));
            compile_failure(&error.into(), &source(), &tickets)
        };
        // As many bytes as there is room for: the length of the detail takes as much in both.
        let rest = status(STATUS_BYTES / 2).encoded_len() - STATUS_BYTES / 2;
        let full = status(STATUS_BYTES - rest);
        assert_eq!(full.encoded_len(), STATUS_BYTES);
        assert!(full.has_detail("x"));
        assert!(!status(STATUS_BYTES - rest + 1).has_detail("x"));
    }

    #[test]
    fn the_detail_says_where_the_file_is_from() {
        let mut graph = llb_graph::Graph::new();
        let local = llb_graph::SourceOp::local("dockerfile", &llb_graph::LocalOptions::default());
        let vertex = llb_graph::Vertex::new(llb_graph::Op::Source(local)).with_name("load it");
        let root = graph.add(vertex).unwrap().first_output();
        let options = llb_graph::MarshalOptions::new(llb_graph::Platform::new("linux", "amd64"));
        let definition = graph.marshal(Some(root), &options).unwrap().decode().unwrap();
        let head = llb_graph::digest(&definition.def[0]);
        let source = SourceFile {
            definition: Some(definition),
            ..source()
        };
        let error = CompileError::new("broken").at(place(LineRange::line(1), Span::new(0, 4)));
        let status = compile_failure(&error.into(), &source, &Tickets::default());
        let detail: serde_json::Value = serde_json::from_slice(&status.details[0].value).unwrap();
        let definition = &detail["info"]["definition"];
        assert_eq!(definition["def"].as_array().map(Vec::len), Some(2));
        let metadata = &definition["metadata"][head];
        assert_eq!(metadata["description"]["llb.customname"], "load it");
        assert_eq!(metadata["caps"]["source.local"], true);
    }

    #[test]
    fn each_failure_has_its_own_ticket() {
        let tickets = Tickets::default();
        let failures = ["a", "b"].map(|name| tickets.keep(Status::new(name)));
        for failure in failures {
            let kept = tickets.get(failure.ticket).map(|status| status.message);
            assert_eq!(kept, Some(failure.message));
        }
        assert_eq!(tickets.get(2), None);
    }
}
