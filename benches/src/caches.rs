//! The second build of the examples after one changed line, with cache mounts that nobody wrote and without any.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use plimsoll_engine::frontend_image::project;
use plimsoll_engine::{Build, Engine};

use crate::run::Run;
use crate::stats::Samples;
use crate::warm::once;

const ROUNDS: usize = 5;

/// Examples that fetch or compile, with the file that a person changes, and how a comment begins there.
const EXAMPLES: [(&str, &str, &str); 4] = [
    ("go-hello", "main.go", "//"),
    ("cache", "main.go", "//"),
    ("multi-platform", "main.go", "//"),
    ("python-web", "requirements.txt", "#"),
];

/// Measures both in turns, each example by itself.
pub fn measure(engine: &Engine, run: &mut Run<'_>) -> Result<()> {
    for (name, file, comment) in EXAMPLES {
        let folder = tempfile::tempdir()?;
        let context = folder.path().join(name);
        let from = project().join("examples").join(name);
        let copied = Command::new("cp").arg("-a").arg(&from).arg(&context).status();
        ensure!(copied?.success(), "could not copy {}", from.display());
        forget_mounts(&context.join("Dockerfile"))?;
        let rounds = run.rounds(ROUNDS);
        run.progress.step(&format!(
            "building {name} after a changed line, {rounds} times with and without cache mounts"
        ));
        let build = |asks: &str| Build::new(&context).arg("PLIMSOLL_CACHE", asks);
        for asks in ["1", "0"] {
            build(asks).run_ok(engine)?;
        }
        let mut samples = [Samples::default(), Samples::default()];
        for round in 0..rounds {
            for turn in 0..2 {
                let who = (round + turn) % 2;
                let source = context.join(file);
                let text = fs::read_to_string(&source)?;
                fs::write(&source, format!("{text}{comment} round {round} turn {turn}\n"))?;
                let build = build(["1", "0"][who]);
                samples[who].0.push(once(engine, &build)?);
            }
        }
        let [with, without] = &samples;
        let what = format!("second build of examples/{name}, with cache mounts and without");
        run.report.row(&what, "ms", with.median(), without.median());
        run.report.samples(&what, &[("with", with), ("without", without)]);
    }
    Ok(())
}

/// Takes the cache mounts that the example has out of it.
fn forget_mounts(dockerfile: &Path) -> Result<()> {
    let text = fs::read_to_string(dockerfile)?;
    let line = |line: &str| {
        let words = line
            .split(' ')
            .filter(|word| !word.starts_with("--mount=type=cache"));
        words.collect::<Vec<_>>().join(" ")
    };
    let text: Vec<String> = text.lines().map(line).collect();
    fs::write(dockerfile, text.join("\n") + "\n").with_context(|| dockerfile.display().to_string())
}
