//! `examples/go-hello`: one program, three images.

use anyhow::Result;
use plimsoll_engine::OciImage;

use crate::common::{engine, example, run};

#[test]
fn the_program_alone_runs_from_scratch() -> Result<()> {
    let engine = engine()?;
    let folder = tempfile::tempdir()?;
    let tar = folder.path().join("image.tar");
    let built = example(engine, "go-hello").oci(&tar).run_ok(engine)?;
    // Steps that stages share may go by the name that another build, which runs beside this one, has for them.
    for unneeded in ["single-stage 3/4", "single-stage 4/4", "compliance", "alpine"] {
        assert!(
            built.record.find(unneeded).is_none(),
            "{unneeded} is in {:?}",
            built.record.started()
        );
    }
    let image = OciImage::open(&tar)?;
    assert_eq!(image.files()?, ["hello"]);
    assert_eq!(image.list("Entrypoint"), ["/hello"]);
    let said = run(&image, &["Ada"])?.stdout;
    assert!(said.starts_with("Hello, Ada, from a linux/"), "{said}");
    Ok(())
}

#[test]
fn the_small_distribution_has_the_legal_text() -> Result<()> {
    let engine = engine()?;
    let image = crate::common::image_of(engine, example(engine, "go-hello").target("compliance"))?;
    let files = image.files()?;
    for file in [
        "compliance/LICENSE.txt",
        "compliance/THIRD-PARTY.txt",
        "bin/sh",
        "usr/local/bin/hello",
    ] {
        assert!(
            files.iter().any(|name| name == file),
            "{file} is missing among {files:?}"
        );
    }
    assert!(
        run(&image, &[])?
            .stdout
            .starts_with("Hello, world, from a linux/")
    );
    Ok(())
}

#[test]
fn stages_make_the_image_small() -> Result<()> {
    let engine = engine()?;
    let mut sizes = Vec::new();
    for target in ["", "compliance", "single-stage"] {
        let folder = tempfile::tempdir()?;
        let tar = folder.path().join("image.tar");
        let mut build = example(engine, "go-hello").oci(&tar);
        if !target.is_empty() {
            build = build.target(target);
        }
        build.run_ok(engine)?;
        let size = OciImage::open(&tar)?.compressed_size();
        println!(
            "{:>9.1} MB  {}",
            megabytes(size),
            if target.is_empty() { "scratch" } else { target }
        );
        sizes.push(size);
    }
    assert!(sizes[0] < 2_000_000, "{sizes:?}");
    assert!(sizes[0] < sizes[1] && sizes[1] < sizes[2] / 10, "{sizes:?}");
    Ok(())
}

fn megabytes(size: u64) -> f64 {
    f64::from(u32::try_from(size / 1000).unwrap_or(u32::MAX)) / 1000.0
}
