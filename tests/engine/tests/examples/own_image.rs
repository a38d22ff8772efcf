//! Plimsoll builds its own image, and the image so built builds an example.

use anyhow::{Result, ensure};
use plimsoll_engine::frontend_image::Builder;
use plimsoll_engine::{Build, FRONTEND, OciImage};

use crate::common::{engine, folder, image_of, programs, run};

const SELF_BUILT: &str = "docker.io/plimsoll/self-built:1";

#[test]
fn the_image_that_it_builds_of_itself_works() -> Result<()> {
    let engine = engine()?;
    programs()?.publish(engine, Builder::Image(FRONTEND), SELF_BUILT)?;
    let name = engine.image_name(SELF_BUILT);
    let build = Build::new(folder("loops"))
        .frontend(SELF_BUILT)
        .arg("BUILDKIT_SYNTAX", &name)
        .no_cache();
    let said = run(&image_of(engine, build)?, &[])?.stdout;
    ensure!(said.starts_with("5\nload line: fresh\n"), "{said}");
    Ok(())
}

#[test]
fn it_is_small_and_says_what_it_can() -> Result<()> {
    let engine = engine()?;
    let place = tempfile::tempdir()?;
    let tar = place.path().join("image.tar");
    let programs = programs()?;
    programs
        .image(Builder::Image(FRONTEND))
        .oci(&tar)
        .run_ok(engine)?;
    let image = OciImage::open(&tar)?;
    assert_eq!(image.files()?, ["bin/plimsoll-frontend"]);
    assert_eq!(image.command(), ["/bin/plimsoll-frontend"]);
    let labels = &image.config["config"]["Labels"];
    assert_eq!(labels["moby.buildkit.frontend.network.none"], "true");
    for capability in [
        "inputs",
        "subrequests",
        "contexts",
        "gitquerystring",
        "contexts.zstd",
    ] {
        let name = format!("moby.buildkit.frontend.{capability}");
        let list = labels["moby.buildkit.frontend.caps"].as_str().unwrap_or_default();
        assert!(list.split(',').any(|item| item == name), "{list}");
    }
    // docs/performance.md has what it is to reach; this notices when it grows by accident.
    assert!(
        image.compressed_size() < 1_500_000,
        "{} bytes compressed",
        image.compressed_size()
    );
    Ok(())
}
