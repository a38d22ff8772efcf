//! Starts an engine and keeps it until its input ends or it is interrupted, for a person who wants to try things.

use std::env;
use std::io::{Read as _, Write as _};

use anyhow::Result;
use plimsoll_engine::{Engine, EngineOptions, Lines};

fn main() -> Result<()> {
    let options = EngineOptions {
        base_images: env::var_os("PLIMSOLL_NO_BASE_IMAGES").is_none(),
        debug: env::var_os("PLIMSOLL_DEBUG").is_some(),
        use_host_variable: false,
        ..EngineOptions::default()
    };
    let engine = Engine::start(&options, &mut Lines(std::io::stderr()))?;
    let clients = engine
        .parts()
        .buildctl
        .parent()
        .unwrap_or(&engine.parts().buildctl);
    let mut out = std::io::stdout();
    writeln!(out, "export BUILDKIT_HOST={}", engine.host())?;
    writeln!(out, "# registry: {}", engine.registry().address())?;
    if let Some(log) = engine.log() {
        writeln!(out, "# log: {}", log.display())?;
    }
    writeln!(out, "# clients: {}", clients.display())?;
    writeln!(out, "# Ctrl-C or the end of input stops it all.")?;
    out.flush()?;
    std::io::stdin().read_to_end(&mut Vec::new())?;
    Ok(())
}
