//! Many builds at once on one daemon, each of another Dockerfile: how long each takes, and what all frontends take together.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::thread;
use std::time::Instant;

use anyhow::{Context, Result, anyhow, ensure};
use plimsoll_engine::Engine;

use crate::dockerfile;
use crate::processes::{Each, Group, OTHERS, OURS, watch};
use crate::run::Run;
use crate::stats::Samples;
use crate::warm::build;

const AT_ONCE: usize = 100;

/// Waves of builds that nobody has built before.
const NEW: usize = 2;

/// Waves of builds that have nothing to do.
const WARM: usize = 3;

/// Who builds, and the name of its process. The last is a frontend that returns at once.
const BUILDERS: [(&str, &str); 3] = [("plimsoll", OURS), ("reference image", OTHERS), ("floor", OTHERS)];

/// Measures the frontends in turns; a build that fails ends it.
pub fn measure(engine: &Engine, run: &mut Run<'_>) -> Result<()> {
    // The first build by a frontend pulls its image, and the base image.
    for (builder, _) in BUILDERS {
        let folder = tempfile::tempdir()?;
        let first = contexts(folder.path(), &format!("{builder} first"), 1)?;
        wave(engine, builder, &first)?;
    }
    latency(engine, run)?;
    together(engine, run)
}

/// How long builds take that nobody has built before.
fn latency(engine: &Engine, run: &mut Run<'_>) -> Result<()> {
    let mut samples = [Samples::default(), Samples::default()];
    for round in 0..run.rounds(NEW) {
        for turn in 0..samples.len() {
            let who = (round + turn) % samples.len();
            let (builder, _) = BUILDERS[who];
            run.progress
                .step(&format!("{AT_ONCE} builds at once by {builder}"));
            let folder = tempfile::tempdir()?;
            let contexts = contexts(folder.path(), &format!("{builder} {round}"), AT_ONCE)?;
            samples[who].0.extend(wave(engine, builder, &contexts)?);
        }
    }
    let [ours, reference] = &samples;
    let what = format!("{AT_ONCE} builds at once");
    let report = &mut run.report;
    report.row(
        &format!("{what}, median"),
        "ms",
        ours.median(),
        reference.median(),
    );
    report.row(
        &format!("{what}, slowest"),
        "ms",
        ours.largest(),
        reference.largest(),
    );
    report.samples(&what, &[("plimsoll", ours), ("reference", reference)]);
    Ok(())
}

/// What the frontends take together, in waves where only they have something to do.
///
/// The control group also counts how runc starts each container, which is the same for all; so a frontend that returns
/// at once is measured beside them.
fn together(engine: &Engine, run: &mut Run<'_>) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let contexts = contexts(folder.path(), "warm", AT_ONCE)?;
    run.progress
        .step(&format!("building {AT_ONCE} files to have them cached"));
    wave(engine, "built-in", &contexts)?;
    let group = Group::of(engine)?;
    let mut time = [const { Samples(Vec::new()) }; BUILDERS.len()];
    let mut memory = [const { Samples(Vec::new()) }; BUILDERS.len()];
    for round in 0..run.rounds(WARM) {
        for turn in 0..BUILDERS.len() {
            let who = (round + turn) % BUILDERS.len();
            let (builder, process) = BUILDERS[who];
            run.progress
                .step(&format!("{AT_ONCE} builds at once that are cached, by {builder}"));
            let before = group.milliseconds()?;
            let (most, built) = watch(process, Each::Together, || wave(engine, builder, &contexts))?;
            built?;
            time[who].0.push(group.milliseconds()? - before);
            memory[who].0.push(most);
        }
    }
    let report = &mut run.report;
    let what = format!("{AT_ONCE} builds at once, processor time of the frontends");
    let [ours, reference, floor] = &time;
    report.row(&what, "ms", ours.median(), reference.median());
    report.samples(&what, &named(&time));
    let above = |samples: &Samples| samples.median() - floor.median();
    report.row(
        "… above one that returns at once",
        "ms",
        above(ours),
        above(reference),
    );
    report.hold("0.25", above(ours) <= 0.25 * above(reference));
    let what = format!("{AT_ONCE} builds at once, memory of the frontends");
    let [ours, reference, _] = &memory;
    report.row(&what, "MB", ours.median(), reference.median());
    report.hold("0.25", ours.median() <= 0.25 * reference.median());
    report.samples(&what, &named(&memory));
    Ok(())
}

fn named(samples: &[Samples; BUILDERS.len()]) -> Vec<(&'static str, &Samples)> {
    let names = BUILDERS.into_iter().map(|(builder, _)| builder);
    names.zip(samples).collect()
}

/// Folders with a Dockerfile each, which `who` and their numbers tell from all others.
fn contexts(folder: &Path, who: &str, count: usize) -> Result<Vec<PathBuf>> {
    let who = who.replace(' ', "-");
    let context = |number: usize| {
        let context = folder.join(number.to_string());
        fs::create_dir(&context)?;
        fs::write(context.join("Dockerfile"), dockerfile::small(&who, number))?;
        Ok(context)
    };
    (0..count).map(context).collect()
}

/// One wave; gives how long each build took, in milliseconds.
fn wave(engine: &Engine, builder: &str, contexts: &[PathBuf]) -> Result<Vec<f64>> {
    let command = |context: &PathBuf| {
        let mut command = build(context, builder).command(engine, "plain");
        command.stdin(Stdio::null());
        command
    };
    let commands: Vec<_> = contexts.iter().map(command).collect();
    let running: Vec<_> = commands
        .into_iter()
        .map(|mut command| {
            thread::spawn(move || -> Result<f64> {
                let start = Instant::now();
                let output = command.output().context("could not start buildctl")?;
                let said = String::from_utf8_lossy(&output.stderr);
                ensure!(output.status.success(), "a build failed:\n{said}");
                Ok(start.elapsed().as_secs_f64() * 1e3)
            })
        })
        .collect();
    let ended = running.into_iter().map(|build| {
        let ended = build.join();
        ended.map_err(|_| anyhow!("the thread that waited for a build died"))?
    });
    ended.collect()
}
