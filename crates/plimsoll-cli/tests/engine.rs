//! The command line beside a real registry and a real daemon: it looks base images up, and the daemon builds its graphs.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use anyhow::{Context, Result, ensure};
use plimsoll_engine::{Build, Engine, ImageSpec, Output as Exported, Registry, Silent};
use serde_json::{Value, json};

/// Where the user's credentials are, below the folder that the command runs in.
const CREDENTIALS: &str = "credentials";

/// Runs `plimsoll` in a folder, with the credentials and the helper programs in a folder below it and no others.
fn plimsoll(folder: &Path, arguments: &[&str]) -> Result<Output> {
    let path = format!("{}:/usr/bin:/bin", folder.join(CREDENTIALS).display());
    let output = Command::new(env!("CARGO_BIN_EXE_plimsoll"))
        .args(arguments)
        .current_dir(folder)
        .env("DOCKER_CONFIG", folder.join(CREDENTIALS))
        .env("PATH", path)
        .stdin(Stdio::null())
        .output();
    output.context("could not start plimsoll")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn buildctl_builds_the_graph_of_llb() -> Result<()> {
    let engine = Engine::shared()?;
    let place = tempfile::tempdir()?;
    let context = place.path().join("context");
    fs::create_dir(&context)?;
    fs::write(context.join("greeting"), "hello\n")?;
    fs::write(context.join("secret"), "no\n")?;
    fs::write(context.join(".dockerignore"), "secret\n")?;
    let dockerfile = format!(
        "FROM {} AS build\nARG NAME\nCOPY . /in\nRUN cat /in/greeting > /out && echo $NAME >> /out && ls /in >> /out\n\
         FROM scratch\nCOPY --from=build /out /\nCOPY --from=lib part /\n",
        engine.registry().image_name("busybox")
    );
    fs::write(context.join("Dockerfile"), dockerfile)?;
    let lib = place.path().join("lib");
    fs::create_dir(&lib)?;
    fs::write(lib.join("part"), "a part\n")?;

    let lib_context = format!("lib={}", lib.display());
    let arguments = ["llb", "--build-arg", "NAME=you", "--build-context", &lib_context];
    let graph = plimsoll(&context, &arguments)?;
    ensure!(graph.status.success(), "{}", text(&graph.stderr));
    assert_eq!(text(&graph.stderr), "");
    let input = place.path().join("graph");
    fs::write(&input, &graph.stdout)?;
    let out = place.path().join("out");
    let mut build = engine.buildctl();
    build.args(["build", "--progress=plain", "--local"]);
    build.arg(format!("context={}", context.display()));
    build.args(["--local", &lib_context]);
    build.arg(format!("--output=type=local,dest={}", out.display()));
    let built = build.stdin(fs::File::open(&input)?).output()?;
    ensure!(built.status.success(), "{}", text(&built.stderr));
    // The steps go by the names that they have in builds.
    assert!(
        text(&built.stderr).contains("[build 3/3] RUN cat /in/greeting"),
        "{}",
        text(&built.stderr)
    );
    assert_eq!(
        fs::read_to_string(out.join("out"))?,
        "hello\nyou\nDockerfile\ngreeting\n"
    );
    assert_eq!(fs::read_to_string(out.join("part"))?, "a part\n");

    let other = plimsoll(&context, &arguments)?.stdout;
    assert!(
        other != graph.stdout,
        "two graphs have local sources of one identity"
    );
    Ok(())
}

#[test]
fn images_are_looked_up_and_remembered() -> Result<()> {
    let engine = Engine::shared()?;
    let place = tempfile::tempdir()?;
    let folder = place.path();
    let image = engine.registry().image_name("python:3-slim");
    let dockerfile = format!("FROM {image}\nCOPY $PATH $NOTHING_HAS_IT /\n");
    fs::write(folder.join("Dockerfile"), &dockerfile)?;
    let found = plimsoll(folder, &["check", "--images", "registry"])?;
    let said = text(&found.stdout);
    assert!(
        said.contains("UndefinedVar") && said.contains("$NOTHING_HAS_IT"),
        "{said}{}",
        text(&found.stderr)
    );
    assert_eq!(found.status.code(), Some(1));

    let answers = plimsoll(folder, &["images"])?;
    ensure!(answers.status.success(), "{}", text(&answers.stderr));
    let json: Value = serde_json::from_slice(&answers.stdout)?;
    let known = &json["images"][0];
    assert_eq!(known["reference"], image.as_str());
    assert!(
        known["digest"]
            .as_str()
            .is_some_and(|digest| digest.starts_with("sha256:"))
    );
    assert!(known["config"]["config"]["Env"].is_array(), "{json:#}");
    fs::write(folder.join("images.json"), &answers.stdout)?;
    let again = plimsoll(folder, &["check", "--images", "images.json"])?;
    assert_eq!(text(&again.stdout), said);
    // The graphs are the same as well, with the digest in them.
    let graph = |images| {
        let graph = plimsoll(
            folder,
            &["llb", "--format", "json", "--local-id", "x", "--images", images],
        )?;
        ensure!(graph.status.success(), "{}", text(&graph.stderr));
        Ok(text(&graph.stdout))
    };
    let looked_up = graph("registry")?;
    assert_eq!(looked_up, graph("images.json")?);
    let digest = known["digest"].as_str().unwrap_or_default();
    assert!(
        looked_up.contains(&format!("docker-image://{image}@{digest}")),
        "{looked_up}"
    );
    Ok(())
}

#[test]
fn an_image_that_is_not_there() -> Result<()> {
    let engine = Engine::shared()?;
    let place = tempfile::tempdir()?;
    let image = engine.registry().image_name("nobody-has-this:1");
    fs::write(
        place.path().join("Dockerfile"),
        format!("FROM scratch AS a\nFROM {image}\n"),
    )?;
    let found = plimsoll(place.path(), &["check", "--images", "registry"])?;
    let said = text(&found.stdout);
    assert!(
        said.starts_with(&format!("Dockerfile:2:6: error: image `{image}`")),
        "{said}"
    );
    assert_eq!(found.status.code(), Some(1));
    let answers = plimsoll(place.path(), &["images"])?;
    assert_eq!(answers.status.code(), Some(1));
    assert!(
        text(&answers.stderr).contains(&format!("{image} can't be looked up")),
        "{}",
        text(&answers.stderr)
    );
    Ok(())
}

#[test]
fn an_image_has_one_config_a_platform() -> Result<()> {
    let engine = Engine::shared()?;
    let place = tempfile::tempdir()?;
    let base = "FROM scratch\nARG TARGETARCH\nENV ON_$TARGETARCH=1\nCOPY <<END /a\nEND\n";
    fs::write(place.path().join("Dockerfile"), base)?;
    let build = Build::new(place.path())
        .built_in()
        .opt("platform", "linux/amd64,linux/arm64");
    let build = build.output(Exported::Push("docker.io/test/of-two-platforms:1".to_owned()));
    build.run_ok(engine)?;
    let image = engine.registry().image_name("test/of-two-platforms:1");
    fs::write(
        place.path().join("Dockerfile"),
        format!("FROM {image}\nCOPY $ON_amd64 $ON_arm64 /\n"),
    )?;
    for (platform, unknown) in [("linux/amd64", "$ON_arm64"), ("linux/arm64", "$ON_amd64")] {
        let found = plimsoll(
            place.path(),
            &["check", "--images", "registry", "--platform", platform],
        )?;
        let said = text(&found.stdout);
        assert!(
            said.contains(&format!("nothing in this stage sets `{unknown}`")),
            "{platform}: {said}"
        );
        assert_eq!(said.matches("UndefinedVar - ").count(), 1, "{said}");
    }
    let found = plimsoll(
        place.path(),
        &["check", "--images", "registry", "--platform", "linux/riscv64"],
    )?;
    let said = text(&found.stdout);
    assert!(
        said.contains("not there for linux/riscv64, only for linux/amd64, linux/arm64"),
        "{said}"
    );
    Ok(())
}

/// A user with a password, as `htpasswd -B` writes it.
const USER: &str = "user:$2a$04$u/pCtD8PHDoPCJNhY6n8ouKT45VBItv5pu9rPv.bIptLYCoV5qu72\n";
/// `user:open:sesame` in base64.
const LOGIN: &str = "dXNlcjpvcGVuOnNlc2FtZQ==";

/// A registry that asks for a password, with the image `private:1` in it.
fn private_registry(data: &Path) -> Result<Registry> {
    let open = Registry::start_over(data, &mut Silent)?;
    open.push_image(&ImageSpec::default(), &["private:1"])?;
    drop(open);
    Registry::start_private(data, USER, &mut Silent)
}

#[test]
fn credentials_are_those_of_docker_login() -> Result<()> {
    let place = tempfile::tempdir()?;
    let data = place.path().join("data");
    fs::create_dir(&data)?;
    let registry = private_registry(&data)?;
    let (image, address) = (registry.image_name("private:1"), registry.address());
    let folder = place.path().join("folder");
    let docker = folder.join(CREDENTIALS);
    fs::create_dir_all(&docker)?;
    fs::write(folder.join("Dockerfile"), format!("FROM {image}\n"))?;
    let helper = docker.join("docker-credential-test");
    let answer = format!(r#"{{"ServerURL": "{address}", "Username": "user", "Secret": "open:sesame"}}"#);
    fs::write(
        &helper,
        format!("#!/bin/sh\nread server\n[ \"$server\" = {address} ] && echo '{answer}'\n"),
    )?;
    fs::set_permissions(&helper, fs::Permissions::from_mode(0o755))?;
    for (config, is_let_in) in [
        (json!({}), false),
        (json!({"auths": {address: {"auth": LOGIN}}}), true),
        (
            json!({"auths": {format!("https://{address}/v2/"): {"username": "user", "password": "open:sesame"}}}),
            true,
        ),
        (
            json!({"auths": {address: {"username": "user", "password": "wrong"}}}),
            false,
        ),
        (json!({"credHelpers": {address: "test"}}), true),
        (json!({"credsStore": "test"}), true),
    ] {
        fs::write(docker.join("config.json"), config.to_string())?;
        let found = plimsoll(&folder, &["check", "--images", "registry"])?;
        let said = text(&found.stdout);
        assert_eq!(found.status.success(), is_let_in, "{config}: {said}");
        assert!(is_let_in || said.contains("cannot be used as a base"), "{said}");
        assert!(!said.contains("sesame") && !said.contains("wrong"), "{said}");
    }
    Ok(())
}
