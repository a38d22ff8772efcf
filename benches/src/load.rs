//! Many builds at once on one daemon, each of another Dockerfile.

use std::fs;
use std::process::Stdio;
use std::thread;
use std::time::Instant;

use anyhow::{Context, Result, anyhow, ensure};
use plimsoll_engine::{Engine, Progress};

use crate::dockerfile;
use crate::report::Report;
use crate::stats::Samples;
use crate::warm::build;

const AT_ONCE: usize = 50;

const ROUNDS: usize = 2;

const BUILDERS: [&str; 2] = ["plimsoll", "reference image"];

/// Measures both frontends in turns; a build that fails ends it.
pub fn measure(engine: &Engine, report: &mut Report, progress: &mut dyn Progress) -> Result<()> {
    let mut samples = [Samples::default(), Samples::default()];
    // The first build by a frontend pulls its image, and the base image.
    for builder in BUILDERS {
        wave(engine, builder, "first", 1)?;
    }
    for round in 0..ROUNDS {
        for turn in 0..BUILDERS.len() {
            let who = (round + turn) % BUILDERS.len();
            progress.step(&format!("{AT_ONCE} builds at once by the {}", BUILDERS[who]));
            samples[who]
                .0
                .extend(wave(engine, BUILDERS[who], &round.to_string(), AT_ONCE)?);
        }
    }
    let [ours, reference] = &samples;
    let what = format!("{AT_ONCE} builds at once");
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

/// One wave; gives how long each build took, in milliseconds.
fn wave(engine: &Engine, builder: &str, name: &str, count: usize) -> Result<Vec<f64>> {
    let folder = tempfile::tempdir()?;
    let who = format!("{}-{name}", builder.replace(' ', "-"));
    let mut commands = Vec::new();
    for number in 0..count {
        let context = folder.path().join(number.to_string());
        fs::create_dir(&context)?;
        fs::write(context.join("Dockerfile"), dockerfile::small(&who, number))?;
        let mut command = build(&context, builder).command(engine, "plain");
        command.stdin(Stdio::null());
        commands.push(command);
    }
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
