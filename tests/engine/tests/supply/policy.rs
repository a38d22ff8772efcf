//! Changing over without touching a Dockerfile, and back; what a daemon or a client lets be a frontend.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use plimsoll_engine::frontend_image::Builder;
use plimsoll_engine::release::policy::{back, changeover, pin, rego};
use plimsoll_engine::{Build, Engine, EngineOptions, FRONTEND, Silent};
use serde_json::Value;

use crate::common::{programs, publish, push_reference};
use crate::fixture::{project, start};

/// The name that most Dockerfiles have in their first line.
const COMMON: &str = "docker.io/docker/dockerfile:1";

/// Publishes Plimsoll in the registry and gives its digest.
fn publish_ours(engine: &Engine) -> Result<String> {
    let place = tempfile::tempdir()?;
    let tar = place.path().join("image.tar");
    programs()?.image(Builder::Reference).oci(&tar).run_ok(engine)?;
    engine.push_oci_tar(&tar, FRONTEND)?;
    plimsoll_engine::release::root_digest(&tar)
}

/// Builds a folder with a source policy by each client, and gives what each said.
fn with_policy(engine: &Engine, folder: &Path, policy: &Value) -> Result<[String; 2]> {
    let place = tempfile::tempdir()?;
    let file = place.path().join("policy.json");
    fs::write(&file, serde_json::to_vec(policy)?)?;
    let mut buildctl = Build::new(folder)
        .built_in()
        .flag("--source-policy-file")
        .flag(&file.display().to_string())
        .command(engine, "plain");
    let mut buildx = engine.buildx()?;
    buildx.env("EXPERIMENTAL_BUILDKIT_SOURCE_POLICY", &file);
    buildx.args(["build", "--progress=plain"]).arg(folder);
    Ok([said(&mut buildctl)?, said(&mut buildx)?])
}

fn said(command: &mut Command) -> Result<String> {
    let output = plimsoll_engine::program::run(command)?;
    Ok(String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned())
}

#[test]
fn a_source_policy_changes_over_and_back() -> Result<()> {
    let engine = start()?;
    let digest = publish_ours(&engine)?;
    push_reference(&engine, COMMON)?;
    let ours = format!("docker-image://{FRONTEND}@{digest}");
    let file = |line: &str| format!("# syntax={line}\nFROM alpine\nRUN echo from one to the other\n");

    // The first build fills the cache by the reference; then nothing runs again, whoever builds.
    let theirs = project(&[("Dockerfile", &file("docker/dockerfile:1"))])?;
    Build::new(theirs.path()).built_in().run_ok(&engine)?;
    for line in [
        "docker/dockerfile:1",
        "docker/dockerfile",
        "docker/dockerfile:1.7.0",
        "docker/dockerfile:1.4",
    ] {
        let folder = project(&[("Dockerfile", &file(line))])?;
        for said in with_policy(&engine, folder.path(), &changeover(FRONTEND, &digest))? {
            ensure!(said.contains(&ours), "{line} was not changed over:\n{said}");
            ensure!(said.contains("CACHED"), "{line}: the cache was lost:\n{said}");
        }
    }
    let ours_by_tag = project(&[("Dockerfile", &file(FRONTEND))])?;
    for said in with_policy(&engine, ours_by_tag.path(), &pin(FRONTEND, &digest))? {
        ensure!(said.contains(&ours), "it is not pinned:\n{said}");
    }
    for said in with_policy(&engine, ours_by_tag.path(), &back(FRONTEND))? {
        let reference = format!("docker-image://{COMMON}@");
        ensure!(said.contains(&reference), "it was not changed back:\n{said}");
        ensure!(!said.contains(&ours), "{said}");
        ensure!(said.contains("CACHED"), "the cache was lost:\n{said}");
    }

    // The language of `labs` is another one, so it stays where it is.
    let labs = project(&[("Dockerfile", &file("docker/dockerfile:1-labs"))])?;
    push_reference(&engine, "docker.io/docker/dockerfile:1-labs")?;
    for said in with_policy(&engine, labs.path(), &changeover(FRONTEND, &digest))? {
        ensure!(!said.contains(&ours), "labs was changed over:\n{said}");
    }
    Ok(())
}

#[test]
fn a_daemon_allows_frontends_by_name() -> Result<()> {
    let options = EngineOptions {
        use_host_variable: false,
        settings: "[frontend.\"gateway.v0\"]\n  allowedRepositories = [\"registry.example/plimsoll\"]\n"
            .to_owned(),
        ..EngineOptions::default()
    };
    let engine = Engine::start(&options, &mut Silent)?;
    publish(&engine)?;
    push_reference(&engine, COMMON)?;
    let folder = project(&[(
        "Dockerfile",
        &format!("# syntax={FRONTEND}\nFROM scratch\nCOPY . /\n"),
    )])?;
    Build::new(folder.path()).built_in().run_ok(&engine)?;
    let other = project(&[(
        "Dockerfile",
        &format!("# syntax={COMMON}\nFROM scratch\nCOPY . /\n"),
    )])?;
    let built = Build::new(other.path()).built_in().run(&engine)?;
    ensure!(!built.status.success(), "{COMMON} is allowed");
    ensure!(
        built.stderr.contains("is not an allowed gateway source"),
        "{}",
        built.stderr
    );
    // It is the name in the file that counts, before a policy changes it.
    let digest = publish_ours(&engine)?;
    let error = with_policy(&engine, other.path(), &changeover(FRONTEND, &digest));
    let error = format!(
        "{:#}",
        error.err().context("the name in the file no longer counts")?
    );
    ensure!(error.contains("is not an allowed gateway source"), "{error}");
    Ok(())
}

#[test]
fn a_policy_of_buildx_allows_one_digest() -> Result<()> {
    let engine = start()?;
    let digest = publish_ours(&engine)?;
    push_reference(&engine, COMMON)?;
    let place = tempfile::tempdir()?;
    let conversion = place.path().join("policy.json");
    fs::write(&conversion, serde_json::to_vec(&changeover(FRONTEND, &digest))?)?;
    let build = |line: &str, digest: &str, converted: bool| -> Result<(bool, String)> {
        let file = format!("# syntax={line}\nFROM alpine\nCOPY Dockerfile /\n");
        let rego = rego(FRONTEND, digest);
        let folder = project(&[("Dockerfile", &file), ("policy.rego", &rego)])?;
        let mut build = engine.buildx()?;
        if converted {
            build.env("EXPERIMENTAL_BUILDKIT_SOURCE_POLICY", &conversion);
            build.env("BUILDX_DEFAULT_POLICY", "1");
        }
        build.args(["build", "--progress=plain", "--policy", "filename=policy.rego"]);
        let output = build.arg(folder.path()).output()?;
        Ok((
            output.status.success(),
            String::from_utf8_lossy(&output.stderr).into_owned(),
        ))
    };
    // It is asked after a source policy, so it sees what is taken and not what is named.
    let (allowed, said) = build(COMMON, &digest, true)?;
    ensure!(allowed, "{said}");
    let (allowed, said) = build(FRONTEND, &digest, false)?;
    ensure!(allowed, "{said}");
    let another = format!("sha256:{}", "0".repeat(64));
    for (line, digest) in [(FRONTEND, another.as_str()), (COMMON, &digest)] {
        let (allowed, said) = build(line, digest, false)?;
        ensure!(!allowed, "{line} is allowed:\n{said}");
        ensure!(
            said.contains("the frontend is registry.example/plimsoll:1@"),
            "{said}"
        );
    }
    Ok(())
}
