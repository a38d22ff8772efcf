//! Inputs made to break the frontend: none makes it panic, hang or take more memory than docs/security.md says.
//!
//! Each case runs in a process of its own, which tells its peak of memory. `cargo test --test hostile -- --nocapture`
//! prints the table; times are there to be read, and only a hang fails.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::print_stdout,
    reason = "a test"
)]

mod cases;
mod lean;
mod wire;

use std::num::NonZero;
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::thread::available_parallelism;
use std::time::{Duration, Instant};

use cases::{CASES, Expect, Hostile};
use lean::Lean;
use plimsoll_fake_bridge::FakeBridge;
use plimsoll_frontend::Outcome;
use wire::WIRED;

/// As in the image.
#[global_allocator]
static ALLOCATOR: dlmalloc::GlobalDlmalloc = dlmalloc::GlobalDlmalloc;

/// The most memory that a process may take, in MiB.
const MOST_MEBIBYTES: u64 = 512;

/// A process that takes longer hangs.
const HANG: Duration = Duration::from_secs(600);

/// Names the case that a process runs.
const CASE: &str = "PLIMSOLL_HOSTILE_CASE";

/// Before what a process says.
const SAYS: &str = "hostile-says:";

/// Runs one case where the environment names it: this is the child.
#[test]
fn child() {
    let Ok(name) = std::env::var(CASE) else { return };
    let hostile = all().find(|hostile| hostile.name == name).unwrap();
    let case = (hostile.case)();
    let environment = case.environment();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap();
    let script = hostile.wire.map(|script| script());
    let before = peak();
    let started = cpu_milliseconds();
    let outcome = match script {
        None => runtime.block_on(plimsoll_frontend::run(&Lean(FakeBridge::new(case)), &environment)),
        Some(script) => runtime.block_on(wire::run(case, script, &environment)),
    };
    let took = cpu_milliseconds() - started;
    let said = match outcome {
        Outcome::Built => "built".to_owned(),
        Outcome::Refused(status) | Outcome::Lost(status) => format!("refused {}", status.message),
    };
    let said: String = said
        .chars()
        .map(|ch| if ch.is_control() { ' ' } else { ch })
        .take(2_000)
        .collect();
    println!("{SAYS}{} {before} {took} {said}", peak());
}

fn all() -> impl Iterator<Item = &'static Hostile> {
    CASES.iter().chain(WIRED)
}

/// The processor time of this process so far: what others do on the machine does not count.
fn cpu_milliseconds() -> u64 {
    /// As Linux tells them to programs, on all its systems.
    const TICKS_A_SECOND: u64 = 100;
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let fields = stat.rsplit_once(')').unwrap().1.split_whitespace();
    let ticks: u64 = fields
        .skip(11)
        .take(2)
        .map(|field| field.parse::<u64>().unwrap())
        .sum();
    ticks * 1000 / TICKS_A_SECOND
}

/// The largest size of this process so far, in KiB.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .unwrap();
    line.split_whitespace().next().unwrap().parse().unwrap()
}

#[test]
fn cases_end_well() {
    let only = std::env::var("PLIMSOLL_HOSTILE_ONLY").unwrap_or_default();
    eprintln!("{:<34} {:>9} {:>9}  outcome", "case", "peak MiB", "CPU ms");
    let waiting = Mutex::new(all().filter(|hostile| hostile.name.contains(&only)));
    let failures = Mutex::new(Vec::new());
    let work = || {
        loop {
            let next = waiting.lock().unwrap().next();
            let Some(hostile) = next else { return };
            match run(hostile) {
                Ok(row) => eprintln!("{row}"),
                Err(failure) => {
                    eprintln!("{failure}");
                    failures.lock().unwrap().push(failure);
                }
            }
        }
    };
    // Memory and processor time are each process' own, so they may run side by side.
    std::thread::scope(|scope| {
        for _ in 0..available_parallelism().map_or(1, NonZero::get) {
            scope.spawn(work);
        }
    });
    let failures = failures.into_inner().unwrap();
    assert!(failures.is_empty(), "\n{}", failures.join("\n"));
}

/// Runs a case in a process; gives its row of the table, or what is wrong.
fn run(hostile: &Hostile) -> Result<String, String> {
    let name = hostile.name;
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "child", "--nocapture"])
        .env(CASE, name)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let start = Instant::now();
    while child.try_wait().unwrap().is_none() {
        if start.elapsed() > HANG {
            child.kill().unwrap();
            return Err(format!("{name}: hangs"));
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    let output = child.wait_with_output().unwrap();
    let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
    let Some(said) = stdout.lines().find_map(|line| Some(line.split_once(SAYS)?.1)) else {
        let stderr = String::from_utf8_lossy(&output.stderr);
        return Err(format!("{name}: died: {} {stdout}{stderr}", output.status));
    };
    let mut parts = said.splitn(4, ' ');
    let mut number = || parts.next().unwrap().parse::<u64>().unwrap();
    let (peak, _before, took) = (number() / 1024, number(), number());
    let outcome = parts.next().unwrap();
    let shown: String = outcome.chars().take(110).collect();
    let row = format!("{name:<34} {peak:>9} {took:>9}  {shown}");
    let fits = match hostile.expect {
        Expect::Built => outcome == "built",
        Expect::Refused(part) => outcome.starts_with("refused") && outcome.contains(part),
    };
    if !fits {
        return Err(format!("{row}\n  expected {:?}, got {outcome}", hostile.expect));
    }
    if peak > MOST_MEBIBYTES {
        return Err(format!("{row}\n  more than {MOST_MEBIBYTES} MiB"));
    }
    Ok(row)
}
