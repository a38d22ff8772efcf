//! The lock on a real daemon, beside a registry, a server and a repository in which everything moves.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use anyhow::{Context, Result, ensure};
use plimsoll_engine::supervise::Supervised;
use plimsoll_engine::{Build, Built, Engine, FRONTEND, ImageConfig, ImageSpec, Layer, WebServer};
use tempfile::TempDir;

use common::engine;
use repository::{commit, serve};

#[path = "../../../tests/engine/tests/examples/common.rs"]
#[allow(dead_code, reason = "the tests of the examples use the rest")]
mod common;
#[path = "../../../tests/engine/tests/examples/repository.rs"]
#[allow(dead_code, reason = "the tests of the examples use the rest")]
mod repository;

/// An image, a download and a repository, and a project that reads all three.
struct World {
    /// What no other world's texts have: a daemon tells a build of other builds' steps that are the same.
    name: String,
    engine: &'static Engine,
    place: TempDir,
    /// The image's name, which the daemon and the command line understand alike.
    image: String,
    /// The same as it is pushed.
    pushed: String,
    web: WebServer,
    _git: Supervised,
    repository: String,
}

impl World {
    /// Everything says `one`.
    fn new(name: &str) -> Result<Self> {
        let engine = engine()?;
        let place = tempfile::tempdir()?;
        let pushed = format!("docker.io/locked/{name}:1");
        let repository = place.path().join("shared");
        fs::create_dir_all(repository.join("sub"))?;
        fs::write(repository.join("sub/git"), content("one", name))?;
        commit(&repository, "main")?;
        let (git, port) = serve(place.path())?;
        let world = Self {
            name: name.to_owned(),
            engine,
            image: engine.registry().image_name(&format!("locked/{name}:1")),
            pushed,
            web: WebServer::start()?,
            _git: git,
            repository: format!("git://127.0.0.1:{port}/shared"),
            place,
        };
        world.push("one")?;
        world.web.put("download", content("one", name).as_bytes())?;
        fs::create_dir(world.project())?;
        Ok(world)
    }

    fn project(&self) -> PathBuf {
        self.place.path().join("project")
    }

    fn write(&self, name: &str, text: &str) -> Result<()> {
        fs::write(self.project().join(name), text).with_context(|| name.to_owned())
    }

    /// The image with another text.
    fn push(&self, text: &str) -> Result<()> {
        let folder = tempfile::tempdir()?;
        let root = folder.path().join("root");
        fs::create_dir(&root)?;
        fs::write(root.join("image"), content(text, &self.name))?;
        let layers = vec![Layer::between(None, &root, &folder.path().join("layer.tar.gz"))?];
        let config = ImageConfig::default();
        self.engine
            .push_image(&ImageSpec { layers, config }, &self.pushed)
    }

    /// Everything but the download says `two`: of that a daemon cannot get what is no more.
    fn move_on(&self) -> Result<()> {
        self.push("two")?;
        let repository = self.place.path().join("shared");
        fs::write(repository.join("sub/git"), content("two", &self.name))?;
        commit(&repository, "main")
    }

    /// A file that reads all three.
    fn steps(&self) -> String {
        format!(
            "FROM {} AS base\nFROM scratch\nCOPY --from=base /image /\nADD {} /\nADD {}#main:sub /\n",
            self.image,
            self.web.url("download"),
            self.repository
        )
    }

    fn build(&self) -> Build {
        Build::new(self.project()).arg("SOURCE_DATE_EPOCH", "0")
    }

    /// What the files of a result say.
    fn says(&self, build: Build) -> Result<String> {
        let out = tempfile::tempdir()?;
        let folder = plimsoll_engine::Output::Folder(out.path().join("out"));
        build.output(folder).run_ok(self.engine)?;
        let mut said = String::new();
        for name in ["image", "download", "git"] {
            let text = fs::read_to_string(out.path().join("out").join(name)).context(name)?;
            let word = text.split(' ').next().unwrap_or_default();
            said += &format!("{name} {}\n", word.trim());
        }
        Ok(said)
    }

    fn plimsoll(&self, arguments: &[&str]) -> Result<Output> {
        let output = Command::new(env!("CARGO_BIN_EXE_plimsoll"))
            .args(arguments)
            .current_dir(self.project())
            .stdin(Stdio::null())
            .output();
        output.context("could not start plimsoll")
    }

    /// What the command line prints, and its status.
    fn prints(&self, arguments: &[&str]) -> Result<(String, Option<i32>)> {
        let output = self.plimsoll(arguments)?;
        let said = String::from_utf8_lossy(&output.stderr);
        ensure!(said.is_empty(), "{arguments:?}: {said}");
        Ok((
            String::from_utf8_lossy(&output.stdout).into_owned(),
            output.status.code(),
        ))
    }

    fn lock(&self) -> Result<String> {
        let (lock, status) = self.prints(&["lock"])?;
        assert_eq!(status, Some(0));
        self.write("Dockerfile.lock", &lock)?;
        Ok(lock)
    }
}

/// A text of a world.
fn content(word: &str, name: &str) -> String {
    format!("{word} of {name}\n")
}

const ONE: &str = "image one\ndownload one\ngit one\n";
const TWO: &str = "image two\ndownload one\ngit two\n";

/// An image that goes nowhere.
fn image(world: &World, build: Build) -> Result<Built> {
    let place = tempfile::tempdir()?;
    build.oci(place.path().join("image.tar")).run_ok(world.engine)
}

/// The digests of what a build does, but for what its frontend reads first.
fn operations(built: &Built) -> BTreeSet<(String, String)> {
    let vertices = built.record.vertices.iter();
    let own = vertices
        .filter(|vertex| !vertex.name.contains("[internal]") && !vertex.name.starts_with("exporting"));
    let own = own.filter(|vertex| !vertex.name.contains("registry.example"));
    own.map(|vertex| (vertex.name.clone(), vertex.digest.clone()))
        .collect()
}

fn digest(built: &Built) -> Result<&str> {
    let digest = built.metadata["containerimage.digest"].as_str();
    digest.context("the exporter named no digest")
}

/// What each source is pinned to.
fn pins(lock: &str) -> BTreeMap<&str, &str> {
    let lines = lock.lines().filter(|line| !line.starts_with('#'));
    let entries = lines.filter_map(|line| {
        let mut words = line.split(' ');
        Some((words.next()?, words.nth(1)?))
    });
    entries
        .filter(|(kind, _)| ["image", "http", "git"].contains(kind))
        .collect()
}

#[test]
fn builds_by_a_lock_stay_what_they_were() -> Result<()> {
    let world = World::new("stays")?;
    world.write("Dockerfile", &world.steps())?;
    let before = image(&world, world.build())?;
    let lock = world.lock()?;
    assert_eq!(pins(&lock).len(), 3, "{lock}");
    // The daemon finds the same.
    let mut asked = world.engine.buildx()?;
    asked.args(["build", "--call=lock"]);
    asked.arg(format!(
        "--build-arg=BUILDKIT_SYNTAX={}",
        world.engine.image_name(FRONTEND)
    ));
    let asked = asked.arg(world.project()).stdin(Stdio::null()).output()?;
    ensure!(
        asked.status.success(),
        "{}",
        String::from_utf8_lossy(&asked.stderr)
    );
    assert_eq!(String::from_utf8_lossy(&asked.stdout).trim(), lock.trim());

    let locked = |mode: &str| world.build().arg("PLIMSOLL_LOCK", mode);
    assert_eq!(world.says(locked("use"))?, ONE);
    world.move_on()?;
    assert_eq!(world.says(world.build())?, TWO);
    for mode in ["use", "require"] {
        assert_eq!(world.says(locked(mode))?, ONE, "{mode}");
        let built = image(&world, locked(mode))?;
        assert_eq!(digest(&built)?, digest(&before)?, "{mode}");
    }
    // So it is where the file asks by itself, and with the digests written in.
    world.write("Dockerfile", &format!("# plimsoll=1,lock\n{}", world.steps()))?;
    let asking = image(&world, world.build())?;
    let pins = pins(&lock);
    let written = world.steps();
    let written = written.replacen(&world.image, &format!("{}@{}", world.image, pins["image"]), 1);
    let written = written.replace("#main", &format!("#{}", pins["git"]));
    let written = written.replace("ADD http", &format!("ADD --checksum={} http", pins["http"]));
    world.write("Dockerfile", &written)?;
    let written = image(&world, world.build())?;
    let digests = |built: &Built| -> BTreeSet<String> {
        let operations = operations(built).into_iter();
        operations.map(|(_, digest)| digest).collect()
    };
    assert_eq!(digests(&asking), digests(&written));

    // What is not in it.
    let more = format!(
        "{}COPY --from={} /image /more\n",
        world.steps(),
        world.image.replace(":1", ":2")
    );
    world.write("Dockerfile", &more)?;
    let refused = locked("require").run(world.engine)?;
    ensure!(!refused.status.success(), "a source that is not locked is read");
    ensure!(refused.stderr.contains("Dockerfile:6:"), "{}", refused.stderr);
    Ok(())
}

#[test]
fn a_lock_tells_what_moved_and_moves() -> Result<()> {
    let world = World::new("moves")?;
    world.write("Dockerfile", &world.steps())?;
    let old = world.lock()?;
    assert_eq!(world.prints(&["lock", "--check"])?, (String::new(), Some(0)));
    world.move_on()?;
    world.web.put("download", b"two\n")?;
    let (moved, status) = world.prints(&["lock", "--check"])?;
    assert_eq!(status, Some(1), "{moved}");
    for (kind, pin) in pins(&old) {
        ensure!(moved.contains(pin), "{kind} has not moved: {moved}");
    }
    assert_eq!(fs::read_to_string(world.project().join("Dockerfile.lock"))?, old);

    let updated = || fs::read_to_string(world.project().join("Dockerfile.lock"));
    world.prints(&["lock", "--update", &world.image])?;
    let one = updated()?;
    let (before, after) = (pins(&old), pins(&one));
    assert_ne!(after["image"], before["image"]);
    assert_eq!((after["http"], after["git"]), (before["http"], before["git"]));
    let (_, status) = world.prints(&["lock", "--check"])?;
    assert_eq!(status, Some(1));
    world.prints(&["lock", "--update"])?;
    let all = updated()?;
    assert!(pins(&all).iter().all(|(kind, pin)| before[kind] != *pin), "{all}");
    assert_eq!(world.prints(&["lock", "--check"])?, (String::new(), Some(0)));
    let said = world.says(world.build().arg("PLIMSOLL_LOCK", "require"))?;
    assert_eq!(said, "image two\ndownload two\ngit two\n");

    // A download that is another one than the lock says is refused, and no build goes on with it.
    world.web.put("download", b"three\n")?;
    let other = world.steps().replace("download", "other");
    world.web.put("other", b"one\n")?;
    world.write("Dockerfile", &other)?;
    world.lock()?;
    world.web.put("other", b"two\n")?;
    let refused = world.build().arg("PLIMSOLL_LOCK", "use").run(world.engine)?;
    ensure!(!refused.status.success(), "another download is taken");
    ensure!(refused.stderr.contains("mismatch"), "{}", refused.stderr);
    Ok(())
}

#[test]
fn the_reference_does_the_same_by_the_policy() -> Result<()> {
    let world = World::new("policy")?;
    world.write("Dockerfile", &world.steps())?;
    world.says(world.build())?;
    world.lock()?;
    let (policy, status) = world.prints(&["lock", "--policy"])?;
    assert_eq!(status, Some(0));
    world.write("policy.json", &policy)?;
    world.move_on()?;
    let file = world.project().join("policy.json");
    let pinned = |build: Build| -> Build {
        let build = build.flag("--source-policy-file");
        build.flag(&file.display().to_string())
    };
    let ours = image(&world, world.build().arg("PLIMSOLL_LOCK", "require"))?;
    let reference = image(&world, pinned(world.build().reference()))?;
    assert_eq!(operations(&ours), operations(&reference));
    assert_eq!(digest(&ours)?, digest(&reference)?);
    // Without it the reference goes on.
    let moved = image(&world, world.build().reference())?;
    assert_ne!(digest(&moved)?, digest(&reference)?);
    assert_eq!(world.says(pinned(world.build().reference()))?, ONE);
    Ok(())
}

#[test]
fn files_that_are_taken_in_are_locked_too() -> Result<()> {
    let world = World::new("taken")?;
    let rest = format!(
        "ADD {} /\nADD {}#main:sub /\n",
        world.web.url("download"),
        world.repository
    );
    world.write("base", &format!("FROM {} AS base\n", world.image))?;
    world.write("rest", &rest)?;
    world.write("linked", &format!("ARG NAME={}\nFROM $NAME AS a\n", world.image))?;
    world.write(
        "Dockerfile",
        "# plimsoll=1,lock\nINCLUDE base\nFROM scratch\nCOPY --from=./linked#a /image /\nCOPY --from=base /image /again\nINCLUDE rest\n",
    )?;
    let lock = world.lock()?;
    assert_eq!(pins(&lock).len(), 3, "{lock}");
    for line in ["FROM $NAME AS a", "ADD http"] {
        ensure!(lock.contains(line), "{line}: {lock}");
    }
    let before = image(&world, world.build())?;
    world.move_on()?;
    assert_eq!(world.says(world.build())?, ONE);
    assert_eq!(digest(&image(&world, world.build())?)?, digest(&before)?);
    let (moved, status) = world.prints(&["lock", "--check"])?;
    assert_eq!((moved.lines().count() > 0, status), (true, Some(1)));
    let asked = world
        .build()
        .opt("requestid", "frontend.lock")
        .run(world.engine)?;
    ensure!(asked.status.success(), "{}", asked.stderr);
    world.write("rest", &(rest + "RUN true\n"))?;
    world.write(
        "base",
        &format!("FROM {} AS base\nFROM alpine AS other\n", world.image),
    )?;
    let refused = world.build().arg("PLIMSOLL_LOCK", "require");
    let refused = refused.opt("target", "other").run(world.engine)?;
    ensure!(refused.stderr.contains("base:2:"), "{}", refused.stderr);
    Ok(())
}
