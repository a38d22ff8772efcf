//! Peak memory of the frontend's process, read from the kernel while a real daemon runs it.

use std::fs;

use anyhow::Result;
use plimsoll_engine::Engine;

use crate::dockerfile;
use crate::processes::{Each, OTHERS, OURS, watch};
use crate::run::Run;
use crate::stats::Samples;
use crate::warm::build;

const BUILDS: usize = 10;

/// Both frontends and their processes' names.
const FRONTENDS: [(&str, &str); 2] = [("plimsoll", OURS), ("reference image", OTHERS)];

/// Measures warm builds of five stages by either frontend.
pub fn measure(engine: &Engine, run: &mut Run<'_>) -> Result<()> {
    run.progress.step("reading the frontends' memory");
    let folder = tempfile::tempdir()?;
    fs::write(folder.path().join("Dockerfile"), dockerfile::stages(5))?;
    build(folder.path(), "built-in").run_ok(engine)?;
    let mut peaks = Vec::new();
    for (builder, process) in FRONTENDS {
        let mut samples = Samples::default();
        for _ in 0..run.rounds(BUILDS) {
            let build = build(folder.path(), builder);
            let (largest, built) = watch(process, Each::Peak, || build.run_ok(engine))?;
            built?;
            samples.0.push(largest);
        }
        peaks.push(samples);
    }
    let [ours, reference] = [peaks[0].largest(), peaks[1].largest()];
    let what = "peak memory of the frontend, five stages";
    run.report.row(what, "MB", ours, reference);
    run.report.hold("under 3 MB", ours < 3.0);
    run.report
        .samples(what, &[("plimsoll", &peaks[0]), ("reference", &peaks[1])]);
    Ok(())
}
