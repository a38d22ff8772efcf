//! A team changes frontends, in either direction: every step comes from the cache that the other one filled.

use std::fs;
use std::path::Path;

use anyhow::{Result, ensure};
use plimsoll_engine::{Build, Built, Engine, Output};

use crate::common::folder;
use crate::fixture::{cached, pair, ran, start};

/// Examples that take little time. Of all of them tests/parity.rs shows that the operations are the reference's.
const EXAMPLES: [&str; 3] = ["loops", "parallel", "secret"];

/// What an example's README passes.
fn complete(name: &str, build: Build, key: &Path) -> Build {
    match name {
        "parallel" => build.target("ship"),
        "secret" => build.secret_file("confidencial.key", key),
        _ => build,
    }
}

/// Builds each of the examples with one of the two frontends of [`pair`].
fn build_all(
    engine: &Engine,
    which: usize,
    key: &Path,
    change: impl Fn(&str, Build) -> Build,
) -> Result<Vec<(String, Built)>> {
    let build = |name: &str| {
        let [ours, reference] = pair(&folder(name));
        let build = if which == 0 { ours } else { reference };
        let built = change(name, complete(name, build, key)).run_ok(engine)?;
        Ok((name.to_owned(), built))
    };
    EXAMPLES.into_iter().map(build).collect()
}

/// Fails when a step of any of the builds ran.
fn all_cached(what: &str, builds: &[(String, Built)]) -> Result<()> {
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
fn no_step_runs_again() -> Result<()> {
    let engine = start()?;
    let registry = engine.registry().address();
    let place = tempfile::tempdir()?;
    let key = place.path().join("key");
    fs::write(&key, "the key of the test\n")?;
    const OURS: usize = 0;
    const REFERENCE: usize = 1;
    build_all(&engine, REFERENCE, &key, |name, build| {
        export(registry, &format!("reference-{name}"), build)
    })?;
    let after = build_all(&engine, OURS, &key, |name, build| {
        export(registry, &format!("ours-{name}"), build)
    })?;
    all_cached("Plimsoll after the reference", &after)?;

    // A builder that knows nothing but what the registry has.
    engine.prune()?;
    let imported = build_all(&engine, OURS, &key, |name, build| {
        import(registry, &format!("reference-{name}"), build)
    })?;
    all_cached("Plimsoll with the reference's cache", &imported)?;
    engine.prune()?;
    let imported = build_all(&engine, REFERENCE, &key, |name, build| {
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
