//! Prints what is wrong with the syntax of Dockerfiles, each error with its place and the line, and fails if there is
//! anything.
//!
//! ```console
//! $ cargo run --example errors -- Dockerfile
//! Dockerfile:2:1: there is no instruction "CPOY" (did you mean COPY?)
//!   2 | CPOY a b
//!     | ^^^^
//! ```

use std::error::Error;
use std::fmt::Write as _;
use std::io::{Write as _, stdout};
use std::process::ExitCode;
use std::{env, fs};

use dockerfile_syntax::{Position, SyntaxError, parse};

/// All errors of a file, as a person reads them; empty where there are none.
#[must_use]
pub fn report(name: &str, text: &[u8]) -> String {
    let parsed = parse(text);
    parsed
        .errors
        .iter()
        .map(|error| show(name, text, error))
        .collect()
}

fn show(name: &str, text: &[u8], error: &SyntaxError) -> String {
    let Position { line, column } = Position::of(text, error.span.start);
    let shown = text
        .split(|byte| *byte == b'\n')
        .nth(line - 1)
        .unwrap_or_default();
    let shown = String::from_utf8_lossy(shown);
    let marked = text.get(error.span.start..error.span.end).unwrap_or_default();
    let marked = marked.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let marks = "^".repeat(String::from_utf8_lossy(marked).chars().count().max(1));
    // Tabs stay, so that the marks are below what they are about.
    let keep_tab = |c| if c == '\t' { c } else { ' ' };
    let indent: String = shown.chars().take(column - 1).map(keep_tab).collect();
    let mut out = format!("{name}:{line}:{column}: {error}\n");
    let _ = write!(out, "{line:3} | {}\n    | {indent}{marks}\n", shown.trim_end());
    out
}

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let mut is_clean = true;
    for name in env::args().skip(1) {
        let report = report(&name, &fs::read(&name)?);
        is_clean &= report.is_empty();
        stdout().write_all(report.as_bytes())?;
    }
    Ok(ExitCode::from(u8::from(!is_clean)))
}
