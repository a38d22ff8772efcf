//! The image from two clean clones, by two frontends, in Rust's image and with the cargo at hand: one digest.
//!
//! It compiles the program three times for both platforms, so it runs where `PLIMSOLL_REPRODUCE` is set (`make reproduce`).

use std::env;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use plimsoll_engine::frontend_image::{Builder, Origin, project};
use plimsoll_engine::program::{need, run};
use plimsoll_engine::release::root_digest;
use plimsoll_engine::{Build, Engine, FRONTEND, Output};

use crate::fixture::{project as files, start};

/// What stands in for Rust's image on Docker Hub.
const RUST: &str = "registry.example/rust:1";
const CERTIFICATES: &str = "/etc/ssl/certs/ca-certificates.crt";

/// Debian with a C linker for build scripts, and the toolchain where Rust's image has it.
const STAND_IN: &str = "FROM debian:bookworm-slim\n\
     RUN apt-get update && apt-get install -y --no-install-recommends gcc libc6-dev\n\
     ENV RUSTUP_HOME=/usr/local/rustup CARGO_HOME=/usr/local/cargo PATH=/usr/local/cargo/bin:$PATH\n\
     ARG NAME\n\
     COPY --from=toolchain bin /usr/local/rustup/toolchains/$NAME/bin\n\
     COPY --from=toolchain lib /usr/local/rustup/toolchains/$NAME/lib\n\
     COPY --from=programs . /usr/local/cargo/bin\n\
     RUN rustup default $NAME && cargo --version\n";

fn push_stand_in(engine: &Engine) -> Result<()> {
    let sysroot = run(Command::new("rustc")
        .args(["--print", "sysroot"])
        .current_dir(project()))?;
    let sysroot = PathBuf::from(String::from_utf8_lossy(&sysroot.stdout).trim());
    let name = sysroot.file_name().context("the toolchain has no name")?;
    let programs = tempfile::tempdir()?;
    fs::copy(
        need("rustup", "rustup")?.canonicalize()?,
        programs.path().join("rustup"),
    )?;
    for name in ["cargo", "rustc"] {
        symlink("rustup", programs.path().join(name))?;
    }
    let folder = files(&[("Dockerfile", STAND_IN)])?;
    Build::new(folder.path())
        .reference()
        .context("toolchain", &sysroot)
        .context("programs", programs.path())
        .arg("NAME", &name.to_string_lossy())
        .output(Output::Push(RUST.to_owned()))
        .run_ok(engine)?;
    Ok(())
}

/// The image as a user builds it: the Dockerfile's own Rust stage, with crates from the network and its certificates.
fn in_rusts_image(checkout: &Path, builder: Builder<'_>) -> Result<String> {
    let engine = start()?;
    push_stand_in(&engine)?;
    let place = tempfile::tempdir()?;
    let tar = place.path().join("image.tar");
    let mut build = Origin::of(checkout)
        .build(checkout, builder)
        .arg("RUST_IMAGE", RUST)
        .opt("platform", "linux/amd64,linux/arm64");
    if Path::new(CERTIFICATES).exists() {
        build = build.secret_file("ca", Path::new(CERTIFICATES));
    }
    build.oci(&tar).run_ok(&engine)?;
    root_digest(&tar)
}

/// What `make image` leaves.
fn by_make(checkout: &Path) -> Result<String> {
    let mut make = Command::new("make");
    make.arg("image").current_dir(checkout);
    // What cargo said to this process is not for that one.
    for (name, _) in env::vars_os() {
        if name.to_string_lossy().starts_with("CARGO_") && name != "CARGO_HOME" {
            make.env_remove(name);
        }
    }
    run(&mut make)?;
    root_digest(&checkout.join("target/image/plimsoll.oci.tar"))
}

#[test]
fn reproduce_the_image() -> Result<()> {
    if env::var_os("PLIMSOLL_REPRODUCE").is_none() {
        return Ok(());
    }
    let place = tempfile::tempdir()?;
    let clone = |name: &str| -> Result<PathBuf> {
        let folder = place.path().join(name);
        let mut git = Command::new("git");
        git.args(["clone", "--quiet", "--no-local"]).arg(project());
        run(git.arg(&folder))?;
        Ok(folder)
    };
    let (one, other) = (clone("one")?, clone("another/of a longer name")?);
    let made = by_make(&one)?;
    eprintln!("make image:                          {made}");
    let reference = in_rusts_image(&other, Builder::Reference)?;
    eprintln!("in Rust's image, by the reference:   {reference}");
    let ours = in_rusts_image(&one, Builder::Image(FRONTEND))?;
    eprintln!("in Rust's image, by Plimsoll:        {ours}");
    ensure!(made == reference && reference == ours, "three images");
    Ok(())
}
