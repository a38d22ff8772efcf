//! One project, three clients; in two of them nothing but the `# syntax=` line names the frontend.

use std::process::{Command, Output};

use anyhow::{Context, Result, ensure};
use plimsoll_engine::program::{run as run_to_end, show};
use plimsoll_engine::{Dockerd, FRONTEND, OciImage, Silent};

use crate::common::{engine, example_by, folder, run};

/// Runs a client and shows that the daemon ran the frontend's image.
fn build_with(command: &mut Command, frontend: &str) -> Result<String> {
    let Output {
        status,
        stdout,
        stderr,
    } = command.output()?;
    let said = String::from_utf8_lossy(&[stdout, stderr].concat()).into_owned();
    ensure!(status.success(), "`{}` failed:\n{said}", show(command));
    let pulled = format!("docker-image://{frontend}");
    ensure!(
        said.contains(&pulled),
        "`{}` did not use {frontend}:\n{said}",
        show(command)
    );
    Ok(said)
}

#[test]
fn buildctl_names_the_gateway_and_the_image() -> Result<()> {
    let engine = engine()?;
    let place = tempfile::tempdir()?;
    let (tar, example) = (place.path().join("image.tar"), folder("go-hello"));
    let mut build = engine.buildctl();
    build.args(["build", "--progress=plain", "--frontend=gateway.v0", "--opt"]);
    build.arg(format!("source={}", engine.image_name(FRONTEND)));
    for local in ["context", "dockerfile"] {
        build.arg("--local").arg(format!("{local}={}", example.display()));
    }
    build
        .arg("--output")
        .arg(format!("type=oci,dest={}", tar.display()));
    build_with(&mut build, FRONTEND)?;
    assert!(
        run(&OciImage::open(&tar)?, &["buildctl"])?
            .stdout
            .starts_with("Hello, buildctl,")
    );
    Ok(())
}

#[test]
fn buildx_on_a_remote_daemon_goes_by_the_syntax_line() -> Result<()> {
    let engine = engine()?;
    let place = tempfile::tempdir()?;
    let tar = place.path().join("image.tar");
    let mut build = engine.buildx()?;
    build
        .args(["build", "--progress=plain", "--output"])
        .arg(format!("type=oci,dest={}", tar.display()));
    build_with(build.arg(folder("go-hello")), FRONTEND)?;
    assert!(
        run(&OciImage::open(&tar)?, &["buildx"])?
            .stdout
            .starts_with("Hello, buildx,")
    );
    Ok(())
}

#[test]
fn docker_engine_20_10_goes_by_the_syntax_line() -> Result<()> {
    let engine = engine()?;
    let docker = Dockerd::start(engine, &mut Silent)?;
    assert!(docker.version()?.starts_with("20.10."), "{}", docker.version()?);
    let mut build = docker.docker();
    build.args(["build", "--progress=plain", "--tag=hello"]);
    if !docker.has_bridge() {
        build.arg("--network=host");
    }
    // It mirrors Docker Hub alone, so the line has the name that the image has in the registry.
    let name = engine.registry().image_name(FRONTEND);
    let example = example_by("go-hello", &name)?;
    build_with(build.arg(example.path().join("go-hello")), &name)?;
    let said = run_to_end(
        docker
            .docker()
            .args(["run", "--rm", "--network=none", "hello", "docker"]),
    )?;
    assert!(String::from_utf8_lossy(&said.stdout).starts_with("Hello, docker,"));

    // Docker's own view of the history: each step as BuildKit's clients show it.
    let history = run_to_end(docker.docker().args([
        "history",
        "--no-trunc",
        "--format={{.CreatedBy}}|{{.Comment}}",
        "hello",
    ]))?;
    let history = String::from_utf8(history.stdout)?;
    let copied = history
        .lines()
        .find(|line| line.starts_with("COPY /out/hello /hello"))
        .context("no COPY")?;
    assert!(copied.ends_with("|buildkit.dockerfile.v0"), "{history}");
    Ok(())
}
