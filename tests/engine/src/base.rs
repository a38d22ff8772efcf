//! The base images that examples and tests build on, assembled from Debian's packages.
//!
//! They stand in for the images of those names on Docker Hub, so that nothing depends on it. Once made they stay in the
//! cache folder as the data of a registry, from which every engine's own registry is filled in no time.

mod debian;
mod small;

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

pub use debian::MIRROR_VARIABLE;

use crate::apt::{self, Package};
use crate::program::need;
use crate::{ImageConfig, ImageSpec, Layer, Progress, Registry, cache};

/// What the images are assembled with.
const PACKAGES: [Package; 3] = [
    Package::new("busybox-static", "busybox"),
    Package::new("debootstrap", "debootstrap"),
    Package::new(
        "debian-archive-keyring",
        "/usr/share/keyrings/debian-archive-keyring.gpg",
    ),
];

/// Raise it when the content of the images changes.
const VERSION: &str = "1";

/// Where this machine keeps the certificates that it trusts; the images carry them, for a network with its own.
const CERTIFICATES: &str = "/etc/ssl/certs/ca-certificates.crt";

/// Settings of the host that a container needs as well to reach the package registries from this network.
const HOST_SETTINGS: [&str; 5] = [
    "GOPROXY",
    "GONOSUMDB",
    "GOSUMDB",
    "PIP_INDEX_URL",
    "NPM_CONFIG_REGISTRY",
];

/// The small image: a shell and the usual tools in one static program.
const SMALL: [&str; 12] = [
    "busybox:latest",
    "busybox:1",
    "busybox:1.36",
    "busybox:stable",
    "alpine:latest",
    "alpine:3",
    "alpine:3.19",
    "alpine:3.20",
    "alpine:3.21",
    "alpine:3.22",
    "alpine:3.23",
    "alpine:edge",
];
const DEBIAN: [&str; 7] = [
    "debian:latest",
    "debian:stable",
    "debian:stable-slim",
    "debian:bookworm",
    "debian:bookworm-slim",
    "debian:12",
    "debian:12-slim",
];
const PYTHON_SLIM: [&str; 4] = [
    "python:slim",
    "python:3-slim",
    "python:3.11-slim",
    "python:3.11-slim-bookworm",
];
const PYTHON: [&str; 4] = ["python:latest", "python:3", "python:3.11", "python:3.11-bookworm"];
const GOLANG: [&str; 5] = [
    "golang:latest",
    "golang:1",
    "golang:1.19",
    "golang:1.19-bookworm",
    "golang:bookworm",
];

/// Gives the data folder of a registry that has the base images, made when it is not in the cache yet.
///
/// Making it takes root and a few minutes.
pub fn registry_data(progress: &mut dyn Progress) -> Result<PathBuf> {
    let name = format!("images-{}", key());
    let folder = cache::once(&name, progress, |folder, progress| {
        apt::ensure(&PACKAGES, progress)?;
        let scratch = folder.join("scratch");
        fs::create_dir_all(&scratch)?;
        let data = folder.join("registry");
        fs::create_dir_all(&data)?;
        let registry = Registry::start_over(&data, progress)?;
        make(&registry, &scratch, progress).context("could not assemble the base images")?;
        drop(registry);
        Ok(fs::remove_dir_all(&scratch)?)
    })?;
    Ok(folder.join("registry"))
}

fn key() -> String {
    let certificates = fs::read(CERTIFICATES).unwrap_or_default();
    let settings = host_settings().join("\n");
    let sources = debian::key();
    cache::key(&[
        VERSION.as_bytes(),
        &certificates,
        settings.as_bytes(),
        sources.as_bytes(),
    ])
}

/// Those settings that are set here, as `KEY=value`.
fn host_settings() -> Vec<String> {
    HOST_SETTINGS
        .iter()
        .filter_map(|key| Some(format!("{key}={}", env::var(key).ok()?)))
        .collect()
}

fn make(registry: &Registry, scratch: &Path, progress: &mut dyn Progress) -> Result<()> {
    progress.step("assembling a small base image from busybox");
    let root = scratch.join("small");
    small::assemble(&need("busybox", "busybox-static")?, &root)?;
    let small = Layer::between(None, &root, &scratch.join("small.tar.gz"))?;
    registry.push_image(&image(&[small], &["sh"], &[]), &SMALL)?;

    progress.step("assembling base images from Debian's packages");
    let base = scratch.join("debian");
    debian::bootstrap(&base)?;
    let bottom = Layer::between(None, &base, &scratch.join("debian.tar.gz"))?;
    registry.push_image(&image(std::slice::from_ref(&bottom), &["bash"], &[]), &DEBIAN)?;

    let slim = scratch.join("slim");
    progress.step("adding Python");
    let python_slim = debian::add(&base, &slim, &["python3-minimal", "python3"], "true")?;
    registry.push_image(
        &image(&[bottom.clone(), python_slim.clone()], &["python3"], &[]),
        &PYTHON_SLIM,
    )?;
    let python = debian::add(
        &slim,
        &scratch.join("python"),
        &["python3-venv", "python3-pip", "git"],
        "true",
    )?;
    registry.push_image(
        &image(&[bottom.clone(), python_slim, python], &["python3"], &[]),
        &PYTHON,
    )?;
    drop(fs::remove_dir_all(&slim));

    progress.step("adding Go");
    let packages = [
        "golang-go",
        "git",
        "openssh-client",
        "python3-venv",
        "python3-pip",
    ];
    let golang = debian::add(&base, &scratch.join("golang"), &packages, debian::LEAN_GO)?;
    let env = [
        "PATH=/go/bin:/usr/local/go/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
            .to_owned(),
        "GOPATH=/go".to_owned(),
    ];
    let mut golang = image(&[bottom, golang], &["bash"], &env);
    golang.config.working_dir = "/go".to_owned();
    registry.push_image(&golang, &GOLANG)
}

fn image(layers: &[Layer], cmd: &[&str], env: &[String]) -> ImageSpec {
    let mut all = env.to_vec();
    if env.is_empty() {
        all.push("PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin".to_owned());
    }
    all.extend(host_settings());
    let cmd = cmd.iter().map(|&word| word.to_owned()).collect();
    ImageSpec {
        layers: layers.to_vec(),
        config: ImageConfig {
            env: all,
            cmd,
            ..ImageConfig::default()
        },
    }
}

/// Puts this machine's certificates into a root file system.
fn add_certificates(root: &Path) -> Result<()> {
    let Ok(bytes) = fs::read(CERTIFICATES) else {
        return Ok(());
    };
    let target = root.join(CERTIFICATES.trim_start_matches('/'));
    fs::create_dir_all(target.parent().context("the certificates have no folder")?)?;
    Ok(fs::write(target, bytes)?)
}
