//! How long the compile core takes, beside the reference's own library.
//!
//! Each runs in a process of its own, in turns; ours is compiled as the frontend is (for size, on musl). Both get the
//! same file and answer base images from memory, and both must come to the same digest.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use plimsoll_engine::Progress;
use plimsoll_engine::frontend_image::project;
use plimsoll_engine::program::{find, run};
use serde::Deserialize;

use crate::dockerfile;
use crate::report::Report;
use crate::stats::Samples;

const SIZES: [usize; 3] = [10, 100, 1_000];

/// Processes of each, so that neither has the machine's good minute for itself.
const ROUNDS: usize = 5;

/// How long each process compiles over and over, in seconds.
const SECONDS: &str = "1";

/// What a process says about itself.
#[derive(Debug, Deserialize)]
struct Said {
    nanoseconds: Vec<f64>,
    peak_kib: f64,
    operations: usize,
    digest: String,
}

#[derive(Debug, Default)]
struct Measured {
    steady: Samples,
    first: Samples,
    peak: Samples,
}

/// Measures all sizes. `ours` is the program; the reference's is built into `out`.
pub fn measure(ours: &Path, out: &Path, report: &mut Report, progress: &mut dyn Progress) -> Result<()> {
    let reference = reference(out, progress)?;
    for stages in SIZES {
        progress.step(&format!("compiling {stages} stages"));
        let file = out.join(format!("{stages}.Dockerfile"));
        fs::write(&file, dockerfile::stages(stages))?;
        let mut measured = [Measured::default(), Measured::default()];
        for _ in 0..ROUNDS {
            let mut answers = Vec::new();
            for (program, measured) in [ours, &reference].into_iter().zip(&mut measured) {
                answers.push(round(program, &file, measured)?);
            }
            ensure!(
                answers[0] == answers[1],
                "{stages} stages: Plimsoll made {:?} and the reference {:?}",
                answers[0],
                answers[1]
            );
        }
        let [ours, reference] = &measured;
        let mut add = |what: &str, unit, ours: &Samples, reference: &Samples| {
            let what = format!("compile {stages} stages, {what}");
            report.row(&what, unit, ours.median(), reference.median());
            report.samples(&what, &[("plimsoll", ours), ("reference", reference)]);
        };
        add("once, as in a build", "ms", &ours.first, &reference.first);
        add("peak memory of that", "MB", &ours.peak, &reference.peak);
        add("over and over", "ms", &ours.steady, &reference.steady);
    }
    Ok(())
}

/// One process that compiles once, and one that does for a while; gives what they made.
fn round(program: &Path, file: &Path, measured: &mut Measured) -> Result<(usize, String)> {
    let once = ask(program, file, "0")?;
    let milliseconds = |nanoseconds: f64| nanoseconds / 1e6;
    measured
        .first
        .0
        .extend(once.nanoseconds.first().copied().map(milliseconds));
    measured.peak.0.push(once.peak_kib * 1024.0 / 1e6);
    let many = ask(program, file, SECONDS)?;
    // The first one of a process has its caches to fill.
    let steady = many.nanoseconds.iter().skip(1).copied().map(milliseconds);
    measured.steady.0.extend(steady);
    ensure!(once.digest == many.digest, "compiling twice gave two digests");
    Ok((many.operations, many.digest))
}

fn ask(program: &Path, file: &Path, seconds: &str) -> Result<Said> {
    let output = run(Command::new(program).arg(file).arg(seconds))?;
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
    run(build.env("GOWORK", "off"))?;
    Ok(program)
}
