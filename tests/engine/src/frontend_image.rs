//! Plimsoll's own image: its program compiled by cargo, put in an image by `frontend.Dockerfile`.
//!
//! The same sources, compiler and BuildKit give the same image, byte for byte, in whatever folder and whenever it is built.

use std::env;
use std::fs::{self, File, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;

use anyhow::{Context, Result, bail};

use crate::program::{find, run};
use crate::{Build, Engine, Progress, layer};

/// The program's name, and its package's.
pub const PROGRAM: &str = "plimsoll-frontend";

/// The processors that the image is for, as OCI and as Rust call them.
const PROCESSORS: [(&str, &str); 2] = [("amd64", "x86_64"), ("arm64", "aarch64")];

/// Names the address of the source in the image's labels, for who publishes it.
pub const SOURCE_VARIABLE: &str = "PLIMSOLL_SOURCE";

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

/// Where cargo builds.
pub fn target_folder() -> PathBuf {
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
            // Another process may do the same.
            let lock = File::create(folder.with_extension("lock"))?;
            lock.lock()?;
            place(&program, &folder.join("out").join(architecture).join("bin"))?;
        }
        let architectures = architectures.to_vec();
        Ok(Self {
            folder,
            architectures,
        })
    }

    /// Takes those that are in a folder already, as `out/ARCHITECTURE/bin/plimsoll-frontend`.
    pub fn of_files(folder: &Path, architectures: &[&'static str]) -> Result<Self> {
        for architecture in architectures {
            let bin = folder.join("out").join(architecture).join("bin");
            same_mode_and_time(&bin)?;
        }
        Ok(Self {
            folder: folder.to_owned(),
            architectures: architectures.to_vec(),
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
        self.folder
            .join("out")
            .join(architecture)
            .join("bin")
            .join(PROGRAM)
    }

    /// The build of `frontend.Dockerfile` with these programs in the place of its first stage.
    pub fn image(&self, builder: Builder<'_>) -> Build {
        let platforms: Vec<String> = self
            .architectures
            .iter()
            .map(|architecture| format!("linux/{architecture}"))
            .collect();
        let build = Origin::of(project()).build(project(), builder);
        build
            .context("build", &self.folder)
            .opt("platform", &platforms.join(","))
    }

    /// Builds the image and publishes it in the engine's registry as `name`.
    pub fn publish(&self, engine: &Engine, builder: Builder<'_>, name: &str) -> Result<()> {
        let folder = tempfile::tempdir()?;
        let tar = folder.path().join("image.tar");
        self.image(builder).oci(&tar).run_ok(engine)?;
        engine.push_oci_tar(&tar, name)
    }
}

/// Where an image's content comes from, as its labels say it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// The commit, with `-dirty` where files differ from it; empty outside of a repository.
    pub revision: String,
    /// The address of the source, from [`SOURCE_VARIABLE`]; mostly empty.
    pub source: String,
    /// Seconds since 1970: `SOURCE_DATE_EPOCH`, or else the commit's time.
    pub epoch: String,
}

impl Origin {
    /// That of a checkout.
    pub fn of(checkout: &Path) -> Self {
        let variable = |name| env::var(name).ok().filter(|value: &String| !value.is_empty());
        let ask = |arguments: &[&str]| git(checkout, arguments);
        let mut revision = ask(&["rev-parse", "HEAD"]).unwrap_or_default();
        if ask(&["status", "--porcelain"]).is_some_and(|changes| !changes.is_empty()) {
            revision += "-dirty";
        }
        let epoch = variable("SOURCE_DATE_EPOCH").or_else(|| ask(&["log", "-1", "--format=%ct"]));
        Self {
            revision,
            source: variable(SOURCE_VARIABLE).unwrap_or_default(),
            epoch: epoch.unwrap_or_else(|| "0".to_owned()),
        }
    }

    /// The build of a checkout's `frontend.Dockerfile` as a user has it, without programs of ours.
    pub fn build(&self, checkout: &Path, builder: Builder<'_>) -> Build {
        let build = Build::new(checkout)
            .dockerfile(checkout.join("frontend.Dockerfile"))
            .arg("REVISION", &self.revision)
            .arg("SOURCE", &self.source)
            .arg("SOURCE_DATE_EPOCH", &self.epoch);
        match builder {
            Builder::Reference => build.reference(),
            Builder::Image(name) => build.frontend(name).arg("BUILDKIT_SYNTAX", name),
        }
    }
}

/// What git says of a checkout in one line; nothing where there is no git or no repository.
fn git(checkout: &Path, arguments: &[&str]) -> Option<String> {
    let output = Command::new("git")
        .arg("-C")
        .arg(checkout)
        .args(arguments)
        .output()
        .ok()?;
    let text = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    output.status.success().then_some(text)
}

/// Puts the program into a folder as the Dockerfile's first stage does: mode and time are part of the layer. One that is there
/// already is left alone, as another process may be building an image of it.
fn place(program: &Path, folder: &Path) -> Result<()> {
    fs::create_dir_all(folder)?;
    let to = folder.join(PROGRAM);
    let new = fs::read(program).with_context(|| format!("could not read {}", program.display()))?;
    if fs::read(&to).is_ok_and(|old| old == new) {
        return Ok(());
    }
    fs::write(&to, new)?;
    same_mode_and_time(folder)
}

fn same_mode_and_time(folder: &Path) -> Result<()> {
    for path in [&folder.join(PROGRAM), folder] {
        fs::set_permissions(path, Permissions::from_mode(0o755))?;
        File::open(path)?.set_modified(SystemTime::UNIX_EPOCH)?;
    }
    Ok(())
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
        return cargo(package, &target, &[]);
    }
    if env::consts::ARCH != *processor {
        bail!("the Rust target {target} is missing: install it with `rustup target add {target}`");
    }
    // Where the static target can't be had, the C library of this machine does, linked statically.
    progress.step(&format!("compiling {package} for {architecture}, with glibc"));
    cargo(
        package,
        &format!("{processor}-unknown-linux-gnu"),
        &["-Ctarget-feature=+crt-static".to_owned()],
    )
}

/// Whether the standard library for a target is installed; it is fetched with rustup when it is not.
fn has_target(target: &str, progress: &mut dyn Progress) -> Result<bool> {
    let folder = PathBuf::from(rustc(&["--print", "target-libdir", "--target", target])?);
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

/// Gives the folders whose names get into a program the names that they have by way of `frontend.Dockerfile`.
fn same_names() -> Result<Vec<String>> {
    let home = env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| Some(PathBuf::from(env::var_os("HOME")?).join(".cargo")));
    // One folder for each registry that crates came from.
    let crates = home.map(|home| fs::read_dir(home.join("registry/src")));
    let crates = crates.into_iter().flatten().flatten().flatten();
    let mut names: Vec<_> = crates.map(|entry| (entry.path(), "/crates".to_owned())).collect();
    names.sort();
    // Where the sources of the standard library are installed, rustc names their folder and not the one they were built in.
    let about = rustc(&["-vV"])?;
    let hash = about.lines().find_map(|line| line.strip_prefix("commit-hash: "));
    let library = Path::new(&rustc(&["--print", "sysroot"])?).join("lib/rustlib/src/rust");
    names.extend(hash.map(|hash| (library, format!("/rustc/{hash}"))));
    // The last that fits is taken, and the second may be within the first.
    names.push((project().to_owned(), "/src".to_owned()));
    names.push((target_folder(), "/build".to_owned()));
    let flag = |(from, to): (PathBuf, String)| format!("--remap-path-prefix={}={to}", from.display());
    Ok(names.into_iter().map(flag).collect())
}

/// What the compiler says of itself.
fn rustc(arguments: &[&str]) -> Result<String> {
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let mut ask = Command::new(rustc);
    ask.args(arguments).current_dir(project());
    let answer = run(&mut ask).context("Rust is missing: install it from https://rustup.rs")?;
    Ok(String::from_utf8_lossy(&answer.stdout).trim().to_owned())
}

fn cargo(package: &str, target: &str, flags: &[String]) -> Result<PathBuf> {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    // The crates must be there before their folder can be named.
    let mut fetch = Command::new(&cargo);
    run(fetch
        .args(["fetch", "--locked", "--target", target])
        .current_dir(project()))?;
    // The command line need not be small.
    let profile = if package == "plimsoll-cli" {
        "cli"
    } else {
        "release"
    };
    let mut build = Command::new(&cargo);
    build.args([
        "build",
        "--profile",
        profile,
        "--locked",
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
    // As configuration they come on top of those in .cargo/config.toml, which the variables would replace.
    let flags = [flags, &same_names()?].concat();
    build.args(["--config", &format!("target.{target}.rustflags={flags:?}")]);
    build
        .env_remove("RUSTFLAGS")
        .env_remove("CARGO_ENCODED_RUSTFLAGS");
    run(&mut build)?;
    Ok(target_folder().join(target).join(profile).join(package))
}
