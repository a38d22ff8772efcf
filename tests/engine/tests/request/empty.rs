//! Nothing at all, in every place where something could be: a daemon must outlive it, and say what the reference makes
//! it say.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use plimsoll_engine::{Build, Engine, FRONTEND, Output, WebServer};

use crate::common::REFERENCE;
use crate::fixture::{SCANNER, listed, project, push_scanner};
use crate::repository::commit;

/// Nothing but config.
const NOTHING: &str = "FROM scratch\nCMD [\"x\"]\n";
const ONE: &str = "linux/arm64";
const THREE: &str = "linux/amd64,linux/arm64,linux/riscv64";
/// An image of [`NOTHING`].
const EMPTY_IMAGE: &str = "docker.io/test/empty:1";

/// Stages and mounts that are empty, each in a Dockerfile of its own.
const DOCKERFILES: [(&str, &str); 8] = [
    ("no instruction but FROM", "FROM scratch\n"),
    ("a stage", "FROM scratch AS empty\nFROM empty\nCMD [\"x\"]\n"),
    (
        "COPY of a stage",
        "FROM scratch AS empty\nFROM scratch\nCOPY --from=empty / /\n",
    ),
    (
        "a mount of a stage",
        "FROM scratch AS empty\nFROM alpine\nRUN --mount=from=empty,target=/e ls -A /e\n",
    ),
    ("a base image", "FROM test/empty:1\n"),
    ("COPY of an image", "FROM scratch\nCOPY --from=test/empty:1 / /\n"),
    (
        "a mount of an image",
        "FROM alpine\nRUN --mount=from=test/empty:1,target=/e ls -A /e\n",
    ),
    (
        "the date of a stage",
        "ARG SOURCE_DATE_EPOCH=empty\nFROM scratch AS empty\nFROM scratch\nCOPY --from=empty / /\n",
    ),
];

/// A daemon to be tried.
pub struct Tried<'a> {
    pub engine: &'a Engine,
    /// Whether its own OCI exporter ends it when a result by platform is empty, whoever made it: BuildKit 0.17 and 0.21 do so
    /// with their built-in frontend, too.
    pub dies_of_oci: bool,
    /// Whether it dies of any empty result by platform that the frontend of an image gives, as BuildKit 0.12 does. Ours
    /// refuses then, and the reference is not asked.
    pub dies_of_empty: bool,
}

/// Builds on an engine what is empty; whatever comes of it, the engine must be able to go on.
pub fn survived_by(daemon: &Tried<'_>) -> Result<()> {
    let engine = daemon.engine;
    push_scanner(engine)?;
    let image = project(&[("Dockerfile", NOTHING)])?;
    Build::new(image.path())
        .output(Output::Push(EMPTY_IMAGE.to_owned()))
        .run_ok(engine)?;
    results(daemon)?;
    for (what, dockerfile) in DOCKERFILES {
        let folder = project(&[("Dockerfile", dockerfile)])?;
        same_end(daemon, folder.path(), what, |build| build.opt("platform", THREE))?;
    }
    contexts(daemon)?;
    if !daemon.dies_of_empty {
        targets_of_bake(engine)?;
    }
    remote_dockerfiles(daemon)
}

/// The same for the results alone, which takes a few seconds.
pub fn results_survived_by(daemon: &Tried<'_>) -> Result<()> {
    push_scanner(daemon.engine)?;
    results(daemon)
}

/// Results without files: by platform and keyed, with attestations, by way of another frontend.
fn results(daemon: &Tried<'_>) -> Result<()> {
    let own = project(&[("Dockerfile", NOTHING)])?;
    let forwarded = project(&[("Dockerfile", &format!("# syntax={REFERENCE}\n{NOTHING}"))])?;
    let sbom = format!("generator={SCANNER}");
    for folder in [&own, &forwarded] {
        for (platforms, keyed, attested) in [
            ("", "", false),
            ("", "", true),
            (ONE, "", false),
            (ONE, "true", false),
            (ONE, "true", true),
            (THREE, "", false),
            (THREE, "", true),
            (THREE, "false", false),
        ] {
            // Handed over to the reference, which knows nothing of it.
            let by_platform = platforms == THREE || keyed == "true";
            if daemon.dies_of_empty && std::ptr::eq(folder, &forwarded) && by_platform {
                continue;
            }
            let what = format!("platforms {platforms:?}, keyed {keyed:?}, attested {attested}");
            let change = |mut build: Build| {
                for (key, value) in [("platform", platforms), ("multi-platform", keyed)] {
                    if !value.is_empty() {
                        build = build.opt(key, value);
                    }
                }
                match attested {
                    true => build
                        .opt("attest:provenance", "mode=max")
                        .opt("attest:sbom", &sbom),
                    false => build,
                }
            };
            same_end(daemon, folder.path(), &what, change)?;
        }
    }
    Ok(())
}

/// An empty folder as the context, and what is empty under the name of another context.
fn contexts(daemon: &Tried<'_>) -> Result<()> {
    let empty = tempfile::tempdir()?;
    let files = project(&[
        ("Dockerfile", "FROM scratch\nCOPY . /\n"),
        (
            "named",
            "FROM base AS a\nFROM scratch\nCOPY --from=a / /\nCOPY --from=base / /\n",
        ),
    ])?;
    same_end(daemon, empty.path(), "an empty context", |build| {
        build.dockerfile(files.path().join("Dockerfile"))
    })?;
    let named = files.path().join("named");
    for source in ["docker-image://test/empty:1", "docker-image://scratch"] {
        same_end(daemon, empty.path(), source, |build| {
            build.dockerfile(&named).opt("context:base", source)
        })?;
    }
    same_end(daemon, empty.path(), "an empty folder by name", |build| {
        build.dockerfile(&named).context("base", empty.path())
    })
}

/// An empty result of one target as the input of another.
fn targets_of_bake(engine: &Engine) -> Result<()> {
    let bake_file = r#"
target "base" { context = "base" }
target "app" {
  context = "app"
  contexts = { base = "target:base" }
  platforms = ["linux/amd64", "linux/arm64"]
  output = ["type=image,name=docker.io/test/baked:1"]
}
"#;
    for text in [
        "FROM base\nCMD [\"y\"]\n",
        "FROM scratch\nCOPY --from=base / /\n",
        "ARG SOURCE_DATE_EPOCH=base\nFROM scratch\nCOPY --from=base / /\n",
    ] {
        let ends = [FRONTEND, REFERENCE].map(|frontend| -> Result<bool> {
            let folder = project(&[
                ("docker-bake.hcl", bake_file),
                ("base/Dockerfile", NOTHING),
                ("app/Dockerfile", text),
            ])?;
            let mut bake: Command = engine.buildx()?;
            bake.args(["bake", "--progress=plain", "--allow=fs=*", "app"])
                .arg(format!("--set=*.args.BUILDKIT_SYNTAX={frontend}"))
                .current_dir(folder.path());
            let ended = bake.output()?;
            is_alive(engine).with_context(|| String::from_utf8_lossy(&ended.stderr).into_owned())?;
            Ok(ended.status.success())
        });
        let [ours, reference] = ends;
        ensure!(ours? == reference?, "an empty target for {text:?}");
    }
    Ok(())
}

/// An empty Dockerfile by http and git.
fn remote_dockerfiles(daemon: &Tried<'_>) -> Result<()> {
    let web = WebServer::start()?;
    let empty = tempfile::tempdir()?;
    let folder = project(&[("Dockerfile", ""), ("scratch", NOTHING)])?;
    commit(folder.path(), "master")?;
    let repository = web.publish("empty", folder.path())?;
    let none = web.put("none", b"")?;
    let comment = web.put("comment", b"# nothing\n")?;
    let scratch = web.put("scratch", NOTHING.as_bytes())?;
    let git = format!("{repository}#master");
    for context in [&none, &comment, &scratch, &git] {
        same_end(daemon, empty.path(), context, |build| {
            build.opt("context", context)
        })?;
    }
    same_end(daemon, empty.path(), "nothing but config by git", |build| {
        build.opt("context", &git).opt("filename", "scratch")
    })
}

/// Builds with both frontends: both must succeed, with the same files, or both must fail with words; and the engine
/// must be there afterwards.
fn same_end(daemon: &Tried<'_>, folder: &Path, what: &str, change: impl Fn(Build) -> Build) -> Result<()> {
    let engine = daemon.engine;
    let end = |build: Build| -> Result<Option<Vec<(String, String)>>> {
        let place = tempfile::tempdir()?;
        let out = place.path().join("out");
        let output = Output::Raw(format!("type=local,dest={}", out.display()));
        let built = change(build).output(output).run(engine)?;
        is_alive(engine).with_context(|| format!("{what}:\n{}", built.stderr))?;
        if !built.status.success() {
            for word in ["exit code: 1\n", "panic", "nil pointer"] {
                ensure!(!built.stderr.contains(word), "{what}:\n{}", built.stderr);
            }
            return Ok(None);
        }
        // Attestations hold dates.
        let mut files = if out.exists() { listed(&out)? } else { Vec::new() };
        files.retain(|(path, _)| !path.ends_with(".json"));
        Ok(Some(files))
    };
    let ours = end(Build::new(folder)).context("by Plimsoll")?;
    if daemon.dies_of_empty {
        return Ok(());
    }
    let reference = end(Build::new(folder).frontend(REFERENCE)).context("by the reference")?;
    ensure!(ours == reference, "{what}: {ours:?} in place of {reference:?}");
    // An image takes another way through the daemon than files do.
    let place = tempfile::tempdir()?;
    let image = match daemon.dies_of_oci {
        true => Output::Raw("type=image,name=docker.io/test/nothing:1".to_owned()),
        false => Output::OciTar(place.path().join("image.tar")),
    };
    let image = change(Build::new(folder)).output(image).run(engine)?;
    is_alive(engine).with_context(|| format!("{what}:\n{}", image.stderr))?;
    ensure!(
        image.status.success() == ours.is_some(),
        "{what}: {}",
        image.stderr
    );
    Ok(())
}

/// Whether the daemon answers.
fn is_alive(engine: &Engine) -> Result<()> {
    let answer = engine.buildctl().args(["debug", "workers"]).output()?;
    if answer.status.success() {
        return Ok(());
    }
    let log = engine
        .log()
        .map(std::fs::read_to_string)
        .transpose()?
        .unwrap_or_default();
    let words = log.find("panic:").and_then(|start| log.get(start..));
    let words: Vec<&str> = words.unwrap_or_default().lines().take(20).collect();
    bail!("the daemon is gone: {}", words.join("\n"))
}

#[test]
fn what_is_empty_ends_no_daemon() -> Result<()> {
    let engine = crate::fixture::start()?;
    survived_by(&Tried {
        engine: &engine,
        dies_of_oci: false,
        dies_of_empty: false,
    })
}
