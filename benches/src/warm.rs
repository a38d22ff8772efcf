//! A build of five stages that has nothing to do, end to end: what a person waits for when only the frontend works.

use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use plimsoll_engine::{Build, Engine};

use crate::dockerfile;
use crate::frontends::{FLOOR, REFERENCE};
use crate::run::Run;
use crate::stats::Samples;

const ROUNDS: usize = 40;

/// Who builds, in the order of the first round.
const BUILDERS: [&str; 4] = ["plimsoll", "reference image", "built-in", "floor"];

/// The build by one of [`BUILDERS`].
pub fn build(context: &Path, builder: &str) -> Build {
    let build = Build::new(context);
    match builder {
        "reference image" => build.frontend(REFERENCE),
        "built-in" => build.reference(),
        "floor" => build.frontend(FLOOR),
        _ => build,
    }
}

/// Measures the four in turns; each round starts with the next of them.
pub fn measure(engine: &Engine, run: &mut Run<'_>) -> Result<()> {
    let folder = tempfile::tempdir()?;
    fs::write(folder.path().join("Dockerfile"), dockerfile::stages(5))?;
    run.progress.step("building five stages");
    for builder in BUILDERS {
        build(folder.path(), builder).run_ok(engine)?;
    }
    all_cached(engine, folder.path())?;
    let rounds = run.rounds(ROUNDS);
    run.progress.step(&format!(
        "building them again when all is cached, {rounds} times by each of four"
    ));
    let mut samples = [const { Samples(Vec::new()) }; 4];
    for round in 0..rounds {
        for turn in 0..BUILDERS.len() {
            let who = (round + turn) % BUILDERS.len();
            samples[who]
                .0
                .push(once(engine, &build(folder.path(), BUILDERS[who]))?);
        }
    }
    let [ours, reference, built_in, floor] = &samples;
    let ms = ours.median();
    run.report.row(
        "warm build, against the reference image",
        "ms",
        ms,
        reference.median(),
    );
    run.report.hold("0.84", ms <= 0.84 * reference.median());
    run.report
        .row("… against the built-in frontend", "ms", ms, built_in.median());
    run.report.row(
        "… against a frontend that returns at once",
        "ms",
        ms,
        floor.median(),
    );
    run.report.hold("1.17", ms <= 1.17 * floor.median());
    let above = |samples: &Samples| samples.median() - floor.median();
    run.report
        .row("… what each adds to that", "ms", above(ours), above(reference));
    let named: Vec<(&str, &Samples)> = BUILDERS.into_iter().zip(&samples).collect();
    run.report.samples("warm build", &named);
    Ok(())
}

/// Makes sure that ours finds what the reference built, so that both do the same.
fn all_cached(engine: &Engine, context: &Path) -> Result<()> {
    let built = build(context, "plimsoll").run_ok(engine)?;
    let steps = built.record.vertices.iter();
    let ran: Vec<&str> = steps
        .filter(|vertex| vertex.name.contains("] RUN ") && !vertex.cached)
        .map(|vertex| vertex.name.as_str())
        .collect();
    ensure!(
        ran.is_empty(),
        "these steps ran although they were built before: {ran:?}"
    );
    Ok(())
}

/// One build, from the start of the client to its end, in milliseconds.
pub fn once(engine: &Engine, build: &Build) -> Result<f64> {
    let mut command = build.command(engine, "quiet");
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let start = Instant::now();
    let status = command.status().context("could not start buildctl")?;
    let took = start.elapsed();
    ensure!(status.success(), "a build failed: {build:?}");
    Ok(took.as_secs_f64() * 1e3)
}
