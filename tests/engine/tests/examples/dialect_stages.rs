//! `examples/dialect/required` and `examples/dialect/env-file`: stages beside the target, and variables of files; on
//! the oldest BuildKit too, and on an engine that has to be made to compute.

use std::fs;
use std::path::Path;

use anyhow::{Result, ensure};
use plimsoll_engine::older::{OLDER, buildkitd};
use plimsoll_engine::{Dockerd, Engine, EngineOptions, FRONTEND, Lines};

use crate::common::{build_of, copy_of, engine, image_of, publish, run};

/// The image works and has nothing of the tests; with a test that fails there is none.
fn requires(engine: &Engine) -> Result<()> {
    let copy = copy_of("dialect/required")?;
    let image = image_of(engine, build_of(engine, copy.path()))?;
    assert_eq!(run(&image, &[])?.stdout, "hello, world\n");
    assert!(!image.files()?.iter().any(|file| file.contains("expected")));
    fs::write(copy.path().join("expected"), "hello, moon\n")?;
    let failed = build_of(engine, copy.path()).run(engine)?;
    for told in ["Dockerfile:10", ">>> RUN sh greet.sh > got && cmp got expected"] {
        assert!(failed.stderr.contains(told), "{}", failed.stderr);
    }
    assert!(!failed.status.success());
    Ok(())
}

/// Pairs are those of the files, and what the client says goes before them.
fn reads(engine: &Engine) -> Result<()> {
    let copy = copy_of("dialect/env-file")?;
    let image = image_of(engine, build_of(engine, copy.path()))?;
    assert_eq!(run(&image, &[])?.stdout, "it costs $5 in blue\n");
    let version = &image.config["config"]["Labels"]["org.opencontainers.image.version"];
    assert_eq!(version, "1.4.0");
    fs::write(copy.path().join(".dockerignore"), "*.env\n")?;
    let failed = build_of(engine, copy.path()).run(engine)?;
    let told = "line 1 of .dockerignore, `*.env`, keeps it out of the build context";
    assert!(failed.stderr.contains(told), "{}", failed.stderr);
    Ok(())
}

#[test]
fn a_required_stage_is_built_and_not_in_the_image() -> Result<()> {
    requires(engine()?)
}

#[test]
fn variables_are_those_of_files() -> Result<()> {
    reads(engine()?)
}

#[test]
fn the_oldest_buildkit_does_both() -> Result<()> {
    let progress = &mut Lines(std::io::stderr());
    let oldest = OLDER.first().map(|release| buildkitd(release, progress));
    let options = EngineOptions {
        buildkitd: oldest.transpose()?,
        use_host_variable: false,
        ..EngineOptions::default()
    };
    let engine = Engine::start(&options, progress)?;
    publish(&engine)?;
    requires(&engine)?;
    reads(&engine)
}

/// Builds a folder with the old Docker Engine; gives whether that went well, and what was said.
fn by_docker(docker: &Dockerd, (folder, syntax): (&Path, &str)) -> Result<(bool, String)> {
    let mut build = docker.docker();
    build.args([
        "buildx",
        "build",
        "--network=host",
        "--progress=plain",
        "--tag=it",
    ]);
    build.arg(format!("--build-arg=BUILDKIT_SYNTAX={syntax}"));
    let output = build.arg(folder).output()?;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    Ok((output.status.success(), said))
}

#[test]
fn an_engine_that_computes_late_does_both() -> Result<()> {
    let engine = engine()?;
    let docker = Dockerd::start(engine, &mut Lines(std::io::stderr()))?;
    let syntax = engine.registry().image_name(FRONTEND);
    let required = copy_of("dialect/required")?;
    let (is_built, said) = by_docker(&docker, (required.path(), &syntax))?;
    ensure!(is_built, "{said}");
    fs::write(required.path().join("expected"), "hello, moon\n")?;
    let (is_built, said) = by_docker(&docker, (required.path(), &syntax))?;
    ensure!(!is_built && said.contains("cmp got expected"), "{said}");

    let files = copy_of("dialect/env-file")?;
    let (is_built, said) = by_docker(&docker, (files.path(), &syntax))?;
    ensure!(is_built, "{said}");
    let output = docker
        .docker()
        .args(["run", "--rm", "--network=none", "it"])
        .output()?;
    assert_eq!(String::from_utf8_lossy(&output.stdout), "it costs $5 in blue\n");
    Ok(())
}
