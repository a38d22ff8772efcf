//! A team changes frontends, in either direction: every step comes from the cache that the other one filled.

use std::fs;
use std::path::Path;

use anyhow::{Result, ensure};
use plimsoll_engine::{Build, Engine, Output, Silent, SshServer};

use crate::common::folder;
use crate::fixture::{cached, pair, ran, start};
use crate::repository;

/// What the examples need beside their folders.
struct Friends {
    server: SshServer,
    private: String,
    place: tempfile::TempDir,
    _git: plimsoll_engine::supervise::Supervised,
    public: String,
}

impl Friends {
    fn start() -> Result<Self> {
        let server = SshServer::start(&mut Silent)?;
        let place = tempfile::tempdir()?;
        let greet = place.path().join("greet");
        fs::create_dir(&greet)?;
        fs::write(greet.join("greet.sh"), "#!/bin/sh\necho hello\n")?;
        fs::write(greet.join("README.md"), "for our eyes only\n")?;
        repository::commit(&greet, "master")?;
        let private = server.publish("private", &greet)?;
        fs::write(place.path().join("known_hosts"), server.known_hosts())?;
        fs::write(place.path().join("key"), "the key of the test\n")?;
        let (git, port) = repository::serve(place.path())?;
        Ok(Self {
            server,
            private,
            place,
            _git: git,
            public: format!("git://127.0.0.1:{port}/greet"),
        })
    }

    /// An example's build, with all that its README passes.
    fn complete(&self, name: &str, build: Build) -> Build {
        match name {
            "go-hello" => build.target("compliance"),
            "parallel" => build.target("ship"),
            "multi-platform" => build.opt("platform", "linux/amd64,linux/arm64"),
            "secret" => build.secret_file("confidencial.key", &self.place.path().join("key")),
            "ssh" => build
                .secret_file("known_hosts", &self.place.path().join("known_hosts"))
                .ssh("default", &self.server.agent())
                .arg("REPOSITORY", &self.private),
            "versions" => build.arg("repository", &self.public),
            _ => build,
        }
    }
}

/// Every example.
fn examples() -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder(""))? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            names.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
    names.sort();
    Ok(names)
}

/// Builds each of the examples with one of the two frontends of [`pair`].
fn build_all(
    engine: &Engine,
    friends: &Friends,
    which: usize,
    change: impl Fn(&str, Build) -> Build + Sync,
) -> Result<Vec<(String, plimsoll_engine::Built)>> {
    let names = examples()?;
    let change = &change;
    std::thread::scope(|scope| {
        let builds = names.into_iter().map(|name| {
            scope.spawn(move || {
                let [ours, reference] = pair(&folder(&name));
                let build = if which == 0 { ours } else { reference };
                let built = change(&name, friends.complete(&name, build)).run_ok(engine);
                built.map(|built| (name, built))
            })
        });
        let builds: Vec<_> = builds.collect();
        let ended = builds.into_iter().map(|build| build.join());
        ended
            .map(|built| built.map_err(|_| anyhow::anyhow!("a build's thread panicked"))?)
            .collect()
    })
}

/// Fails when a step of any of the builds ran.
fn all_cached(what: &str, builds: &[(String, plimsoll_engine::Built)]) -> Result<()> {
    for (name, built) in builds {
        let ran = ran(&built.record);
        ensure!(ran.is_empty(), "{name}, {what}: these ran again: {ran:#?}");
        ensure!(
            !cached(&built.record).is_empty(),
            "{name}, {what}: no step at all"
        );
    }
    Ok(())
}

fn export(registry: &str, name: &str, build: Build) -> Build {
    let to = format!("type=registry,mode=max,ref={registry}/cache/{name}:1");
    build.flag("--export-cache").flag(&to)
}

fn import(registry: &str, name: &str, build: Build) -> Build {
    let from = format!("type=registry,ref={registry}/cache/{name}:1");
    build.flag("--import-cache").flag(&from)
}

#[test]
fn no_step_of_any_example_runs_again() -> Result<()> {
    let (engine, friends) = (start()?, Friends::start()?);
    let registry = engine.registry().address();
    const OURS: usize = 0;
    const REFERENCE: usize = 1;
    build_all(&engine, &friends, REFERENCE, |name, build| {
        export(registry, &format!("reference-{name}"), build)
    })?;
    let after = build_all(&engine, &friends, OURS, |name, build| {
        export(registry, &format!("ours-{name}"), build)
    })?;
    all_cached("Plimsoll after the reference", &after)?;

    // A builder that knows nothing but what the registry has.
    engine.prune()?;
    let imported = build_all(&engine, &friends, OURS, |name, build| {
        import(registry, &format!("reference-{name}"), build)
    })?;
    all_cached("Plimsoll with the reference's cache", &imported)?;
    engine.prune()?;
    let imported = build_all(&engine, &friends, REFERENCE, |name, build| {
        import(registry, &format!("ours-{name}"), build)
    })?;
    all_cached("the reference with Plimsoll's cache", &imported)
}

#[test]
fn the_reference_goes_on_where_plimsoll_left_off() -> Result<()> {
    let engine = start()?;
    for name in ["loops", "parallel"] {
        let [ours, reference] = pair(Path::new(&folder(name)));
        let first = ours.run_ok(&engine)?;
        ensure!(!ran(&first.record).is_empty(), "{name}: nothing ran");
        let second = reference.run_ok(&engine)?;
        all_cached("the reference after Plimsoll", &[(name.to_owned(), second)])?;
    }

    // The cache that an image carries, by the name that clients of old give it.
    let name = "docker.io/test/inline:1".to_owned();
    let [ours, reference] = pair(&folder("loops"));
    ours.flag("--export-cache")
        .flag("type=inline")
        .output(Output::Push(name))
        .run_ok(&engine)?;
    engine.prune()?;
    let from = format!("{}/test/inline:1", engine.registry().address());
    let again = reference.opt("cache-from", &from).run_ok(&engine)?;
    ensure!(!cached(&again.record).is_empty(), "{:?}", again.record.started());
    engine.prune()?;
    let [ours, _] = pair(&folder("loops"));
    let ours = ours.opt("cache-from", &from).run_ok(&engine)?;
    assert_eq!(cached(&ours.record), cached(&again.record));
    Ok(())
}
