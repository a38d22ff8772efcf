//! Why a step failed is told below the daemon's error, on every engine that tells us of failures in time.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use plimsoll_engine::{Build, Built, Engine};

use super::fixture::{project, write};
use super::hint_table::{HINTS, HINTS_OF_NAMES};

/// A context with names to mistake.
fn context(dockerfile: &str) -> Result<tempfile::TempDir> {
    let folder = project(&[
        ("Dockerfile", dockerfile),
        (".dockerignore", "# logs\n*.log\ndist\n"),
        ("package.json", "{}"),
        ("a.log", "x"),
        ("dist/app.js", "x"),
        ("conf/app.conf", "x"),
        ("y.sh", "#!/bin/nosh\n"),
    ])?;
    write(folder.path(), "x.sh", b"#!/bin/sh\r\necho hi\r\n")?;
    // A program for a processor that is rarely the builder's: the ELF header of s390x.
    let mut program = b"\x7fELF\x02\x02\x01".to_vec();
    program.resize(18, 0);
    program.extend([0, 0x16]);
    program.resize(64, 0);
    write(folder.path(), "s390x", &program)?;
    Ok(folder)
}

fn failure(engine: &Engine, folder: &Path, change: impl Fn(Build) -> Build) -> Result<Built> {
    let built = change(Build::new(folder)).run(engine)?;
    ensure!(!built.status.success(), "it is built:\n{}", built.stderr);
    Ok(built)
}

/// A build that fails, of a Dockerfile in that context.
pub fn build_of(engine: &Engine, dockerfile: &str) -> Result<Built> {
    failure(engine, context(dockerfile)?.path(), |build| build)
}

/// Builds what fails and looks for the hints; `lists_names` says whether the engine can list those of a context.
pub fn told_by(engine: &Engine, lists_names: bool) -> Result<()> {
    let more = if lists_names { HINTS_OF_NAMES } else { &[] };
    let mut wrong = Vec::new();
    for (dockerfile, hint) in HINTS.iter().chain(more) {
        let folder = context(dockerfile)?;
        let built = failure(engine, folder.path(), |build| build)?;
        let mut lines = built.stderr.lines();
        if !lines.any(|line| line.starts_with(hint)) {
            wrong.push(format!(
                "{dockerfile}\n--- lacks\n{hint}\n--- in\n{}",
                built.stderr
            ));
        }
    }
    ensure!(wrong.is_empty(), "{}", wrong.join("\n==========\n"));
    let folder = context("FROM alpine\nCOPY --from=more pakage.json /\n")?;
    let named = project(&[
        ("package.json", "{}"),
        (".dockerignore", "*.json\n!package.json\n"),
    ])?;
    let built = failure(engine, folder.path(), |build| build.context("more", named.path()))?;
    let hint = "Dockerfile:2:18: `*.json` in the .dockerignore of `more` keeps `pakage.json` out";
    ensure!(built.stderr.contains(hint), "{}", built.stderr);
    Ok(())
}

/// A step that fails without a known cause fails as it does for the reference, and once.
pub fn others_are_the_daemon_s(engine: &Engine) -> Result<()> {
    let mark = format!("{:?}", std::time::SystemTime::now());
    let dockerfile = format!(
        "FROM alpine\nRUN --mount=type=cache,target=/c,id={} echo run >>/c/runs && echo runs $(wc -l </c/runs) && exit 3\n",
        mark.replace(|c: char| !c.is_ascii_digit(), "")
    );
    let folder = project(&[("Dockerfile", &dockerfile)])?;
    let built = failure(engine, folder.path(), |build| build)?;
    let step = built.record.find("exit 3").context("no such step")?;
    ensure!(
        step.output.contains("runs 1") && !built.stderr.contains("runs 2"),
        "{}",
        built.stderr
    );
    ensure!(
        built.stderr.trim_end().ends_with("exit code: 3"),
        "{}",
        built.stderr
    );
    let reference = failure(engine, folder.path(), Build::reference)?;
    let end = |text: &str| text.lines().last().map(str::to_owned);
    ensure!(
        end(&built.stderr) == end(&reference.stderr),
        "{}\n{}",
        built.stderr,
        reference.stderr
    );
    Ok(())
}

/// A platform that fails ends the build of the others, and is explained.
pub fn of_one_platform(engine: &Engine) -> Result<()> {
    let folder = context("FROM alpine\nARG TARGETARCH\nCOPY $TARGETARCH /\n")?;
    fs::write(folder.path().join("amd64"), "x")?;
    fs::write(folder.path().join(".dockerignore"), "arm64\n")?;
    let built = failure(engine, folder.path(), |build| {
        build.opt("platform", "linux/amd64,linux/arm64")
    })?;
    let hint = "Dockerfile:3:6: line 1 of .dockerignore, `arm64`, keeps `arm64` out of the build context";
    ensure!(built.stderr.contains(hint), "{}", built.stderr);
    Ok(())
}
