//! Builds that their client gives up at any moment: the daemon stays well, and no frontend stays behind.

use std::fs;
use std::process::{Child, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use plimsoll_engine::{Build, Engine};

use crate::fixture::{project, start};

const BUILDS: u64 = 100;
const AT_ONCE: usize = 4;
/// Marks the environment of this test's frontends among all processes of the machine.
const MARK: &str = "cancelled-builds-of-one-test";

/// The processes of frontends that serve builds with the mark.
fn frontends() -> Result<Vec<String>> {
    let processes = fs::read_dir("/proc")?.flatten().filter_map(|entry| {
        let name = entry.file_name().into_string().ok()?;
        name.bytes().all(|byte| byte.is_ascii_digit()).then_some(name)
    });
    let marked = |process: &String| {
        // A process may be gone by now.
        let environment = fs::read(format!("/proc/{process}/environ")).unwrap_or_default();
        let command = fs::read(format!("/proc/{process}/cmdline")).unwrap_or_default();
        String::from_utf8_lossy(&environment).contains(MARK)
            && String::from_utf8_lossy(&environment).contains("BUILDKIT_FRONTEND_OPT_")
            && !command.is_empty()
    };
    Ok(processes.filter(marked).collect())
}

fn begin(engine: &Engine, build: &Build) -> Result<Child> {
    let mut command = build.command(engine, "plain");
    let silent = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    silent.spawn().context("buildctl")
}

#[test]
fn a_hundred_builds_are_given_up() -> Result<()> {
    let engine = start()?;
    let folder = project(&[
        (
            "Dockerfile",
            "FROM alpine AS a\nCOPY . /\nRUN sleep 0.1\nFROM alpine AS b\nRUN sleep 0.2\nFROM a\nCOPY --from=b /etc /b\n",
        ),
        ("file", "content\n"),
    ])?;
    let build = Build::new(folder.path()).arg("MARK", MARK).no_cache();
    let mut running: Vec<(Child, Instant)> = Vec::new();
    // The moments are spread over a build's length, in an order without a pattern.
    let moments = (0..BUILDS).map(|index| Duration::from_millis(index * 37 % BUILDS * 8));
    let mut seen = 0;
    for (index, moment) in moments.enumerate() {
        while running.len() >= AT_ONCE {
            let now = Instant::now();
            for (child, _) in running.iter_mut().filter(|(_, end)| *end <= now) {
                // It may have come to its end before.
                let _ = child.kill();
                child.wait()?;
            }
            running.retain(|(_, end)| *end > now);
            thread::sleep(Duration::from_millis(2));
        }
        let build = build.clone().arg("INDEX", &index.to_string());
        seen += frontends()?.len();
        running.push((begin(&engine, &build)?, Instant::now() + moment));
    }
    for (child, _) in &mut running {
        let _ = child.kill();
        child.wait()?;
    }
    ensure!(seen > 0, "no frontend was ever found, so none could be missed");
    let given_up = Instant::now();
    loop {
        let left = frontends()?;
        if left.is_empty() {
            break;
        }
        ensure!(
            given_up.elapsed() < Duration::from_secs(60),
            "still there: {left:?}"
        );
        thread::sleep(Duration::from_millis(50));
    }
    build.run_ok(&engine)?;
    Ok(())
}
