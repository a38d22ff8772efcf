//! The engine of these tests, small projects to build on it, and one build by both frontends.

use std::fmt::Debug;
use std::fs;
use std::path::Path;
use std::sync::OnceLock;

use anyhow::{Context, Result, anyhow, ensure};
use plimsoll_engine::{Build, Built, Engine, EngineOptions, Lines, Record, Vertex};
use tempfile::TempDir;

use crate::common::publish;

/// An engine of our own whatever `BUILDKIT_HOST` says: these tests serve contexts on this machine's loopback.
pub fn start() -> Result<Engine> {
    let options = EngineOptions {
        use_host_variable: false,
        ..EngineOptions::default()
    };
    let engine = Engine::start(&options, &mut Lines(std::io::stderr()))?;
    publish(&engine)?;
    Ok(engine)
}

/// The engine that these tests share, with both frontends in its registry.
pub fn engine() -> Result<&'static Engine> {
    static SHARED: OnceLock<Result<Engine, String>> = OnceLock::new();
    let engine = SHARED.get_or_init(|| start().map_err(|error| format!("{error:#}")));
    engine.as_ref().map_err(|error| anyhow!("{error}"))
}

/// A folder with these files, each path with its text.
pub fn project(files: &[(&str, &str)]) -> Result<TempDir> {
    let folder = tempfile::tempdir()?;
    for (path, text) in files {
        write(folder.path(), path, text.as_bytes())?;
    }
    Ok(folder)
}

/// Writes a file and the folders above it.
pub fn write(folder: &Path, path: &str, bytes: &[u8]) -> Result<()> {
    let file = folder.join(path);
    fs::create_dir_all(file.parent().context("a file has a folder")?)?;
    fs::write(&file, bytes).with_context(|| file.display().to_string())
}

/// A build of `folder` as two clients would ask for it: by Plimsoll, and by the reference.
pub fn pair(folder: &Path) -> [Build; 2] {
    [Build::new(folder), Build::new(folder).reference()]
}

/// Asks both frontends for the same, and holds what `look` makes of the two against each other.
pub fn both<T: PartialEq + Debug>(
    folder: &Path,
    change: impl Fn(Build) -> Build,
    look: impl Fn(Build) -> Result<T>,
) -> Result<T> {
    let [ours, reference] = pair(folder).map(change);
    let reference = look(reference).context("by the reference")?;
    let ours = look(ours).context("by Plimsoll")?;
    ensure!(
        ours == reference,
        "ours:\n{ours:#?}\nthe reference's:\n{reference:#?}"
    );
    Ok(ours)
}

/// The digest of the image, or of the index, that a build makes.
pub fn digest(built: &Built) -> Result<String> {
    let digest = built.metadata["containerimage.digest"].as_str();
    Ok(digest.context("the exporter named no digest")?.to_owned())
}

/// Builds an image that goes nowhere, and gives its digest.
pub fn image_digest(engine: &Engine, build: Build) -> Result<String> {
    let folder = tempfile::tempdir()?;
    digest(&build.oci(folder.path().join("image.tar")).run_ok(engine)?)
}

/// The files that a build leaves, each path with its text.
pub fn files(engine: &Engine, build: Build) -> Result<Vec<(String, String)>> {
    let folder = tempfile::tempdir()?;
    let output = plimsoll_engine::Output::Folder(folder.path().join("out"));
    build.output(output).run_ok(engine)?;
    listed(&folder.path().join("out"))
}

/// The files of a folder, each path with its text.
pub fn listed(folder: &Path) -> Result<Vec<(String, String)>> {
    let mut found = Vec::new();
    collect(folder, "", &mut found)?;
    found.sort();
    Ok(found)
}

fn collect(root: &Path, name: &str, found: &mut Vec<(String, String)>) -> Result<()> {
    for entry in fs::read_dir(root.join(name))? {
        let entry = entry?;
        let path = format!("{name}/{}", entry.file_name().to_string_lossy());
        let path = path.trim_start_matches('/');
        if entry.file_type()?.is_dir() {
            collect(root, path, found)?;
        } else if entry.file_type()?.is_file() {
            let text = String::from_utf8_lossy(&fs::read(root.join(path))?).into_owned();
            found.push((path.to_owned(), text));
        }
    }
    Ok(())
}

/// The files that a build by each frontend leaves, which must be the same.
pub fn same_files(folder: &Path, change: impl Fn(Build) -> Build) -> Result<Vec<(String, String)>> {
    let engine = engine()?;
    both(folder, change, |build| files(engine, build))
}

/// What a build by each frontend says when it fails; the two texts are each frontend's own.
pub fn failures(folder: &Path, change: impl Fn(Build) -> Build) -> Result<[Built; 2]> {
    let engine = engine()?;
    let [ours, reference] = pair(folder).map(|build| change(build).run(engine));
    let (ours, reference) = (ours?, reference?);
    ensure!(
        !ours.status.success() && !reference.status.success(),
        "ours:\n{}\nthe reference's:\n{}",
        ours.stderr,
        reference.stderr
    );
    Ok([ours, reference])
}

/// The steps of the Dockerfile that ran, in place of coming from the cache.
pub fn ran(record: &Record) -> Vec<&str> {
    let own = record.vertices.iter().filter(|vertex| is_step(vertex));
    own.filter(|vertex| !vertex.cached && vertex.completed.is_some())
        .map(|vertex| vertex.name.as_str())
        .collect()
}

/// The steps of the Dockerfile that came from the cache.
pub fn cached(record: &Record) -> Vec<&str> {
    let own = record.vertices.iter().filter(|vertex| is_step(vertex));
    own.filter(|vertex| vertex.cached)
        .map(|vertex| vertex.name.as_str())
        .collect()
}

/// Whether a vertex is an instruction that does something: no look-up, no transfer, no base image.
fn is_step(vertex: &Vertex) -> bool {
    let Some((stage, instruction)) = vertex.name.split_once("] ") else {
        return false;
    };
    !stage.ends_with("internal") && !instruction.starts_with("FROM ")
}

/// The name of [`push_scanner`]'s image.
pub const SCANNER: &str = "docker.io/test/scanner:1";

/// A scanner that writes down what it was given, in the form of a bill of materials.
pub fn push_scanner(engine: &Engine) -> Result<()> {
    let script = r#"#!/bin/sh
set -e
scan() {
    name=$(basename "$1")
    files=$(cd "$1" && find . -type f | sort | tr '\n' ' ')
    printf '{"_type":"https://in-toto.io/Statement/v0.1","predicateType":"https://spdx.dev/Document","predicate":{"spdxVersion":"SPDX-2.3","name":"%s","comment":"%s %s"}}\n' \
        "$name" "$files" "$BUILDKIT_SCAN_DEPTH" > "$BUILDKIT_SCAN_DESTINATION/$name.spdx.json"
}
scan "$BUILDKIT_SCAN_SOURCE"
if [ -n "$BUILDKIT_SCAN_SOURCE_EXTRAS" ]; then
    for extra in "$BUILDKIT_SCAN_SOURCE_EXTRAS"/*; do scan "$extra"; done
fi
"#;
    let folder = project(&[
        (
            "Dockerfile",
            "FROM busybox\nCOPY --chmod=755 scan /bin/scan\nENTRYPOINT [\"/bin/scan\"]\n",
        ),
        ("scan", script),
    ])?;
    let push = plimsoll_engine::Output::Push(SCANNER.to_owned());
    Build::new(folder.path()).output(push).run_ok(engine)?;
    Ok(())
}
