//! `examples/dialect`: each addition to the language in a project of its own, built and run.

use std::fs;

use anyhow::{Context, Result, ensure};
use plimsoll_engine::{Build, OciImage};

use crate::common::{build_of, engine, example, folder, image_of, run};

fn image(name: &str, change: impl Fn(Build) -> Build) -> Result<OciImage> {
    let engine = engine()?;
    image_of(engine, change(example(engine, &format!("dialect/{name}"))))
}

fn said(name: &str, change: impl Fn(Build) -> Build) -> Result<String> {
    Ok(run(&image(name, change)?, &[])?.stdout)
}

#[test]
fn variables_name_images_and_stages() -> Result<()> {
    assert_eq!(said("variables", |build| build)?, "a plain page\n");
    let festive = said("variables", |build| build.arg("PAGE", "festive"))?;
    assert_eq!(festive, "* a festive page *\n");
    Ok(())
}

#[test]
fn sources_that_may_be_missing() -> Result<()> {
    assert_eq!(said("if-exists", |build| build)?, "greeting = hello\n");
    let engine = engine()?;
    let copy = tempfile::tempdir()?;
    for file in ["Dockerfile", "usual.conf"] {
        fs::copy(folder("dialect/if-exists").join(file), copy.path().join(file))?;
    }
    fs::write(copy.path().join("local.conf"), "mine = yes\n")?;
    let said = run(&image_of(engine, build_of(engine, copy.path()))?, &[])?.stdout;
    assert_eq!(said, "mine = yes\ngreeting = hello\n");
    Ok(())
}

#[test]
fn steps_stop_at_what_fails() -> Result<()> {
    assert_eq!(said("strict", |build| build)?, "9\n");
    let engine = engine()?;
    let copy = tempfile::tempdir()?;
    let text = fs::read_to_string(folder("dialect/strict").join("Dockerfile"))?;
    fs::write(copy.path().join("Dockerfile"), text.replace("seq 9", "seq nine"))?;
    let built = build_of(engine, copy.path()).run(engine)?;
    ensure!(
        !built.status.success(),
        "a part of a pipe fails, and the step does not"
    );
    Ok(())
}

#[test]
fn a_step_runs_in_every_build() -> Result<()> {
    let (first, second) = (said("no-cache", |build| build)?, said("no-cache", |build| build)?);
    assert_ne!(first, second);
    Ok(())
}

#[test]
fn caches_of_a_tool() -> Result<()> {
    assert_eq!(said("caches", |build| build)?, "hello from a cache\n");
    Ok(())
}

#[test]
fn settings_that_are_taken_out() -> Result<()> {
    let image = image("unset", |build| build)?;
    assert_eq!(run(&image, &[])?.stdout, "debug: off, language: C.UTF-8\n");
    let config = &image.config["config"];
    assert_eq!(
        config["Labels"].to_string(),
        r#"{"org.opencontainers.image.title":"theirs"}"#
    );
    for gone in ["ExposedPorts", "Volumes", "Entrypoint"] {
        let value = &config[gone];
        ensure!(
            value.is_null() || value.as_object().is_some_and(|map| map.is_empty()),
            "{gone}: {value}"
        );
    }
    Ok(())
}

#[test]
fn a_lock_has_builds_stay_what_they_were() -> Result<()> {
    let engine = engine()?;
    let copy = tempfile::tempdir()?;
    let file = |name: &str| copy.path().join(name);
    fs::copy(folder("dialect/lock").join("Dockerfile"), file("Dockerfile"))?;
    let lacking = build_of(engine, copy.path()).run(engine)?;
    ensure!(
        lacking
            .stderr
            .contains("docker buildx build --call=lock . > Dockerfile.lock"),
        "{}",
        lacking.stderr
    );

    let mut ask = engine.buildx()?;
    ask.args(["build", "--call=lock"]);
    ask.arg(format!(
        "--build-arg=BUILDKIT_SYNTAX={}",
        engine.image_name(plimsoll_engine::FRONTEND)
    ));
    let lock = ask.arg(copy.path()).output()?;
    ensure!(lock.status.success(), "{}", String::from_utf8_lossy(&lock.stderr));
    fs::write(file("Dockerfile.lock"), &lock.stdout)?;
    let lock = String::from_utf8(lock.stdout)?;
    let digest = lock
        .lines()
        .find_map(|line| line.strip_prefix("image docker.io/library/alpine:3 "));
    let digest = digest.with_context(|| lock.clone())?;
    let built = build_of(engine, copy.path()).run_ok(engine)?;
    let base = format!("FROM docker.io/library/alpine:3@{digest}");
    ensure!(built.record.find(&base).is_some(), "{base}: {:?}", built.record);
    let image = image_of(engine, build_of(engine, copy.path()))?;
    assert_eq!(run(&image, &[])?.stdout, "the same tomorrow\n");
    Ok(())
}
