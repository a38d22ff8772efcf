//! Prints what the linter says of Dockerfiles, and what keeps them from being built, with the lines; and fails if there is
//! anything. Nobody is asked: no daemon, no registry.
//!
//! ```console
//! $ cargo run --example lint -- Dockerfile
//! ```

use std::error::Error;
use std::io::{Write as _, stdout};
use std::process::ExitCode;
use std::{env, fs};

use dockerfile_compile::{BuildOptions, CompileError, SourceFile, lint, view};
use dockerfile_syntax::{Position, parse};

/// All findings and errors of a file, as a person reads them; empty where there are none.
#[must_use]
pub fn report(name: &str, text: &[u8]) -> String {
    let parsed = parse(text);
    if !parsed.errors.is_empty() {
        let errors = parsed.errors.iter();
        return errors
            .map(|error| line(name, text, error.span.start, &error.to_string()))
            .collect();
    }
    let options = BuildOptions::new(SourceFile::new(name, text.to_vec()));
    let found = lint(&parsed.dockerfile, &options);
    let findings = view::lint(&found.warnings, None, &options.source).text;
    let mut out = String::from_utf8_lossy(&findings).into_owned();
    if let Err(errors) = found.value {
        let show = |error: &CompileError| match error.span {
            Some(span) => line(name, text, span.start, &error.message),
            None => format!("{name}: {error}\n"),
        };
        out.extend(errors.iter().map(show));
    }
    out
}

fn line(name: &str, text: &[u8], offset: usize, message: &str) -> String {
    let Position { line, column } = Position::of(text, offset);
    format!("{name}:{line}:{column}: {message}\n")
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
