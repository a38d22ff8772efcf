//! Runs `cargo test` and says at its end which programs and which tests took longest.
//!
//! Cargo starts every test program by way of this one, its `runner`. That passes on what the program prints, byte for byte
//! and at once, ends as the program ends, and notes when each test was done.

#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test"))]
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program for people")]

mod program;
mod report;

use std::env;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, ExitStatus};
use std::time::Instant;

/// With this as first argument it runs one program, and adds what that took to a file: `run FILE PROGRAM ARGUMENTS…`.
/// With any other, all arguments are cargo's.
const RUN: &str = "run";

fn main() -> ExitCode {
    let arguments: Vec<OsString> = env::args_os().skip(1).collect();
    let outcome = match arguments.as_slice() {
        [run, notes, program, rest @ ..] if run == RUN => program::run(Path::new(notes), program, rest),
        arguments => all(arguments),
    };
    outcome.unwrap_or_else(|error| {
        eprintln!("stopwatch: {error}");
        ExitCode::FAILURE
    })
}

fn all(arguments: &[OsString]) -> io::Result<ExitCode> {
    let notes = notes()?;
    let runner = [env::current_exe()?, RUN.into(), notes.clone()]
        .map(|word| format!("{:?}", word.display().to_string()));
    let start = Instant::now();
    let status = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .arg("test")
        .arg("--config")
        .arg(format!("target.'cfg(all())'.runner=[{}]", runner.join(",")))
        .args(arguments)
        .status()?;
    let took = start.elapsed();
    // Empty where nothing compiles.
    let notes = fs::read_to_string(&notes)?;
    if !notes.is_empty() {
        print!("{}", report::report(&notes, took));
    }
    Ok(ended(status))
}

/// An empty file for what the programs took.
fn notes() -> io::Result<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), Into::into);
    fs::create_dir_all(&target)?;
    let file = target.canonicalize()?.join("test-times.txt");
    fs::write(&file, "")?;
    Ok(file)
}

/// What a program ended with; of a signal what a shell makes of it.
fn ended(status: ExitStatus) -> ExitCode {
    #[cfg(unix)]
    let signal = std::os::unix::process::ExitStatusExt::signal(&status).map(|signal| 128 + signal);
    #[cfg(not(unix))]
    let signal = None;
    let code = status.code().or(signal);
    // Whatever does not fit is a failure.
    code.and_then(|code| u8::try_from(code).ok())
        .map_or(ExitCode::FAILURE, ExitCode::from)
}
