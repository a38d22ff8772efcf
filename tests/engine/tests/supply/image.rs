//! What is in the image, and that it is the same each time.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;

use anyhow::{Context, Result, ensure};
use plimsoll_engine::frontend_image::{Builder, Origin, Programs, project};
use plimsoll_engine::program::run;
use plimsoll_engine::release::{VERSION, root_digest};
use plimsoll_engine::{Build, Engine, FRONTEND, OciImage, Output, layer};

use crate::common::{engine, folder, programs};
use crate::fixture::start;

/// Builds the image into a folder and gives the archive.
fn build(engine: &Engine, build: Build, place: &Path) -> Result<PathBuf> {
    let tar = place.join("image.tar");
    build.oci(&tar).run_ok(engine)?;
    Ok(tar)
}

#[test]
fn the_same_programs_give_the_same_image() -> Result<()> {
    let place = tempfile::tempdir()?;
    let programs = programs()?;
    // Two engines, so that nothing comes from a cache; and by then the clock has gone on.
    let [first, second] = [start()?, start()?];
    let one = root_digest(&build(&first, programs.image(Builder::Reference), place.path())?)?;
    let other = root_digest(&build(
        &second,
        programs.image(Builder::Image(FRONTEND)),
        place.path(),
    )?)?;
    assert_eq!(one, other);

    // The program's own time and mode are those of whoever compiled it.
    let architecture = layer::architecture();
    let name = Path::new("out").join(architecture).join("bin");
    let copy = place.path().join("copy");
    fs::create_dir_all(copy.join(&name))?;
    let program = copy.join(&name).join("plimsoll-frontend");
    fs::copy(programs.file(architecture), &program)?;
    fs::File::open(&program)?.set_modified(SystemTime::now())?;
    let again = Programs::of_files(&copy, &[architecture])?;
    let third = root_digest(&build(&second, again.image(Builder::Reference), place.path())?)?;
    assert_eq!(one, third);
    Ok(())
}

#[test]
fn no_folder_of_this_machine_is_in_the_program() -> Result<()> {
    let program = fs::read(programs()?.file(layer::architecture()))?;
    // Advice and the table of tools name files below /root, which may be the home folder here: only what a compiler reads
    // there counts.
    let below_home = |variable: &str, folder: &str| {
        let home = env::var_os("HOME").map(|home| PathBuf::from(home).join(folder));
        env::var_os(variable).map(PathBuf::from).or(home)
    };
    let mut folders = vec![project().to_owned()];
    folders.extend(below_home("CARGO_HOME", ".cargo").map(|folder| folder.join("registry/src")));
    folders.extend(below_home("RUSTUP_HOME", ".rustup"));
    for folder in folders.iter().filter(|folder| folder.parent().is_some()) {
        let name = format!("{}/", folder.display());
        ensure!(
            memchr::memmem::find(&program, name.as_bytes()).is_none(),
            "{name} is in the program: name it in `same_names` of the harness"
        );
    }
    ensure!(
        memchr::memmem::find(&program, b"/crates/").is_some(),
        "the crates have another name than the one they were given"
    );
    Ok(())
}

#[test]
fn the_labels_say_what_it_is() -> Result<()> {
    let place = tempfile::tempdir()?;
    let engine = engine()?;
    let tar = build(engine, programs()?.image(Builder::Reference), place.path())?;
    let image = OciImage::open(&tar)?;
    let labels = &image.config["config"]["Labels"];
    let origin = Origin::of(project());
    for (name, value) in [
        ("title", "Plimsoll"),
        ("version", VERSION),
        ("revision", &origin.revision),
        ("source", &origin.source),
        ("licenses", "Apache-2.0"),
    ] {
        assert_eq!(
            labels[format!("org.opencontainers.image.{name}")],
            value,
            "{name}"
        );
    }
    assert_eq!(image.config["architecture"], layer::architecture());
    // The layer has the program and the folder that it is in, and no time but the one.
    let [only] = image.manifest.layers.as_slice() else {
        anyhow::bail!("{} layers", image.manifest.layers.len());
    };
    let layer = flate2::read::MultiGzDecoder::new(fs::File::open(image.blob(&only.digest)?)?);
    let mut names = Vec::new();
    for entry in tar::Archive::new(layer).entries()? {
        let entry = entry?;
        assert_eq!(entry.header().mtime()?, 0, "{:?}", entry.path()?);
        assert_eq!(entry.header().mode()? & 0o777, 0o755, "{:?}", entry.path()?);
        names.push(entry.path()?.to_string_lossy().into_owned());
    }
    assert_eq!(names, ["bin/", "bin/plimsoll-frontend"]);
    Ok(())
}

#[test]
fn what_it_is_built_on_is_pinned() -> Result<()> {
    let text = fs::read_to_string(project().join("frontend.Dockerfile"))?;
    let argument = |name: &str| {
        let line = text
            .lines()
            .find_map(|line| line.strip_prefix(&format!("ARG {name}=")));
        line.with_context(|| format!("frontend.Dockerfile has no `ARG {name}=`"))
    };
    let image = argument("RUST_IMAGE")?;
    let (name, digest) = image.split_once("@sha256:").context("RUST_IMAGE has no digest")?;
    ensure!(name.contains("/rust:") && digest.len() == 64, "{image}");
    ensure!(digest.chars().all(|digit| digit.is_ascii_hexdigit()), "{image}");
    assert_eq!(
        argument("VERSION")?,
        VERSION,
        "frontend.Dockerfile and Cargo.toml say different versions"
    );
    for line in text.lines().filter(|line| line.starts_with("FROM ")) {
        let image = line
            .split(' ')
            .find(|word| !word.starts_with("FROM") && !word.starts_with("--"));
        ensure!(
            matches!(image, Some("${RUST_IMAGE}" | "scratch")),
            "`{line}`: pin it by digest"
        );
    }
    Ok(())
}

#[test]
fn nobody_can_own_what_the_examples_name() -> Result<()> {
    ensure!(FRONTEND.starts_with("registry.example/"), "{FRONTEND}");
    for entry in fs::read_dir(folder(""))? {
        let file = entry?.path().join("Dockerfile");
        if file.exists() {
            let text = fs::read_to_string(&file)?;
            let line = text.lines().next().unwrap_or_default();
            assert_eq!(line, format!("# syntax={FRONTEND}"), "{}", file.display());
        }
    }
    // With a registry of one's own they build as they are.
    let engine = start()?;
    let own = format!("{}/own/plimsoll:1", engine.registry().address());
    programs()?.publish(&engine, Builder::Reference, &own)?;
    let mut build = engine.buildx()?;
    build.args(["build", "--progress=plain"]);
    build.arg(format!("--build-arg=BUILDKIT_SYNTAX={own}"));
    let said = run(build.arg(folder("loops")))?;
    let said = String::from_utf8_lossy(&said.stderr).into_owned();
    ensure!(said.contains(&format!("docker-image://{own}")), "{said}");
    Ok(())
}

#[test]
fn what_the_image_is_compiled_from_is_all_there() -> Result<()> {
    // What `frontend.Dockerfile` sees of this folder, as a folder.
    let (place, out) = (tempfile::tempdir()?, tempfile::tempdir()?);
    let ignore = fs::read(project().join("frontend.Dockerfile.dockerignore"))?;
    fs::write(place.path().join("Dockerfile.dockerignore"), ignore)?;
    let dockerfile = place.path().join("Dockerfile");
    fs::write(&dockerfile, "FROM scratch\nCOPY . /\n")?;
    let out = out.path().join("src");
    Build::new(project())
        .reference()
        .dockerfile(&dockerfile)
        .output(Output::Folder(out.clone()))
        .run_ok(engine()?)?;
    let mut tree = Command::new("cargo");
    tree.args(["tree", "--locked", "--package", "plimsoll-frontend", "--depth=0"]);
    run(tree.current_dir(&out)).context("frontend.Dockerfile.dockerignore leaves out what cargo needs")?;
    ensure!(!out.join("docs").exists() && !out.join("tests/engine/tests").exists());
    Ok(())
}
