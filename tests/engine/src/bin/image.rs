//! `make image`: builds Plimsoll's image for every processor that it is for.

use std::fs;
use std::io::{self, Write};

use anyhow::Result;
use plimsoll_engine::frontend_image::{self, Builder, Programs};
use plimsoll_engine::{Engine, EngineOptions, Lines, OciImage, layer};

fn main() -> Result<()> {
    let mut progress = Lines(io::stderr());
    let programs = Programs::compile_all(&mut progress)?;
    let options = EngineOptions {
        base_images: false,
        ..EngineOptions::default()
    };
    let engine = Engine::start(&options, &mut progress)?;
    let folder = frontend_image::folder();
    let tar = folder.join("plimsoll.oci.tar");
    programs.image(Builder::Reference).oci(&tar).run_ok(&engine)?;
    let program = folder.join("plimsoll-frontend");
    fs::copy(programs.file(layer::architecture()), &program)?;
    let mut out = io::stdout();
    for architecture in &programs.architectures {
        let image = OciImage::open_for(&tar, architecture)?;
        writeln!(
            out,
            "linux/{architecture}: {} bytes to pull",
            image.compressed_size()
        )?;
    }
    writeln!(out, "{}\n{}", tar.display(), program.display())?;
    Ok(())
}
