//! `make cli`: compiles the command line as a static program for this machine.

use std::fs;
use std::io::{self, Write};

use anyhow::Result;
use plimsoll_engine::{Lines, frontend_image};

fn main() -> Result<()> {
    let mut progress = Lines(io::stderr());
    let program = frontend_image::compile_alike("plimsoll-cli", &mut progress)?.join("plimsoll");
    let folder = frontend_image::target_folder().join("cli");
    fs::create_dir_all(&folder)?;
    let to = folder.join("plimsoll");
    fs::copy(program, &to)?;
    writeln!(io::stdout(), "{}", to.display())?;
    Ok(())
}
