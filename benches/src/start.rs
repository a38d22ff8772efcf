//! How long a frontend takes from its start to its first call.
//!
//! The program is started as BuildKit starts it, on a pair of pipes. This end plays the HTTP/2 server just as far as the
//! headers of the first call.

use std::io::{Read, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, ensure};

use crate::frontends::Frontends;
use crate::run::Run;
use crate::stats::Samples;

const ROUNDS: usize = 40;

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// The server's SETTINGS, none, and its acknowledgement of the client's.
const SETTINGS: [u8; 9] = [0, 0, 0, 4, 0, 0, 0, 0, 0];
const ACKNOWLEDGED: [u8; 9] = [0, 0, 0, 4, 1, 0, 0, 0, 0];

/// Measures both frontends in turns.
pub fn measure(frontends: &Frontends, run: &mut Run<'_>) -> Result<()> {
    run.progress.step("starting the frontends");
    let programs = [&frontends.ours.program, &frontends.reference.program];
    let mut samples = [Samples::default(), Samples::default()];
    for _ in 0..run.rounds(ROUNDS) {
        for (program, samples) in programs.into_iter().zip(&mut samples) {
            samples.0.push(once(program)?);
        }
    }
    let [ours, reference] = &samples;
    let what = "from the program's start to its first call";
    run.report.row(what, "ms", ours.median(), reference.median());
    let held = ours.median() <= 0.15 * reference.median();
    run.report.hold("0.15", held);
    run.report
        .samples(what, &[("plimsoll", ours), ("reference", reference)]);
    Ok(())
}

fn once(program: &Path) -> Result<f64> {
    let mut command = Command::new(program);
    command
        .env("BUILDKIT_FRONTEND_OPT_0", "filename=Dockerfile")
        .env("BUILDKIT_SESSION_ID", "session");
    command.env(
        "BUILDKIT_WORKERS",
        r#"[{"Platforms":[{"os":"linux","architecture":"amd64"}]}]"#,
    );
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    let start = Instant::now();
    let mut child = command
        .spawn()
        .with_context(|| format!("could not start {}", program.display()))?;
    let called = first_call(&mut child);
    let took = start.elapsed();
    // It has served its purpose, however it ended.
    let _ = child.kill();
    child.wait()?;
    called.with_context(|| format!("{} did not call", program.display()))?;
    Ok(took.as_secs_f64() * 1e3)
}

/// Reads frames up to the first headers.
fn first_call(child: &mut Child) -> Result<()> {
    let mut to = child.stdin.take().context("no pipe to the program")?;
    let mut from = child.stdout.take().context("no pipe from the program")?;
    to.write_all(&SETTINGS)?;
    let mut preface = [0; PREFACE.len()];
    from.read_exact(&mut preface)?;
    ensure!(preface == PREFACE, "it speaks something else than HTTP/2");
    loop {
        let mut head = [0; 9];
        from.read_exact(&mut head)?;
        let [a, b, c, kind, flags, ..] = head;
        let length = u64::from(u32::from_be_bytes([0, a, b, c]));
        std::io::copy(&mut (&mut from).take(length), &mut std::io::sink())?;
        match (kind, flags) {
            (1, _) => return Ok(()),
            (4, 0) => to.write_all(&ACKNOWLEDGED)?,
            _ => {}
        }
    }
}
