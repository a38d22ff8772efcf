//! Named contexts: a name in the Dockerfile stands for something that the client says.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use plimsoll_engine::program::run;
use plimsoll_engine::{Build, FRONTEND, Output, WebServer, layer};

use crate::common::REFERENCE;
use crate::fixture::{engine, failures, listed, project, same_files};
use crate::repository::commit;

type Files = Vec<(String, String)>;

/// The text of one of the files.
fn text<'a>(files: &'a Files, path: &str) -> Result<&'a str> {
    let found = files.iter().find(|(name, _)| name == path);
    Ok(found.with_context(|| format!("no {path} in {files:?}"))?.1.trim())
}

/// An image in the registry with one file, `/which`, and an environment.
fn push(name: &str, which: &str) -> Result<()> {
    let folder = project(&[(
        "Dockerfile",
        &format!("FROM scratch\nCOPY <<END /which\n{which}\nEND\nENV WHICH={which}\n"),
    )])?;
    let push = Build::new(folder.path())
        .reference()
        .output(Output::Push(name.to_owned()));
    push.run_ok(engine()?)?;
    Ok(())
}

#[test]
fn images() -> Result<()> {
    push("docker.io/test/named:1", "named")?;
    let folder = project(&[(
        "Dockerfile",
        "FROM absent/base:3 AS build\nRUN exit 1\n\
         FROM other/image AS third\n\
         FROM scratch\nARG WHICH=unset\nCOPY --from=build /which /stage\nCOPY --from=registry.example/elsewhere:2 /which /copied\n\
         COPY --from=third /which /base\n",
    )])?;
    let image = "docker-image://test/named:1";
    let files = same_files(folder.path(), |build| {
        build
            .opt("context:build", image)
            .opt("context:registry.example/elsewhere:2", image)
            .opt("context:other/image", image)
    })?;
    for path in ["stage", "copied", "base"] {
        assert_eq!(text(&files, path)?, "named", "{path}");
    }

    // Its environment comes along, and an empty image has none.
    let folder = project(&[(
        "Dockerfile",
        "FROM base\nARG FROM_ENV=$WHICH\nCOPY <<END /env\n$FROM_ENV\nEND\n",
    )])?;
    let files = same_files(folder.path(), |build| build.opt("context:base", image))?;
    assert_eq!(text(&files, "env")?, "named");
    let files = same_files(folder.path(), |build| {
        build.opt("context:base", "docker-image://scratch")
    })?;
    assert_eq!(text(&files, "env")?, "");
    Ok(())
}

#[test]
fn images_of_one_platform() -> Result<()> {
    push("docker.io/test/named:own", "own")?;
    push("docker.io/test/named:other", "other")?;
    let folder = project(&[("Dockerfile", "FROM base\n")])?;
    let own = format!("context:base::linux/{}", layer::architecture());
    let files = same_files(folder.path(), |build| {
        build
            .opt(&own, "docker-image://test/named:own")
            .opt("context:base", "docker-image://test/named:other")
            .opt("context:base::linux/s390x", "docker-image://test/absent")
    })?;
    assert_eq!(text(&files, "which")?, "own");
    Ok(())
}

#[test]
fn folders_with_ignore_files_of_their_own() -> Result<()> {
    let folder = project(&[
        (
            "Dockerfile",
            "FROM scratch\nCOPY --from=assets . /assets/\nCOPY . /main/\nCOPY --from=more sub /more/\n",
        ),
        (".dockerignore", "ignored\nDockerfile\n"),
        ("ignored", "ignored here\n"),
        ("kept", "kept here\n"),
    ])?;
    let assets = project(&[
        (".dockerignore", "kept\n.dockerignore\n"),
        ("ignored", "not ignored there\n"),
        ("kept", "ignored there\n"),
    ])?;
    let more = project(&[("sub/deep/file", "deep\n"), ("other", "never sent\n")])?;
    let files = same_files(folder.path(), |build| {
        build
            .context("assets", assets.path())
            .context("more", more.path())
            .opt("sharedkey:localdir:context-more", "a-key")
    })?;
    let names: Vec<&str> = files.iter().map(|(path, _)| path.as_str()).collect();
    assert_eq!(
        names,
        [
            "assets/ignored",
            "main/.dockerignore",
            "main/kept",
            "more/deep/file"
        ]
    );

    // A folder in the place of a stage.
    let folder = project(&[(
        "Dockerfile",
        "FROM alpine AS assets\nRUN exit 1\nFROM scratch\nCOPY --from=assets /ignored /\n",
    )])?;
    let files = same_files(folder.path(), |build| build.context("assets", assets.path()))?;
    assert_eq!(text(&files, "ignored")?, "not ignored there");
    Ok(())
}

#[test]
fn layouts_on_the_client_s_disk() -> Result<()> {
    let source = project(&[(
        "Dockerfile",
        "FROM scratch\nCOPY <<END /which\nlayout\nEND\nENV WHICH=layout\n",
    )])?;
    let place = tempfile::tempdir()?;
    let layout = place.path().join("layout");
    let built = Build::new(source.path())
        .reference()
        .output(Output::Raw(format!(
            "type=oci,tar=false,dest={}",
            layout.display()
        )))
        .run_ok(engine()?)?;
    let digest = crate::fixture::digest(&built)?;
    let folder = project(&[(
        "Dockerfile",
        "FROM base AS one\nARG FROM_ENV=$WHICH\nCOPY <<END /env\n$FROM_ENV\nEND\n",
    )])?;
    let value = format!("oci-layout://store@{digest}");
    let offer = format!("store={}", layout.display());
    let files = same_files(folder.path(), |build| {
        build
            .opt("context:base", &value)
            .flag("--oci-layout")
            .flag(&offer)
    })?;
    assert_eq!(text(&files, "which")?, "layout");
    assert_eq!(text(&files, "env")?, "layout");
    failures(folder.path(), |build| {
        build
            .opt("context:base", "oci-layout://store")
            .flag("--oci-layout")
            .flag(&offer)
    })?;
    Ok(())
}

#[test]
fn repositories_and_files_on_servers() -> Result<()> {
    let server = WebServer::start()?;
    let source = project(&[("a", "in git\n"), ("sub/b", "below in git\n")])?;
    commit(source.path(), "master")?;
    let repository = server.publish("named", source.path())?;
    let file = server.put("download", b"downloaded\n")?;
    let folder = project(&[(
        "Dockerfile",
        "FROM scratch\nCOPY --from=repository / /git/\nCOPY --from=below b /below\nCOPY --from=file / /http/\n",
    )])?;
    let files = same_files(folder.path(), |build| {
        build
            .opt("context:repository", &repository)
            .opt("context:below", &format!("{repository}#master:sub"))
            .opt("context:file", &file)
    })?;
    assert_eq!(text(&files, "git/a")?, "in git");
    assert_eq!(text(&files, "below")?, "below in git");
    assert_eq!(text(&files, "http/context")?, "downloaded");
    Ok(())
}

#[test]
fn images_that_a_policy_redirects() -> Result<()> {
    push("docker.io/test/named:policy", "elsewhere")?;
    let other = project(&[("file", "no image at all\n")])?;
    let folder = project(&[(
        "Dockerfile",
        "FROM scratch\nCOPY --from=base / /base/\nCOPY --from=test/redirected:2 / /image/\n",
    )])?;
    let image = "docker-image://docker.io/test/named:policy";
    let rule = |from: &str, to: &str| {
        serde_json::json!({
            "action": "CONVERT",
            "selector": {"identifier": format!("docker-image://docker.io/test/redirected:{from}")},
            "updates": {"identifier": to},
        })
    };
    let policy = folder.path().join("policy.json");
    for (target, path, expected) in [
        (image, "base/which", "elsewhere"),
        // What a named context is redirected to need not be an image.
        ("local://other", "base/file", "no image at all"),
    ] {
        let rules = serde_json::json!({"rules": [rule("1", target), rule("2", image)]});
        std::fs::write(&policy, rules.to_string())?;
        let files = same_files(folder.path(), |build| {
            build
                .opt("context:base", "docker-image://test/redirected:1")
                .local("other", other.path())
                .flag("--source-policy-file")
                .flag(&policy.to_string_lossy())
        })
        .context(target.to_owned())?;
        assert_eq!(text(&files, path)?, expected);
        assert_eq!(text(&files, "image/which")?, "elsewhere");
    }
    Ok(())
}

#[test]
fn what_no_client_can_mean_is_refused() -> Result<()> {
    let folder = project(&[("Dockerfile", "FROM base\n")])?;
    for value in [
        "nothing",
        "ftp://example.com/a",
        "input:absent",
        "target:other",
        "docker-image://Not A Name",
        "oci-layout://store@sha256:0000",
    ] {
        let [ours, _] = failures(folder.path(), |build| build.opt("context:base", value)).context(value)?;
        ensure!(ours.stderr.contains("base"), "{value}: {}", ours.stderr);
    }
    Ok(())
}

const BAKE: &str = r#"
target "base" {
  context = "base"
}
target "tools" {
  dockerfile-inline = "FROM scratch\nCOPY <<END /tool\nmade by another target\nEND\n"
}
target "app" {
  context = "app"
  contexts = {
    base = "target:base"
    "tools:1" = "target:tools"
    stage = "target:tools"
    folder = "base"
  }
  output = ["type=local,dest=out"]
}
"#;

/// What `docker buildx bake` leaves, with each target by one frontend.
fn bake(frontend: &str, folder: &Path) -> Result<Files> {
    let mut bake: Command = engine()?.buildx()?;
    bake.args(["bake", "--progress=plain", "--allow=fs=*", "app"])
        .arg(format!("--set=*.args.BUILDKIT_SYNTAX={frontend}"))
        .current_dir(folder);
    run(&mut bake)?;
    listed(&folder.join("out"))
}

#[test]
fn other_targets_of_a_bake_file() -> Result<()> {
    let folder = project(&[
        ("docker-bake.hcl", BAKE),
        (
            "base/Dockerfile",
            "FROM scratch\nENV WHICH=baked\nCOPY Dockerfile /base-file\n",
        ),
        (
            "app/Dockerfile",
            "FROM alpine AS stage\nRUN exit 1\n\
             FROM base\nARG FROM_ENV=$WHICH\nCOPY --from=tools:1 /tool /tool\nCOPY --from=stage /tool /stage\n\
             COPY --from=folder Dockerfile /from-folder\nCOPY <<END /env\n$FROM_ENV\nEND\n",
        ),
    ])?;
    let ours = bake(FRONTEND, folder.path())?;
    std::fs::remove_dir_all(folder.path().join("out"))?;
    let reference = bake(REFERENCE, folder.path())?;
    assert_eq!(ours, reference);
    for (path, expected) in [
        ("tool", "made by another target"),
        ("stage", "made by another target"),
        ("env", "baked"),
    ] {
        assert_eq!(text(&ours, path)?, expected);
    }
    ensure!(text(&ours, "base-file")?.starts_with("FROM scratch"), "{ours:?}");
    Ok(())
}
