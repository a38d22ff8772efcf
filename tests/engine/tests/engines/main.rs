//! What works on which engine: makes the table of `docs/engines.md`, and compares it with what is there.
//!
//! `make test` asks the oldest BuildKit what is quick to find out. `make engines` asks every engine everything, and with
//! `BLESS=1` it writes the table anew.

#[path = "../examples/common.rs"]
#[allow(dead_code, reason = "the tests of the examples use the rest")]
mod common;
#[path = "../request/empty.rs"]
mod empty;
#[path = "../request/fixture.rs"]
#[allow(dead_code, reason = "the tests of requests use the rest")]
mod fixture;
mod friends;
mod probe;
#[path = "../examples/repository.rs"]
mod repository;
mod table;
mod trust;

use std::env;

use anyhow::{Result, ensure};
use plimsoll_engine::older::{OLDER, buildkitd};
use plimsoll_engine::{Dockerd, Engine, EngineOptions, FRONTEND, Lines, Reference, Silent};

use friends::Friends;
use probe::{Client, ask};
use table::Column;

/// The columns with what all engines can do, or with what the oldest BuildKit can in a short time.
fn columns(everything: bool) -> Result<Vec<Column>> {
    let friends = Friends::start()?;
    let mut columns = Vec::new();
    if everything {
        let engine = start(None)?;
        columns.push(ask("BuildKit 0.33.1", &remote(&engine), &friends, everything)?);
    }
    for release in OLDER.iter().rev() {
        let version = release
            .version_of("github.com/moby/buildkit")
            .unwrap_or_default()
            .trim_start_matches('v');
        if everything || version == "0.12.5" {
            let engine = start(Some(release))?;
            let daemon = empty::Tried {
                engine: &engine,
                dies_of_oci: version == "0.21.1",
            };
            match everything {
                true => empty::survived_by(&daemon)?,
                false => empty::results_survived_by(&daemon)?,
            }
            columns.push(ask(
                &format!("BuildKit {version}"),
                &remote(&engine),
                &friends,
                everything,
            )?);
        }
    }
    if everything {
        let engine = start(None)?;
        let docker = Dockerd::start(&engine, &mut Silent)?;
        malformed_option(&engine, &docker)?;
        for (name, words) in [
            ("Docker 20.10, buildx", &["buildx", "build"][..]),
            ("Docker 20.10, build", &["build"]),
        ] {
            let client = Client {
                engine: &engine,
                command: Box::new(|| {
                    let mut command = docker.docker();
                    command.args(words).arg("--network=host");
                    Ok(command)
                }),
                // It mirrors Docker Hub alone.
                mirrors: false,
            };
            columns.push(ask(name, &client, &friends, everything)?);
        }
    }
    Ok(columns)
}

/// An engine with a daemon of some release, and both frontends in its registry.
fn start(release: Option<&plimsoll_engine::golang::Module>) -> Result<Engine> {
    let progress = &mut Lines(std::io::stderr());
    let buildkitd = release.map(|release| buildkitd(release, progress)).transpose()?;
    let options = EngineOptions {
        buildkitd,
        use_host_variable: false,
        ..EngineOptions::default()
    };
    let engine = Engine::start(&options, &mut Lines(std::io::stderr()))?;
    common::publish(&engine)?;
    Ok(engine)
}

/// What can't be meant is told with the option, its value and the form expected.
///
/// BuildKit from 0.12 on reads the options before it starts a frontend's image, so there the words are its own.
fn malformed_option(engine: &Engine, docker: &Dockerd) -> Result<()> {
    let Reference { repository, tag } = Reference::parse(FRONTEND);
    let name = format!("{}/{repository}:{tag}", engine.registry().address());
    let folder = fixture::project(&[("Dockerfile", &format!("# syntax={name}\nFROM alpine\n"))])?;
    let mut build = docker.docker();
    build.args(["buildx", "build", "--build-arg=BUILDKIT_MULTI_PLATFORM=perhaps"]);
    let output = build.arg(folder.path()).output()?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(!output.status.success(), "it is taken:\n{said}");
    for part in ["build-arg:BUILDKIT_MULTI_PLATFORM", "perhaps", "true or false"] {
        ensure!(said.contains(part), "`{part}` is not in\n{said}");
    }
    Ok(())
}

fn remote(engine: &Engine) -> Client<'_> {
    Client {
        engine,
        command: Box::new(|| {
            let mut command = engine.buildx()?;
            command.args(["build", "--progress=plain"]);
            Ok(command)
        }),
        mirrors: true,
    }
}

#[test]
fn what_works_where() -> Result<()> {
    let everything = env::var_os("PLIMSOLL_ENGINES").is_some();
    let columns = columns(everything)?;
    if everything && env::var_os("BLESS").is_some() {
        return table::write(&columns);
    }
    table::compare(&columns)
}
