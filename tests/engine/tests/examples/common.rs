//! The engine that the tests share, with the frontend in its registry.

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::time::Duration;

use anyhow::{Context, Result, anyhow, ensure};
use plimsoll_engine::frontend_image::{Builder, Programs, project};
use plimsoll_engine::{
    Build, Engine, EngineOptions, FRONTEND, Finished, ImageConfig, ImageSpec, Layer, OciImage, Process,
    Silent,
};

/// The reference frontend's name in the engine's registry.
pub const REFERENCE: &str = "docker.io/plimsoll/reference:1";

/// Whose behaviour the tests look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Frontend {
    Plimsoll,
    Reference,
}

impl Frontend {
    /// Plimsoll, unless the environment asks for the reference.
    pub fn chosen() -> Self {
        if env::var("PLIMSOLL_TEST_FRONTEND").is_ok_and(|name| name == "reference") {
            Self::Reference
        } else {
            Self::Plimsoll
        }
    }
}

/// The shared engine, which has the chosen frontend as [`FRONTEND`] and the reference as [`REFERENCE`].
pub fn engine() -> Result<&'static Engine> {
    static READY: OnceLock<Result<(), String>> = OnceLock::new();
    let engine = Engine::shared()?;
    let ready = READY.get_or_init(|| publish(engine).map_err(|error| format!("{error:#}")));
    ready.as_ref().map_err(|error| anyhow!("{error}"))?;
    Ok(engine)
}

/// An engine of its own, whose log says everything that a daemon can say.
pub fn talkative() -> Result<Engine> {
    let options = EngineOptions {
        debug: true,
        use_host_variable: false,
        ..EngineOptions::default()
    };
    let engine = Engine::start(&options, &mut Silent)?;
    publish(&engine)?;
    Ok(engine)
}

/// Puts both frontends into an engine's registry.
pub fn publish(engine: &Engine) -> Result<()> {
    push_reference(engine, REFERENCE)?;
    match Frontend::chosen() {
        Frontend::Reference => push_reference(engine, FRONTEND),
        Frontend::Plimsoll => programs()?.publish(engine, Builder::Reference, FRONTEND),
    }
}

/// Plimsoll's program for this machine.
pub fn programs() -> Result<&'static Programs> {
    static PROGRAMS: OnceLock<Result<Programs, String>> = OnceLock::new();
    let compile = || Programs::compile_here(&mut Silent).map_err(|error| format!("{error:#}"));
    PROGRAMS
        .get_or_init(compile)
        .as_ref()
        .map_err(|error| anyhow!("{error}"))
}

/// Puts the reference into an engine's registry under a name.
pub fn push_reference(engine: &Engine, name: &str) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let root = folder.path().join("root");
    fs::create_dir(&root)?;
    fs::copy(&engine.parts().reference_frontend, root.join("frontend"))?;
    let layer = Layer::between(None, &root, &folder.path().join("layer.tar.gz"))?;
    let capabilities = "moby.buildkit.frontend.inputs,moby.buildkit.frontend.subrequests,moby.buildkit.frontend.contexts,\
                        moby.buildkit.frontend.gitquerystring";
    let labels = BTreeMap::from([
        (
            "moby.buildkit.frontend.network.none".to_owned(),
            "true".to_owned(),
        ),
        ("moby.buildkit.frontend.caps".to_owned(), capabilities.to_owned()),
    ]);
    let config = ImageConfig {
        entrypoint: vec!["/frontend".to_owned()],
        labels,
        ..ImageConfig::default()
    };
    let layers = vec![layer];
    engine.push_image(&ImageSpec { layers, config }, name)
}

/// The folder of an example.
pub fn folder(name: &str) -> PathBuf {
    project().join("examples").join(name)
}

/// A build of an example, as its README has it.
pub fn example(engine: &Engine, name: &str) -> Build {
    build_of(engine, &folder(name))
}

/// A build of another folder with an example's files.
pub fn build_of(engine: &Engine, folder: &Path) -> Build {
    // A daemon that is not ours knows the frontend under another name than the Dockerfile has.
    let build = Build::new(folder);
    if engine.is_own() {
        build
    } else {
        build.arg("BUILDKIT_SYNTAX", &engine.image_name(FRONTEND))
    }
}

/// Builds to an image and opens it.
pub fn image_of(engine: &Engine, build: Build) -> Result<OciImage> {
    let folder = tempfile::tempdir()?;
    let tar = folder.path().join("image.tar");
    build.oci(&tar).run_ok(engine)?;
    OciImage::open(&tar)
}

/// Runs the image's process with further arguments, and fails when it fails.
pub fn run(image: &OciImage, arguments: &[&str]) -> Result<Finished> {
    let mut argv = image.command();
    argv.extend(arguments.iter().map(|&argument| argument.to_owned()));
    let argv: Vec<&str> = argv.iter().map(String::as_str).collect();
    let finished = Process::of_image(image)?
        .argv(&argv)
        .run(Duration::from_secs(30))?;
    ensure!(
        finished.code == 0,
        "the process ended with {}:\n{}",
        finished.code,
        finished.stderr
    );
    Ok(finished)
}

/// A folder with a copy of an example, whose first line has the name that the frontend has in a registry of one's own.
pub fn example_by(name: &str, frontend: &str) -> Result<tempfile::TempDir> {
    let place = tempfile::tempdir()?;
    let copy = place.path().join(name);
    plimsoll_engine::program::run(Command::new("cp").arg("-a").arg(folder(name)).arg(&copy))?;
    let dockerfile = copy.join("Dockerfile");
    let text = fs::read_to_string(&dockerfile)?;
    fs::write(&dockerfile, text.replacen(FRONTEND, frontend, 1))?;
    Ok(place)
}

/// A copy of an example that a test may change.
pub fn copy_of(name: &str) -> Result<tempfile::TempDir> {
    let copy = tempfile::tempdir()?;
    for entry in fs::read_dir(folder(name))? {
        let entry = entry?;
        let file = entry.path();
        ensure!(entry.file_type()?.is_file(), "{} is a folder", file.display());
        fs::copy(&file, copy.path().join(entry.file_name())).with_context(|| file.display().to_string())?;
    }
    Ok(copy)
}
