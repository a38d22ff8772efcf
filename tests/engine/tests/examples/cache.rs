//! `examples/cache`: the second run of a step reads what the first one left.

use std::fs;

use anyhow::{Context, Result};
use plimsoll_engine::{Engine, OciImage};

use crate::common::{build_of, copy_of, engine, run};

/// Builds and gives what pip printed, with the image.
fn build(engine: &Engine, folder: &std::path::Path) -> Result<(String, OciImage)> {
    let place = tempfile::tempdir()?;
    let tar = place.path().join("image.tar");
    let built = build_of(engine, folder).oci(&tar).run_ok(engine)?;
    let step = built.record.find("pip install").context("no step runs pip")?;
    Ok((step.output.clone(), OciImage::open(&tar)?))
}

#[test]
fn downloads_outlive_a_changed_step() -> Result<()> {
    let engine = engine()?;
    let folder = copy_of("cache")?;
    let requirements = folder.path().join("requirements.txt");
    let wanted = fs::read_to_string(&requirements)?;
    let (first, _) = build(engine, folder.path())?;
    assert!(
        first.contains("Downloading inflection-") && !first.contains("Using cached"),
        "{first}"
    );

    fs::write(&requirements, wanted + "# one more line\n")?;
    let (second, image) = build(engine, folder.path())?;
    assert!(
        second.contains("Using cached inflection-") && !second.contains("Downloading"),
        "{second}"
    );
    assert!(!image.files()?.iter().any(|file| file.contains(".cache/pip")));
    assert_eq!(
        run(&image, &[])?.stdout,
        "A Plimsoll Line Is The Load Line On A Ship's Hull\n"
    );
    Ok(())
}
