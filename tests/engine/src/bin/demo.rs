//! `make demo`: builds a real project through Plimsoll on a real BuildKit, runs the result, and says what to try next.

use std::io::{self, IsTerminal, Write};
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, ensure};
use plimsoll_engine::frontend_image::{Builder, Programs, project};
use plimsoll_engine::{Build, Engine, EngineOptions, FRONTEND, Lines, OciImage, Process, Progress};

fn main() -> Result<()> {
    let mut progress = Lines(io::stderr());
    // On a fresh machine both take minutes, and one waits for the network where the other computes.
    let (programs, engine) = thread::scope(|scope| {
        let compiling = scope.spawn(|| Programs::compile_here(&mut Lines(io::stderr())));
        let engine = Engine::start(&EngineOptions::default(), &mut progress);
        (compiling.join(), engine)
    });
    let programs = programs.map_err(|_| anyhow!("compiling the frontend panicked"))??;
    let engine = engine?;
    progress.step("building Plimsoll's image and publishing it in a registry on loopback");
    programs.publish(&engine, Builder::Reference, FRONTEND)?;

    let folder = tempfile::tempdir()?;
    progress.step(&format!(
        "building examples/go-hello; its first line is `# syntax={FRONTEND}`"
    ));
    let start = Instant::now();
    let hello = build(&engine, &folder.path().join("hello.tar"), "")?;
    let seconds = start.elapsed().as_secs_f64();
    progress.step("building it once more without stages, to compare");
    let single = build(&engine, &folder.path().join("single.tar"), "single-stage")?;
    report(&hello, &single, seconds)
}

/// Builds the example with its progress shown, and opens the image.
fn build(engine: &Engine, tar: &Path, target: &str) -> Result<OciImage> {
    let mut build = Build::new(project().join("examples/go-hello")).oci(tar);
    if !target.is_empty() {
        build = build.target(target);
    }
    if !engine.is_own() {
        // That daemon knows the frontend under another name than the Dockerfile has.
        build = build.arg("BUILDKIT_SYNTAX", &engine.image_name(FRONTEND));
    }
    let style = if io::stderr().is_terminal() {
        "tty"
    } else {
        "plain"
    };
    build.run_shown(engine, style)?;
    OciImage::open(tar)
}

/// Runs the image, and prints what it said, its size and what to try next.
fn report(hello: &OciImage, single: &OciImage, seconds: f64) -> Result<()> {
    let mut argv = hello.command();
    argv.push("sailor".to_owned());
    let argv: Vec<&str> = argv.iter().map(String::as_str).collect();
    let process = Process::of_image(hello)
        .context("could not unpack the image")?
        .argv(&argv);
    let finished = process.run(Duration::from_secs(30))?;
    ensure!(
        finished.code == 0,
        "the program ended with {}:\n{}",
        finished.code,
        finished.stderr
    );

    let mut out = io::stdout();
    writeln!(
        out,
        "\nThe image was built in {seconds:.1} s. Its program says:\n"
    )?;
    for line in finished.stdout.lines() {
        writeln!(out, "    {line}")?;
    }
    writeln!(
        out,
        "\nTo pull:  {:>9}  the program alone, in `scratch`",
        megabytes(hello.compressed_size())
    )?;
    writeln!(
        out,
        "          {:>9}  the build without stages",
        megabytes(single.compressed_size())
    )?;
    writeln!(
        out,
        "\nTo try next:\n\
         \x20 make image    leaves the frontend's image in target/image, for your own registry\n\
         \x20 make test     builds and runs every project under examples/, among others\n\
         \x20 examples/     has secrets, ssh, caches and parallel stages; its README says how to build each\n\
         In your own Dockerfile, the first line is all it takes: # syntax=YOUR_REGISTRY/plimsoll:1"
    )?;
    Ok(())
}

/// A size as people compare sizes.
fn megabytes(bytes: u64) -> String {
    let tenths = bytes.div_ceil(100_000);
    format!("{}.{} MB", tenths / 10, tenths % 10)
}
