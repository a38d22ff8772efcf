//! Peak memory of the frontend's process, read from the kernel while a real daemon runs it.
//!
//! `VmHWM` of a process only grows, and both frontends end with a call that they wait for; so the last reading, at most a
//! millisecond or two before the end, is the peak.

use std::collections::BTreeSet;
use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use anyhow::{Result, anyhow, ensure};
use plimsoll_engine::{Engine, Progress};

use crate::dockerfile;
use crate::report::Report;
use crate::stats::Samples;
use crate::warm::build;

const BUILDS: usize = 10;

/// Both frontends and their processes' names, which the kernel cuts after 15 letters.
const FRONTENDS: [(&str, &str); 2] = [("plimsoll", "plimsoll-fronte"), ("reference image", "frontend")];

/// Measures warm builds of five stages by either frontend.
pub fn measure(engine: &Engine, report: &mut Report, progress: &mut dyn Progress) -> Result<()> {
    progress.step("reading the frontends' memory");
    let folder = tempfile::tempdir()?;
    fs::write(folder.path().join("Dockerfile"), dockerfile::stages(5))?;
    build(folder.path(), "built-in").run_ok(engine)?;
    let mut peaks = Vec::new();
    for (builder, process) in FRONTENDS {
        let mut samples = Samples::default();
        for _ in 0..BUILDS {
            let (peak, built) = watch(process, || build(folder.path(), builder).run_ok(engine))?;
            built?;
            samples.0.push(peak);
        }
        peaks.push(samples);
    }
    let [ours, reference] = [peaks[0].largest(), peaks[1].largest()];
    let what = "peak memory of the frontend, five stages";
    report.row(what, "MB", ours, reference);
    report.hold("under 8 MB", ours < 8.0);
    report.samples(what, &[("plimsoll", &peaks[0]), ("reference", &peaks[1])]);
    Ok(())
}

/// Runs `work` and gives the largest peak, in MB, of the processes of this name that came up meanwhile.
fn watch<T>(name: &str, work: impl FnOnce() -> T) -> Result<(f64, T)> {
    let known = processes()?;
    let stop = Arc::new(AtomicBool::new(false));
    let (watched, name) = (Arc::clone(&stop), name.to_owned());
    let watcher = thread::spawn(move || {
        let mut peak = 0;
        while !watched.load(Ordering::Relaxed) {
            for process in processes().unwrap_or_default().difference(&known) {
                peak = peak.max(peak_kib(*process, &name).unwrap_or(0));
            }
        }
        (peak, name)
    });
    let done = work();
    stop.store(true, Ordering::Relaxed);
    let (peak, name) = watcher
        .join()
        .map_err(|_| anyhow!("the watcher of processes died"))?;
    ensure!(peak > 0, "no process `{name}` came up");
    Ok((peak as f64 * 1024.0 / 1e6, done))
}

fn processes() -> Result<BTreeSet<u32>> {
    let entries = fs::read_dir("/proc")?.filter_map(Result::ok);
    Ok(entries
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .collect())
}

/// `VmHWM` of a process, if it has this name.
fn peak_kib(process: u32, name: &str) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let field = |key: &str| {
        status
            .lines()
            .find_map(|line| line.strip_prefix(key))
            .map(str::trim)
    };
    if field("Name:")? != name {
        return None;
    }
    field("VmHWM:")?.split_whitespace().next()?.parse().ok()
}
