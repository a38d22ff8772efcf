//! What works on which engine: makes the table of `docs/engines.md`, and compares it with what is there.
//!
//! `make test` asks the oldest BuildKit what is quick to find out. `make engines` asks every engine everything, and with
//! `BLESS=1` it writes the table anew. `PLIMSOLL_ENGINES=28.5` asks those alone whose names have that in them.

#[path = "../examples/common.rs"]
#[allow(dead_code, reason = "the tests of the examples use the rest")]
mod common;
#[path = "../request/empty.rs"]
mod empty;
#[path = "../request/fixture.rs"]
#[allow(dead_code, reason = "the tests of requests use the rest")]
mod fixture;
mod friends;
#[path = "../request/hint_table.rs"]
mod hint_table;
#[path = "../request/hints.rs"]
#[allow(dead_code, reason = "the tests of requests use the rest")]
mod hints;
mod probe;
#[path = "../examples/repository.rs"]
mod repository;
mod table;
mod trust;

use std::env;

use anyhow::{Result, ensure};
use plimsoll_engine::older::{OLDER, buildkitd};
use plimsoll_engine::parts::TOOLS;
use plimsoll_engine::{Dockerd, Engine, EngineOptions, FRONTEND, Lines, Silent};

use friends::Friends;
use probe::{Client, ask};
use table::Column;

/// Which columns are asked for: every one, those with a word in their name, or, where nothing is said, the oldest BuildKit's.
enum Wanted {
    All,
    Named(String),
    Quick,
}

impl Wanted {
    fn of_environment() -> Self {
        match env::var("PLIMSOLL_ENGINES") {
            Err(_) => Self::Quick,
            Ok(word) if word == "all" => Self::All,
            Ok(word) => Self::Named(word),
        }
    }

    fn has(&self, name: &str) -> bool {
        match self {
            Self::All => true,
            Self::Named(word) => name.contains(word.as_str()),
            Self::Quick => name == "BuildKit 0.12.5",
        }
    }
}

/// The columns that are wanted; with the quick rows alone where nothing was asked for.
fn columns(wanted: &Wanted) -> Result<Vec<Column>> {
    let everything = !matches!(wanted, Wanted::Quick);
    let friends = Friends::start()?;
    let mut columns = Vec::new();
    let releases = OLDER.iter().rev().map(Some);
    for release in [None].into_iter().chain(releases) {
        let module = release.unwrap_or(&TOOLS);
        let version = module.version_of("github.com/moby/buildkit").unwrap_or_default();
        let name = format!("BuildKit {}", version.trim_start_matches('v'));
        if wanted.has(&name) {
            let engine = start(release)?;
            let daemon = empty::Tried {
                engine: &engine,
                dies_of_oci: matches!(name.as_str(), "BuildKit 0.17.3" | "BuildKit 0.21.1"),
                dies_of_empty: name == "BuildKit 0.12.5",
            };
            match (release, everything) {
                // The tests of requests try this one.
                (None, _) => {}
                (Some(_), true) => empty::survived_by(&daemon)?,
                (Some(_), false) => empty::results_survived_by(&daemon)?,
            }
            if release.is_some() {
                // Listing the names of a context came with 0.20.
                hints::told_by(&engine, name == "BuildKit 0.21.1")?;
                hints::others_are_the_daemon_s(&engine)?;
            }
            columns.push(ask(&name, &remote(&engine), &friends, everything)?);
        }
    }
    for age in [Age::Old, Age::New] {
        columns.extend(docker_columns(age, wanted, &friends)?);
    }
    Ok(columns)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Age {
    Old,
    New,
}

/// The columns of one Docker Engine: by buildx, and by its own `docker build`.
fn docker_columns(age: Age, wanted: &Wanted, friends: &Friends) -> Result<Vec<Column>> {
    let version = if age == Age::Old { "20.10" } else { "28.5" };
    let names = ["buildx", "build"].map(|client| format!("Docker {version}, {client}"));
    if !names.iter().any(|name| wanted.has(name)) {
        return Ok(Vec::new());
    }
    let engine = start(None)?;
    let dockerd = match age {
        Age::Old => Dockerd::start(&engine, &mut Silent)?,
        Age::New => Dockerd::start_newer(&engine, &mut Silent)?,
    };
    let found = dockerd.version()?;
    ensure!(
        found.starts_with(version),
        "the engine is {found}: rename the columns of {version}"
    );
    if age == Age::Old {
        malformed_option(&engine, &dockerd)?;
    }
    let buildx = docker(&engine, || dockerd.docker(), &["buildx", "build"]);
    let own = docker(&engine, || dockerd.docker_with_own_buildx(), &["build"]);
    let mut columns = Vec::new();
    for (name, client) in names.iter().zip([buildx, own]) {
        if wanted.has(name) {
            columns.push(ask(name, &client, friends, true)?);
        }
    }
    Ok(columns)
}

/// A client of a Docker Engine; it mirrors Docker Hub alone.
fn docker<'a>(
    engine: &'a Engine,
    command: impl Fn() -> std::process::Command + 'a,
    words: &'a [&'a str],
) -> Client<'a> {
    Client {
        engine,
        command: Box::new(move || {
            let mut command = command();
            command.args(words).arg("--network=host");
            Ok(command)
        }),
        mirrors: false,
    }
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
    let name = engine.registry().image_name(FRONTEND);
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
    let wanted = Wanted::of_environment();
    let columns = columns(&wanted)?;
    if !matches!(wanted, Wanted::Quick) && env::var_os("BLESS").is_some() {
        return table::write(columns);
    }
    table::compare(&columns)
}
