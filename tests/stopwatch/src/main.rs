//! Runs the tests of `cargo test`, several programs at a time, and says at its end what took longest.
//!
//! Cargo starts every test program by way of this one, its `runner`, which only notes how. When all are known they run side by
//! side, those first that took longest the last time; the examples in the documentation are one more program. What a program
//! prints comes in one piece when it ends.

#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test"))]
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program for people")]

mod job;
mod program;
mod report;

use std::env;
use std::ffi::OsString;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::sync::Mutex;
use std::thread;
use std::time::Instant;

use job::{Job, in_order};
use program::Ended;

/// With this as first argument a program is noted, and not run: `note FOLDER PROGRAM ARGUMENTS…`.
/// With any other, all arguments are cargo's.
const NOTE: &str = "note";

/// Everything that cargo would run, but the examples in the documentation.
const PROGRAMS: [&str; 4] = ["--lib", "--bins", "--tests", "--examples"];

fn main() -> ExitCode {
    let arguments: Vec<OsString> = env::args_os().skip(1).collect();
    let outcome = match arguments.as_slice() {
        [note, folder, program, rest @ ..] if note == NOTE => {
            Job::here(program, rest).and_then(|job| job.write(Path::new(folder)))
        }
        arguments => all(arguments),
    };
    outcome.map_or_else(
        |error| {
            eprintln!("stopwatch: {error}");
            ExitCode::FAILURE
        },
        |()| ExitCode::SUCCESS,
    )
}

fn all(arguments: &[OsString]) -> io::Result<()> {
    let start = Instant::now();
    let target = target_folder()?;
    let queue = target.join("test-programs");
    drop(fs::remove_dir_all(&queue));
    fs::create_dir_all(&queue)?;
    let runner = [env::current_exe()?, NOTE.into(), queue.clone()]
        .map(|word| format!("{:?}", word.display().to_string()));
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let compiled = Command::new(&cargo)
        .args(["test", "--config"])
        .arg(format!("target.'cfg(all())'.runner=[{}]", runner.join(",")))
        .args(arguments)
        .args(PROGRAMS)
        .status()?;
    if !compiled.success() {
        return Err(io::Error::other("not all could be compiled"));
    }
    let times = target.join("test-times.txt");
    let mut jobs = Job::read_all(&queue)?;
    jobs.push(Job::documentation(&cargo, arguments)?);
    let jobs = in_order(jobs, &fs::read_to_string(&times).unwrap_or_default());
    let compiling = start.elapsed();
    println!(
        "\nCompiling took {} s; now {} programs run.",
        compiling.as_secs(),
        jobs.len()
    );
    let (notes, failed) = run_all(jobs)?;
    fs::write(&times, &notes)?;
    print!("{}", report::report(&notes, start.elapsed(), compiling));
    if !failed.is_empty() {
        return Err(io::Error::other(format!("these failed: {}", failed.join(", "))));
    }
    Ok(())
}

/// Runs all, as many at a time as there are processors; gives the notes on all of them, and those that failed.
fn run_all(jobs: Vec<Job>) -> io::Result<(String, Vec<String>)> {
    let next = Mutex::new(jobs.into_iter());
    let done = Mutex::new((String::new(), Vec::new()));
    let lanes = thread::available_parallelism().map_or(2, usize::from).max(2);
    let lane = || -> io::Result<()> {
        loop {
            let job = next.lock().map_err(|_| poisoned())?.next();
            let Some(job) = job else { return Ok(()) };
            let ended = program::run(&job)?;
            let mut done = done.lock().map_err(|_| poisoned())?;
            tell(&job, &ended)?;
            done.0.push_str(&ended.notes);
            if !ended.status.success() {
                done.1.push(job.name);
            }
        }
    };
    thread::scope(|scope| {
        let lanes: Vec<_> = (0..lanes).map(|_| scope.spawn(lane)).collect();
        lanes
            .into_iter()
            .try_for_each(|lane| lane.join().map_err(|_| poisoned())?)
    })?;
    done.into_inner().map_err(|_| poisoned())
}

fn poisoned() -> io::Error {
    io::Error::other("a thread panicked")
}

fn tell(job: &Job, ended: &Ended) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "\n     Ran {} ({:.1} s)", job.name, ended.took.as_secs_f64())?;
    out.write_all(&ended.output)?;
    if ended.status.code().is_none() {
        writeln!(out, "{}: {}", job.name, ended.status)?;
    }
    out.flush()
}

fn target_folder() -> io::Result<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), Into::into);
    fs::create_dir_all(&target)?;
    target.canonicalize()
}
