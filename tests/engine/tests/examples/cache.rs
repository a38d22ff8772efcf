//! `examples/cache`: the second run of a step reads what the first one left.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use plimsoll_engine::{Engine, OciImage};

use crate::common::{build_of, copy_of, engine, run};

/// Builds and gives what the compiler printed, with the image.
fn build(engine: &Engine, folder: &Path) -> Result<(String, OciImage)> {
    let place = tempfile::tempdir()?;
    let tar = place.path().join("image.tar");
    let built = build_of(engine, folder).oci(&tar).run_ok(engine)?;
    let step = built.record.find("go build").context("no step compiles")?;
    ensure!(!step.cached, "the step did not run again");
    Ok((step.output.clone(), OciImage::open(&tar)?))
}

#[test]
fn downloads_outlive_a_changed_step() -> Result<()> {
    let engine = engine()?;
    let folder = copy_of("cache")?;
    let source = folder.path().join("main.go");
    let text = fs::read_to_string(&source)?;
    let (first, _) = build(engine, folder.path())?;
    // A daemon that is not ours may have the modules since long.
    if engine.is_own() {
        assert!(first.contains("go: downloading rsc.io/quote v1.5.2"), "{first}");
    }

    fs::write(&source, text + "// one more line\n")?;
    let (second, image) = build(engine, folder.path())?;
    assert!(!second.contains("downloading"), "{second}");
    assert_eq!(image.files()?, ["proverb"]);
    let said = run(&image, &[])?.stdout;
    assert_eq!(
        said,
        "Don't communicate by sharing memory, share memory by communicating.\n"
    );
    Ok(())
}
