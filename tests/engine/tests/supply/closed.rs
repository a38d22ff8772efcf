//! A network without a way out: the image comes from its OCI archive.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Result, ensure};
use plimsoll_engine::apt::{self, Package};
use plimsoll_engine::frontend_image::Builder;
use plimsoll_engine::program::{need, run};
use plimsoll_engine::release::root_digest;
use plimsoll_engine::{Build, Engine, EngineOptions, Silent, layer};

use crate::common::programs;
use crate::fixture::project;

const FILE: &str = "FROM scratch\nCOPY Dockerfile /\n";

/// An engine whose registry is empty.
fn empty() -> Result<Engine> {
    let options = EngineOptions {
        base_images: false,
        use_host_variable: false,
        ..EngineOptions::default()
    };
    Engine::start(&options, &mut Silent)
}

#[test]
fn from_the_archive_into_a_registry() -> Result<()> {
    apt::ensure(&[Package::new("skopeo", "skopeo")], &mut Silent)?;
    let (engine, place) = (empty()?, tempfile::tempdir()?);
    let tar = place.path().join("plimsoll.oci.tar");
    programs()?.image(Builder::Reference).oci(&tar).run_ok(&engine)?;
    let digest = root_digest(&tar)?;
    let archive = format!("oci-archive:{}", tar.display());
    let copied = format!("docker://{}/plimsoll:1", engine.registry().address());
    let skopeo = || Ok::<_, anyhow::Error>(Command::new(need("skopeo", "skopeo")?));
    run(skopeo()?
        .args(["copy", "--all", "--dest-tls-verify=false"])
        .args([&archive, &copied]))?;
    for name in [&archive, &copied] {
        let raw = run(skopeo()?.args(["inspect", "--raw", "--tls-verify=false", name]))?;
        assert_eq!(layer::digest(&raw.stdout), digest, "{name}");
    }
    let folder = project(&[(
        "Dockerfile",
        &format!("# syntax=registry.example/plimsoll:1@{digest}\n{FILE}"),
    )])?;
    Build::new(folder.path()).built_in().run_ok(&engine)?;
    Ok(())
}

#[test]
fn from_the_archive_without_a_registry() -> Result<()> {
    let (engine, place) = (empty()?, tempfile::tempdir()?);
    let tar = place.path().join("plimsoll.oci.tar");
    programs()?.image(Builder::Reference).oci(&tar).run_ok(&engine)?;
    let digest = root_digest(&tar)?;
    let layout = place.path().join("plimsoll");
    tar::Archive::new(fs::File::open(&tar)?).unpack(&layout)?;
    let folder = project(&[(
        "Dockerfile",
        &format!("# syntax=nowhere.example/plimsoll:1\n{FILE}"),
    )])?;
    let output = engine.buildx()?.args(["build"]).arg(folder.path()).output()?;
    ensure!(!output.status.success(), "nowhere.example has an image");
    by_buildx(&engine, folder.path(), &layout, &digest)?;
    Build::new(folder.path())
        .built_in()
        .flag("--oci-layout")
        .flag(&format!("plimsoll={}", layout.display()))
        .opt(
            "context:nowhere.example/plimsoll:1",
            &format!("oci-layout://plimsoll@{digest}"),
        )
        .run_ok(&engine)?;
    Ok(())
}

fn by_buildx(engine: &Engine, folder: &Path, layout: &Path, digest: &str) -> Result<()> {
    let mut build = engine.buildx()?;
    build.args(["build", "--progress=plain"]).arg(format!(
        "--build-context=nowhere.example/plimsoll:1=oci-layout://{}@{digest}",
        layout.display()
    ));
    run(build.arg(folder))?;
    Ok(())
}
