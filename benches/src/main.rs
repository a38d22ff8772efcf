//! `make bench`: Plimsoll and the reference measured in one run, in turns, on the same engine.
//!
//! Prints a table and leaves `target/bench/report.json` with every sample. Nothing here fails because something was slow: the
//! budgets are printed beside the figures. With arguments (`compile`, `image`, `start`, `warm`, `memory`, `load`) only
//! those parts are measured.

mod compile;
mod dockerfile;
mod frontends;
mod load;
mod memory;
mod report;
mod start;
mod stats;
mod warm;

use std::collections::BTreeSet;
use std::env;
use std::fs;
use std::io::{self, Write};
use std::path::Path;

use anyhow::{Context, Result, ensure};
use plimsoll_engine::frontend_image::{Programs, compile_alike, folder};
use plimsoll_engine::{Engine, EngineOptions, Lines, Progress};

use frontends::Frontends;
use report::Report;

/// The parts, in the order of the table.
const PARTS: [&str; 6] = ["compile", "image", "start", "warm", "memory", "load"];

fn main() -> Result<()> {
    let wanted = wanted()?;
    let wants = |part: &str| wanted.contains(part);
    let mut progress = Lines(io::stderr());
    let out = folder().with_file_name("bench");
    fs::create_dir_all(&out)?;
    let mut report = Report::default();

    let programs = Programs::compile_here(&mut progress)?;
    let alike = compile_alike("plimsoll-bench-programs", &mut progress)?;
    if wants("compile") {
        compile::measure(&alike.join("compile"), &out, &mut report, &mut progress)?;
    }
    if wanted.iter().any(|part| part != "compile") {
        let engine = Engine::start(&EngineOptions::default(), &mut progress)?;
        ensure!(
            engine.is_own(),
            "the benchmark reads the memory of the frontend's processes and needs a daemon of its own: unset BUILDKIT_HOST"
        );
        progress.step("packing the frontends into images");
        let frontends = Frontends::publish(&engine, &programs, &alike.join("floor"))?;
        if wants("image") {
            frontends.sizes(&mut report)?;
        }
        if wants("start") {
            start::measure(&frontends, &mut report, &mut progress)?;
        }
        if wants("warm") {
            warm::measure(&engine, &mut report, &mut progress)?;
        }
        if wants("memory") {
            memory::measure(&engine, &mut report, &mut progress)?;
        }
        if wants("load") {
            load::measure(&engine, &mut report, &mut progress)?;
        }
    }
    finish(&report, &out.join("report.json"))
}

/// The parts to measure: those given as arguments, or all.
fn wanted() -> Result<BTreeSet<String>> {
    let mut wanted: BTreeSet<String> = env::args().skip(1).collect();
    if let Some(unknown) = wanted.iter().find(|part| !PARTS.contains(&part.as_str())) {
        anyhow::bail!("there is no part `{unknown}`; there are {}", PARTS.join(", "));
    }
    if wanted.is_empty() {
        wanted = PARTS.map(str::to_owned).into();
    }
    Ok(wanted)
}

fn finish(report: &Report, file: &Path) -> Result<()> {
    fs::write(file, report.to_json()?).with_context(|| format!("could not write {}", file.display()))?;
    write!(
        io::stdout(),
        "\n{}\nevery sample: {}\n",
        report.table(),
        file.display()
    )?;
    Ok(())
}
