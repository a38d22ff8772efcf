//! How long the compile core takes, beside the reference's own library.
//!
//! Each runs in a process of its own, in turns; ours is compiled as the frontend is (for size, on musl, with its
//! allocator). Both get the same file, answer base images from memory, and must come to the same digest and number of
//! operations. The floor is SHA-256 over those operations and one copy of the message.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use plimsoll_engine::Progress;
use plimsoll_engine::frontend_image::project;
use plimsoll_engine::program::{self, find};
use plimsoll_frontend::gateway::MAX_MESSAGE_BYTES;
use serde::Deserialize;

use crate::dockerfile::Shape;
use crate::report::Report;
use crate::run::Run;
use crate::stats::Samples;

/// Processes of each, so that neither has the machine's good minute for itself.
const ROUNDS: usize = 8;

/// How long a process compiles over and over, in seconds.
const SECONDS: &str = "1";

/// What a process says about itself.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Said {
    Refused { refused: String },
    Compiled(Compiled),
}

#[derive(Debug, Default, Deserialize)]
struct Compiled {
    nanoseconds: Vec<f64>,
    peak_kib: f64,
    bytes: usize,
    operations: usize,
    digest: String,
    /// Only ours.
    floor_nanoseconds: Option<f64>,
}

#[derive(Debug, Default)]
struct Measured {
    steady: Samples,
    first: Samples,
    peak: Samples,
    floor: Samples,
}

/// Measures shapes. `ours` is the program; the reference's is built beside the report.
pub fn measure(ours: &Path, shapes: &[Shape], run: &mut Run<'_>) -> Result<()> {
    let reference = reference(&run.out, run.progress)?;
    for shape in shapes {
        run.progress.step(&format!("compiling {}", shape.name));
        measure_one(shape, [ours, &reference], run)?;
    }
    Ok(())
}

fn measure_one(shape: &Shape, programs: [&Path; 2], run: &mut Run<'_>) -> Result<()> {
    let file = run.out.join(format!("{}.Dockerfile", shape.key));
    let text = (shape.text)();
    fs::write(&file, &text)?;
    let mut measured = [Measured::default(), Measured::default()];
    let mut made = Compiled::default();
    for _ in 0..run.rounds(ROUNDS) {
        let mut answers = Vec::new();
        for (index, program) in programs.into_iter().enumerate() {
            match round(program, &file, shape.is_repeated, &mut measured[index])? {
                Said::Compiled(compiled) => answers.push(compiled),
                Said::Refused { refused } => {
                    let who = ["Plimsoll", "the reference"][index];
                    let what = format!("compile {}, once, as in a build", shape.name);
                    run.report.refused(&what, format!("{who} refuses: {refused}"));
                    return Ok(());
                }
            }
        }
        let graph = |compiled: &Compiled| (compiled.operations, compiled.digest.clone());
        let graphs: Vec<_> = answers.iter().map(graph).collect();
        ensure!(
            graphs[0] == graphs[1],
            "{}: Plimsoll made {:?} and the reference {:?}",
            shape.name,
            graphs[0],
            graphs[1]
        );
        made = answers.swap_remove(0);
    }
    run.report.note(describe(shape, text.len(), &made));
    report(shape, text.len(), &measured, &mut run.report);
    Ok(())
}

/// What a shape is, once for all its rows.
fn describe(shape: &Shape, input: usize, made: &Compiled) -> String {
    let megabytes = |bytes: usize| bytes as f64 / 1e6;
    let semicolon = if shape.about.is_empty() { "" } else { "; " };
    let mut note = format!(
        "{}: {}{semicolon}{:.2} MB, {} operations in {:.2} MB",
        shape.name,
        shape.about,
        megabytes(input),
        made.operations,
        megabytes(made.bytes)
    );
    if made.bytes > MAX_MESSAGE_BYTES {
        note += ", more than a message may hold: compiled here, and refused in a build";
    }
    note
}

/// The rows of a shape.
///
/// A single compile is told by the fastest of all rounds: it does the same each time, and whatever else the machine does
/// only adds to it.
fn report(shape: &Shape, input: usize, [ours, reference]: &[Measured; 2], report: &mut Report) {
    let named = |what: &str| format!("compile {}, {what}", shape.name);
    let held = |ours: f64, reference: f64| ours <= shape.time * reference;
    let words = format!("{:.2}", shape.time);

    let what = named("once, as in a build");
    let [our_time, their_time] = [ours.first.smallest(), reference.first.smallest()];
    report.row(&what, "ms", our_time, their_time);
    report.hold(&words, held(our_time, their_time));
    report.samples(
        &what,
        &[("plimsoll", &ours.first), ("reference", &reference.first)],
    );

    let what = named("peak memory of that");
    report.row(&what, "MB", ours.peak.median(), reference.peak.median());
    if let Some(memory) = shape.memory {
        report.hold(&memory.words(), ours.peak.largest() * 1e6 <= memory.bytes(input));
    }
    report.samples(&what, &[("plimsoll", &ours.peak), ("reference", &reference.peak)]);

    if shape.is_repeated {
        let what = named("over and over");
        let [our_time, their_time] = [ours.steady.median(), reference.steady.median()];
        report.row(&what, "ms", our_time, their_time);
        report.hold(&words, held(our_time, their_time));
        report.samples(
            &what,
            &[("plimsoll", &ours.steady), ("reference", &reference.steady)],
        );
        let what = named("against its floor");
        report.row(&what, "ms", ours.first.smallest(), ours.floor.smallest());
        report.samples(&what, &[("plimsoll", &ours.first), ("floor", &ours.floor)]);
    }
}

/// One process that compiles once, and one that does for a while where that is wanted; gives what they made.
fn round(program: &Path, file: &Path, is_repeated: bool, measured: &mut Measured) -> Result<Said> {
    let once = match ask(program, file, "0")? {
        Said::Compiled(once) => once,
        refused @ Said::Refused { .. } => return Ok(refused),
    };
    let milliseconds = |nanoseconds: f64| nanoseconds / 1e6;
    let first = once.nanoseconds.first().copied();
    measured.first.0.extend(first.map(milliseconds));
    measured.peak.0.push(once.peak_kib * 1024.0 / 1e6);
    measured.floor.0.extend(once.floor_nanoseconds.map(milliseconds));
    if is_repeated && let Said::Compiled(many) = ask(program, file, SECONDS)? {
        // The first one of a process has its caches to fill.
        let steady = many.nanoseconds.iter().skip(1).copied().map(milliseconds);
        measured.steady.0.extend(steady);
        ensure!(once.digest == many.digest, "compiling twice gave two digests");
    }
    Ok(Said::Compiled(once))
}

fn ask(program: &Path, file: &Path, seconds: &str) -> Result<Said> {
    let output = program::run(Command::new(program).arg(file).arg(seconds))?;
    serde_json::from_slice(&output.stdout)
        .with_context(|| format!("{} said something else", program.display()))
}

/// Builds `benches/reference`.
fn reference(out: &Path, progress: &mut dyn Progress) -> Result<PathBuf> {
    progress.step("building the reference's library");
    let program = out.join("reference");
    let go = find("go").context("Go is missing: install it from https://go.dev/dl, 1.26 or newer")?;
    let mut build = Command::new(go);
    build
        .args(["build", "-trimpath", "-mod=readonly", "-ldflags", "-s -w", "-o"])
        .arg(&program)
        .arg(".");
    build
        .current_dir(project().join("benches/reference"))
        .env("CGO_ENABLED", "0");
    program::run(build.env("GOWORK", "off"))?;
    Ok(program)
}

#[cfg(test)]
mod tests {
    #![allow(
        clippy::unwrap_used,
        clippy::panic,
        reason = "a failed expectation ends a test"
    )]

    use super::Said;

    #[test]
    fn lines_of_both_programs_are_read() {
        let refused = serde_json::from_str(r#"{"refused":"too large"}"#).unwrap();
        assert!(matches!(refused, Said::Refused { refused } if refused == "too large"));
        let reference = r#"{"nanoseconds":[5],"peak_kib":7,"bytes":1,"operations":2,"digest":"sha256:00"}"#;
        let Said::Compiled(reference) = serde_json::from_str(reference).unwrap() else {
            panic!("a compile was read as a refusal");
        };
        assert_eq!((reference.operations, reference.floor_nanoseconds), (2, None));
    }
}
