//! Plimsoll's own image: its program compiled by cargo, put in an image by `frontend.Dockerfile`.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::program::{find, run};
use crate::{Build, Engine, Progress, layer};

/// The program's name.
const PROGRAM: &str = "plimsoll-frontend";

/// The processors that the image is for, as OCI and as Rust call them.
const PROCESSORS: [(&str, &str); 2] = [("amd64", "x86_64"), ("arm64", "aarch64")];

/// What builds the image.
#[derive(Debug, Clone, Copy)]
pub enum Builder<'a> {
    /// The daemon's own frontend: the first image on a machine comes from it.
    Reference,
    /// A frontend image of this name, such as [`crate::FRONTEND`].
    Image(&'a str),
}

/// The compiled programs.
#[derive(Debug, Clone)]
pub struct Programs {
    folder: PathBuf,
    /// The processors that they are for, as OCI calls them.
    pub architectures: Vec<&'static str>,
}

/// The project's folder.
pub fn project() -> &'static Path {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    package.parent().and_then(Path::parent).unwrap_or(package)
}

/// Where `make image` leaves its results.
pub fn folder() -> PathBuf {
    target_folder().join("image")
}

fn target_folder() -> PathBuf {
    match env::var_os("CARGO_TARGET_DIR") {
        Some(folder) => project().join(folder),
        None => project().join("target"),
    }
}

impl Programs {
    /// Compiles the program for each of the processors; one that is up to date takes no time.
    pub fn compile(architectures: &[&'static str], progress: &mut dyn Progress) -> Result<Self> {
        let folder = folder().join("build");
        fs::create_dir_all(&folder)?;
        for &architecture in architectures {
            let program = compile(PROGRAM, architecture, progress)?;
            let to = folder.join(format!("{PROGRAM}.{architecture}"));
            fs::copy(&program, &to).with_context(|| format!("could not copy {}", program.display()))?;
        }
        let architectures = architectures.to_vec();
        Ok(Self {
            folder,
            architectures,
        })
    }

    /// Compiles it for this machine alone.
    pub fn compile_here(progress: &mut dyn Progress) -> Result<Self> {
        Self::compile(&[layer::architecture()], progress)
    }

    /// Compiles it for every processor that the image is for.
    pub fn compile_all(progress: &mut dyn Progress) -> Result<Self> {
        Self::compile(&PROCESSORS.map(|(architecture, _)| architecture), progress)
    }

    /// The program for one processor.
    pub fn file(&self, architecture: &str) -> PathBuf {
        self.folder.join(format!("{PROGRAM}.{architecture}"))
    }

    /// The build of `frontend.Dockerfile` with these programs in the place of its first stage.
    pub fn image(&self, builder: Builder<'_>) -> Build {
        let platforms: Vec<String> = self
            .architectures
            .iter()
            .map(|architecture| format!("linux/{architecture}"))
            .collect();
        let build = Build::new(project())
            .dockerfile(project().join("frontend.Dockerfile"))
            .context("build", &self.folder)
            .opt("platform", &platforms.join(","));
        match builder {
            Builder::Reference => build.reference(),
            Builder::Image(name) => build.frontend(name).arg("BUILDKIT_SYNTAX", name),
        }
    }

    /// Builds the image and publishes it in the engine's registry as `name`.
    pub fn publish(&self, engine: &Engine, builder: Builder<'_>, name: &str) -> Result<()> {
        let folder = tempfile::tempdir()?;
        let tar = folder.path().join("image.tar");
        self.image(builder).oci(&tar).run_ok(engine)?;
        engine.push_oci_tar(&tar, name)
    }
}

/// Compiles the programs of another package for this machine exactly as the frontend is compiled, to be measured beside
/// it, and gives the folder that they are in.
pub fn compile_alike(package: &str, progress: &mut dyn Progress) -> Result<PathBuf> {
    let program = compile(package, layer::architecture(), progress)?;
    Ok(program.parent().unwrap_or(&program).to_owned())
}

/// Compiles a package's programs for one processor and says where the one of the same name is.
fn compile(package: &str, architecture: &str, progress: &mut dyn Progress) -> Result<PathBuf> {
    let Some((_, processor)) = PROCESSORS.iter().find(|(name, _)| *name == architecture) else {
        bail!("the frontend's image is for amd64 and arm64, and this is {architecture}");
    };
    let target = format!("{processor}-unknown-linux-musl");
    if has_target(&target, progress)? {
        progress.step(&format!("compiling {package} for {architecture}"));
        return cargo(package, &target, "");
    }
    if env::consts::ARCH != *processor {
        bail!("the Rust target {target} is missing: install it with `rustup target add {target}`");
    }
    // Where the static target can't be had, the C library of this machine does, linked statically.
    progress.step(&format!("compiling {package} for {architecture}, with glibc"));
    cargo(
        package,
        &format!("{processor}-unknown-linux-gnu"),
        "-C target-feature=+crt-static",
    )
}

/// Whether the standard library for a target is installed; it is fetched with rustup when it is not.
fn has_target(target: &str, progress: &mut dyn Progress) -> Result<bool> {
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let mut ask = Command::new(rustc);
    ask.args(["--print", "target-libdir", "--target", target])
        .current_dir(project());
    let answer = run(&mut ask).context("Rust is missing: install it from https://rustup.rs")?;
    let folder = PathBuf::from(String::from_utf8_lossy(&answer.stdout).trim());
    if folder.is_dir() {
        return Ok(true);
    }
    let Some(rustup) = find("rustup") else {
        return Ok(false);
    };
    progress.step(&format!("fetching the Rust target {target}"));
    let mut add = Command::new(rustup);
    add.args(["target", "add", target]).current_dir(project());
    Ok(run(&mut add).is_ok() && folder.is_dir())
}

fn cargo(package: &str, target: &str, flags: &str) -> Result<PathBuf> {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut build = Command::new(cargo);
    build.args([
        "build",
        "--release",
        "--package",
        package,
        "--bins",
        "--target",
        target,
    ]);
    build.current_dir(project());
    // What cargo told this process about itself and its package is not for the one that it starts.
    for (name, _) in env::vars_os() {
        if name.to_string_lossy().starts_with("CARGO_PKG_") || name == "CARGO_MANIFEST_DIR" {
            build.env_remove(name);
        }
    }
    if !flags.is_empty() {
        build.env("RUSTFLAGS", flags);
    }
    run(&mut build)?;
    Ok(target_folder().join(target).join("release").join(package))
}
