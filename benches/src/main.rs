//! `make bench`: Plimsoll and the reference measured in one run, in turns, on the same engine.
//!
//! Prints a table, leaves `target/bench/report.json` with every sample, and tells which rows got worse by more than a
//! tenth since the run in `benches/last.json`. Nothing here fails because something was slow: the budgets are printed
//! beside the figures. With arguments (`compile`, `compile/chain`, `trips`, `check`, `image`, `start`, `warm`, `caches`, `memory`,
//! `load`) only those rows are measured. `BLESS=1` writes the ratios to `benches/last.json`; `SHORT=1` measures a quarter as
//! often.

mod caches;
mod check;
mod compile;
mod dockerfile;
mod frontends;
mod last;
mod load;
mod memory;
mod processes;
mod report;
mod run;
mod start;
mod stats;
mod trips;
mod warm;

use std::env;
use std::fmt::Write as _;
use std::fs;
use std::io::{self, Write as _};

use anyhow::{Context, Result, ensure};
use plimsoll_engine::frontend_image::{Programs, compile_alike, folder};
use plimsoll_engine::{Engine, EngineOptions, Lines};

use frontends::Frontends;
use last::Ratios;
use report::Report;
use run::{Run, Wanted};

/// The package with the programs that are measured beside the frontend.
const OTHERS: &str = "plimsoll-bench-programs";

fn main() -> Result<()> {
    let wanted = Wanted::parse(env::args().skip(1))?;
    let mut progress = Lines(io::stderr());
    let mut run = Run {
        report: Report::default(),
        progress: &mut progress,
        out: folder().with_file_name("bench"),
        is_short: is_set("SHORT"),
    };
    fs::create_dir_all(&run.out)?;
    if run.is_short {
        run.report
            .note("a short run, with a quarter of the rounds".to_owned());
    }
    if wanted.part("compile") {
        let ours = compile_alike(OTHERS, run.progress)?.join("compile");
        compile::measure(&ours, &wanted.shapes(), &mut run)?;
    }
    if wanted.part("trips") {
        trips::measure(&mut run)?;
    }
    if wanted.part("check") {
        check::measure(&mut run)?;
    }
    if wanted.needs_engine() {
        let programs = Programs::compile_here(run.progress)?;
        let floor = compile_alike(OTHERS, run.progress)?.join("floor");
        let engine = Engine::start(&EngineOptions::default(), run.progress)?;
        ensure!(
            engine.is_own(),
            "the benchmark reads the memory of the frontend's processes and needs a daemon of its own: unset BUILDKIT_HOST"
        );
        run.progress.step("packing the frontends into images");
        let frontends = Frontends::publish(&engine, &programs, &floor)?;
        on_engine(&wanted, &engine, &frontends, &mut run)?;
    }
    finish(&run, &wanted)
}

fn is_set(variable: &str) -> bool {
    env::var_os(variable).is_some_and(|value| !value.is_empty() && value != "0")
}

/// The parts that need a daemon.
fn on_engine(wanted: &Wanted, engine: &Engine, frontends: &Frontends, run: &mut Run<'_>) -> Result<()> {
    if wanted.part("image") {
        frontends.sizes(&mut run.report)?;
    }
    if wanted.part("start") {
        start::measure(frontends, run)?;
    }
    if wanted.part("warm") {
        warm::measure(engine, run)?;
    }
    if wanted.part("caches") {
        caches::measure(engine, run)?;
    }
    if wanted.part("memory") {
        memory::measure(engine, run)?;
    }
    if wanted.part("load") {
        load::measure(engine, run)?;
    }
    Ok(())
}

/// Prints the table and what got worse, and writes what there is to write.
fn finish(run: &Run<'_>, wanted: &Wanted) -> Result<()> {
    let file = run.out.join("report.json");
    fs::write(&file, run.report.to_json()?).with_context(|| format!("could not write {}", file.display()))?;
    let (last_file, now) = (last::file(), run.report.ratios());
    let last = last::read(&last_file)?;
    let mut text = format!("\n{}\nevery sample: {}\n", run.report.table(), file.display());
    text += &since(&last, &now);
    if is_set("BLESS") {
        // Rows that were not asked for stay as they are.
        let mut kept = if wanted.is_all() { Ratios::new() } else { last };
        kept.extend(now);
        last::write(&last_file, &kept)?;
        let _ = writeln!(text, "written: {}", last_file.display());
    }
    io::stdout().write_all(text.as_bytes())?;
    Ok(())
}

/// What got worse, in lines.
fn since(last: &Ratios, now: &Ratios) -> String {
    let known = now.keys().filter(|name| last.contains_key(*name)).count();
    if known == 0 {
        return "benches/last.json has none of these rows to compare with\n".to_owned();
    }
    let worse = last::worse(last, now);
    if worse.is_empty() {
        return "no row is worse by more than a tenth than in benches/last.json\n".to_owned();
    }
    let mut text = "worse by more than a tenth than in benches/last.json:\n".to_owned();
    for line in worse {
        text += &format!("  {line}\n");
    }
    text
}
