//! `make release`: leaves the files of a release in `target/release-files`.

use std::fs;
use std::io::{self, Write};

use anyhow::Result;
use plimsoll_engine::release::Release;
use plimsoll_engine::{Engine, EngineOptions, Lines};

fn main() -> Result<()> {
    let mut progress = Lines(io::stderr());
    let options = EngineOptions {
        base_images: false,
        ..EngineOptions::default()
    };
    let engine = Engine::start(&options, &mut progress)?;
    let release = Release::make(&engine, &mut progress)?;
    let mut out = io::stdout();
    let mut names: Vec<_> = fs::read_dir(&release.folder)?.collect::<Result<_, _>>()?;
    names.sort_by_key(fs::DirEntry::file_name);
    for entry in names {
        writeln!(out, "{:>9}  {}", entry.metadata()?.len(), entry.path().display())?;
    }
    writeln!(out, "{}@{}", release.image, release.digest)?;
    Ok(())
}
