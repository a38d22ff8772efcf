//! `plimsoll`: what Plimsoll knows of a Dockerfile, without a daemon.
//!
//! The same core as in builds, asked from the command line. Standard output has the answer and nothing else; notes and
//! what went wrong are on standard error.

mod arguments;
mod check;
mod context;
mod explain;
mod files;
mod folder;
mod images;
mod lock;
mod options;
mod output;
mod picture;
mod plain;
mod questions;
mod report;
mod rounds;
mod rules;
mod taken_in;

use std::process::ExitCode;

use clap::{CommandFactory, Parser};

use arguments::{Arguments, Command};
use output::{Failure, Output};

/// As in the image: musl's own allocator is slow.
#[global_allocator]
static ALLOCATOR: dlmalloc::GlobalDlmalloc = dlmalloc::GlobalDlmalloc;

/// How a run ends that could do what it was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    /// Nothing is wrong.
    Clean,
    /// There are findings, or the file can't be built.
    Findings,
    /// Some of the files could not be read.
    Unread,
}

fn main() -> ExitCode {
    // Wrong use ends here, with status 2.
    let arguments = Arguments::parse();
    let mut output = Output::new(arguments.color);
    let verdict = run(arguments.command, &mut output);
    match output.end(verdict) {
        Some(Verdict::Clean) => ExitCode::SUCCESS,
        Some(Verdict::Findings) => ExitCode::from(1),
        Some(Verdict::Unread) | None => ExitCode::from(2),
    }
}

fn run(command: Command, output: &mut Output) -> Result<Verdict, Failure> {
    match command {
        Command::Check(arguments) => check::run(&arguments, output),
        Command::Rules { rule } => rules::run(rule.as_deref(), output),
        Command::Outline(arguments) => questions::outline(&arguments, output),
        Command::Targets(arguments) => questions::targets(&arguments, output),
        Command::Context(arguments) => context::run(&arguments, output),
        Command::Explain(arguments) => explain::run(&arguments, output),
        Command::Graph(arguments) => picture::run(&arguments, output),
        Command::Plain(arguments) => plain::run(&arguments, output),
        Command::Llb(arguments) => questions::llb(&arguments, output),
        Command::Images(arguments) => questions::images(&arguments, output),
        Command::Lock(arguments) => lock::run(&arguments, output),
        Command::Completions { shell } => {
            let mut bytes = Vec::new();
            clap_complete::generate(shell, &mut Arguments::command(), "plimsoll", &mut bytes);
            output.write(&bytes).map(|()| Verdict::Clean)
        }
        Command::Man { folder } => {
            output::manual(&Arguments::command(), folder.as_deref(), output).map(|()| Verdict::Clean)
        }
    }
}
