//! What the kernel tells of the frontends' processes while a daemon runs them.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, anyhow, ensure};
use plimsoll_engine::Engine;
use plimsoll_engine::supervise::mark_of;

/// The name of Plimsoll's process, which the kernel cuts after 15 letters.
pub const OURS: &str = "plimsoll-fronte";

/// The name of the others'.
pub const OTHERS: &str = "frontend";

/// Between two looks at many processes, which take processor time themselves.
const PAUSE: Duration = Duration::from_millis(20);

/// What is watched.
#[derive(Debug, Clone, Copy)]
pub enum Each {
    /// The peak of one process. It only grows, and frontends end with a call that they wait for; so the last reading,
    /// at most a millisecond or two before the end, is the peak.
    Peak,
    /// What all processes have together at one time. What several share, such as the program, counts once.
    Together,
}

/// Runs `work` and gives the most memory, in MB, of the processes of this name that came up meanwhile.
pub fn watch<T>(name: &str, each: Each, work: impl FnOnce() -> T) -> Result<(f64, T)> {
    let known = processes()?;
    let stop = Arc::new(AtomicBool::new(false));
    let (watched, watched_name) = (Arc::clone(&stop), name.to_owned());
    let watcher = thread::spawn(move || {
        let mut most = 0;
        while !watched.load(Ordering::Relaxed) {
            let new = processes().unwrap_or_default();
            let new = new.difference(&known).copied();
            let now = match each {
                Each::Peak => new.filter_map(|process| peak_kib(process, &watched_name)).max(),
                Each::Together => {
                    thread::sleep(PAUSE);
                    Some(new.filter_map(|process| share_kib(process, &watched_name)).sum())
                }
            };
            most = most.max(now.unwrap_or(0));
        }
        most
    });
    let done = work();
    stop.store(true, Ordering::Relaxed);
    let most = watcher
        .join()
        .map_err(|_| anyhow!("the watcher of processes died"))?;
    ensure!(most > 0, "no process `{name}` came up");
    Ok((most as f64 * 1024.0 / 1e6, done))
}

fn processes() -> Result<BTreeSet<u32>> {
    let entries = fs::read_dir("/proc")?.filter_map(Result::ok);
    Ok(entries
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .collect())
}

/// The largest resident size so far of a process, if it has this name.
fn peak_kib(process: u32, name: &str) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    if field(&status, "Name:")? != name {
        return None;
    }
    kib(field(&status, "VmHWM:")?)
}

/// The memory of a process, if it has this name, with its part of what it shares.
fn share_kib(process: u32, name: &str) -> Option<u64> {
    let own = fs::read_to_string(format!("/proc/{process}/comm")).ok()?;
    if own.trim() != name {
        return None;
    }
    let rollup = fs::read_to_string(format!("/proc/{process}/smaps_rollup")).ok()?;
    kib(field(&rollup, "Pss:")?)
}

fn field<'a>(text: &'a str, key: &str) -> Option<&'a str> {
    text.lines()
        .find_map(|line| line.strip_prefix(key))
        .map(str::trim)
}

fn kib(value: &str) -> Option<u64> {
    value.split_whitespace().next()?.parse().ok()
}

/// The control group that a daemon puts its containers in, the ended ones' processor time with it.
#[derive(Debug)]
pub struct Group {
    usage: PathBuf,
}

impl Group {
    /// That of an engine that is our own, once it has run a container.
    pub fn of(engine: &Engine) -> Result<Self> {
        let log = engine.log().context("the daemon is not our own")?;
        let mark = log.parent().and_then(mark_of);
        let mark = mark.context("the daemon's folder has no name")?;
        // The second version's, and the first's under both names that systems mount it by.
        let files = ["cpu.stat", "cpuacct.usage", "cpuacct.usage"];
        let folders = ["", "cpuacct", "cpu,cpuacct"];
        let mut candidates = folders
            .iter()
            .zip(files)
            .map(|(folder, file)| Path::new("/sys/fs/cgroup").join(folder).join(&mark).join(file));
        let usage = candidates.find(|file| file.exists());
        let usage = usage.with_context(|| format!("no control group `{mark}` counts processor time"))?;
        Ok(Self { usage })
    }

    /// Processor time so far, in milliseconds.
    pub fn milliseconds(&self) -> Result<f64> {
        let text = fs::read_to_string(&self.usage)?;
        let parsed = match field(&text, "usage_usec") {
            Some(microseconds) => microseconds.parse().map(|count: f64| count / 1e3),
            None => text.trim().parse().map(|nanoseconds: f64| nanoseconds / 1e6),
        };
        parsed.with_context(|| format!("{} holds no number", self.usage.display()))
    }
}
