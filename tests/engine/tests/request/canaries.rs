//! Secrets by every route, each a text of its own that is searched for wherever a build leaves something: in the graph,
//! the image, its attestations, the progress, the daemon's log with ours in it, and errors.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::LazyLock;

use anyhow::{Context, Result, ensure};
use plimsoll_engine::{Build, Engine, FRONTEND, Lines, OciImage, Output, WebServer, ssh_key};

use crate::common::talkative;
use crate::fixture::{SCANNER, project, push_scanner};
use crate::repository::commit;

/// Each route with its canary. What the reference must put somewhere is told by the reference.
static CANARIES: LazyLock<Vec<(&str, String)>> = LazyLock::new(|| {
    let texts = [
        ("secret file", "canary-one-7f21"),
        ("secret variable", "canary-two-93ac"),
        ("build-arg", "canary-three-b8e0"),
        ("password of a git URL", "canary-four-1d55"),
        ("password of an http URL", "canary-five-60fe"),
        ("password of a proxy", "canary-six-c3d9"),
        ("password of the context's URL", "canary-seven-42aa"),
        ("password of a registry", "canary-eight-0b17"),
        ("token in a query", "canary-nine-ee04"),
    ];
    let mut canaries: Vec<_> = texts.map(|(route, text)| (route, text.to_owned())).into();
    // The line of the file that holds the private half.
    let key = SSH_KEY.lines().nth_back(1).unwrap_or_default();
    canaries.push(("ssh key", key.to_owned()));
    canaries
});
static SSH_KEY: LazyLock<String> = LazyLock::new(|| {
    let key = || {
        let folder = tempfile::tempdir()?;
        let file = folder.path().join("key");
        ssh_key(&file, &mut Lines(std::io::stderr()))?;
        anyhow::Ok(fs::read_to_string(file)?)
    };
    key().unwrap_or_default()
});
/// Routes that may show nowhere, whatever the reference does.
const NEVER: [&str; 4] = [
    "secret file",
    "secret variable",
    "password of a registry",
    "ssh key",
];

fn canary(route: &str) -> &'static str {
    let found = CANARIES.iter().find(|(name, _)| *name == route);
    found.map(|(_, canary)| canary.as_str()).unwrap_or_default()
}

/// A URL with a password in it.
fn with_password(url: &str, route: &str) -> String {
    url.replacen("http://", &format!("http://user:{}@", canary(route)), 1)
}

/// What a client passes by every route.
fn with_all(build: Build, place: &Path) -> Result<Build> {
    let file = place.join("file");
    fs::write(&file, canary("secret file"))?;
    ensure!(canary("ssh key").len() > 30, "no ssh key was made");
    let key = place.join("key");
    fs::write(&key, SSH_KEY.as_bytes())?;
    fs::set_permissions(&key, fs::Permissions::from_mode(0o600))?;
    let docker = place.join("docker");
    fs::create_dir_all(&docker)?;
    let auth = canary("password of a registry");
    fs::write(
        docker.join("config.json"),
        format!(r#"{{"auths":{{"127.0.0.1:1":{{"username":"user","password":"{auth}"}}}}}}"#),
    )?;
    Ok(build
        .secret_file("file", &file)
        .ssh("default", &key)
        .secret("variable", canary("secret variable"))
        .arg("PASSWORD", canary("build-arg"))
        .arg(
            "HTTP_PROXY",
            &format!("http://user:{}@127.0.0.1:1", canary("password of a proxy")),
        )
        .arg("NO_PROXY", "127.0.0.1")
        .arg("PLIMSOLL_LOG", "trace")
        .env("DOCKER_CONFIG", &docker.to_string_lossy()))
}

/// Where each canary shows: pairs of a route and a place.
type Found = BTreeSet<(&'static str, &'static str)>;

fn search(found: &mut Found, place: &'static str, text: &[u8]) {
    for (route, canary) in CANARIES.iter() {
        if text
            .windows(canary.len())
            .any(|window| window == canary.as_bytes())
        {
            found.insert((*route, place));
        }
    }
}

/// Builds and looks everywhere.
fn look(engine: &Engine, build: &Build) -> Result<Found> {
    let mut found = Found::new();
    let place = tempfile::tempdir()?;
    let tar = place.path().join("image.tar");
    let build = with_all(build.clone(), place.path())?
        .opt("attest:provenance", "mode=max")
        .opt("attest:sbom", &format!("generator={SCANNER}"));
    let built = build.clone().oci(&tar).run_ok(engine)?;
    let image = OciImage::open_for(&tar, "amd64")?;
    for (route, canary) in CANARIES.iter() {
        if !image.search(canary.as_bytes())?.is_empty() {
            found.insert((*route, "image and attestations"));
        }
    }
    search(&mut found, "progress", built.raw.as_bytes());
    search(&mut found, "progress", built.record.output().as_bytes());
    let graph = build
        .opt("requestid", "frontend.convertllb")
        .output(Output::Raw(String::new()));
    let mut command = graph.command(engine, "plain");
    let graph = command.output()?;
    search(&mut found, "graph", &graph.stdout);
    Ok(found)
}

#[test]
fn nothing_shows_that_the_reference_hides() -> Result<()> {
    let engine = talkative()?;
    push_scanner(&engine)?;
    let web = WebServer::start()?;
    let repository = project(&[("greeting", "hello\n")])?;
    commit(repository.path(), "master")?;
    let git = with_password(&web.publish("greet", repository.path())?, "password of a git URL");
    let http = with_password(&web.put("file", b"served\n")?, "password of an http URL");
    let query = format!(
        "{}?token={}",
        web.put("other", b"served\n")?,
        canary("token in a query")
    );
    let dockerfile = format!(
        "FROM alpine AS used\nARG PASSWORD\n\
         RUN --mount=type=ssh,required=true test -S \"$SSH_AUTH_SOCK\"\n\
         RUN --mount=type=secret,id=file,required=true test -s /run/secrets/file\n\
         RUN --mount=type=secret,id=variable,env=VARIABLE test -n \"$VARIABLE\" && echo used > /used\n\
         FROM scratch\nADD {git}#master /git/\nADD {http} /http/\nADD {query} /query/\nCOPY --from=used /used /\n"
    );
    let folder = project(&[("Dockerfile", &dockerfile)])?;
    let reference = look(&engine, &Build::new(folder.path()).reference()).context("by the reference")?;
    let ours = look(&engine, &Build::new(folder.path())).context("by Plimsoll")?;
    let more: Vec<_> = ours.difference(&reference).collect();
    ensure!(more.is_empty(), "only ours shows {more:?}");
    // The search finds what is there.
    ensure!(ours.iter().any(|(route, _)| *route == "build-arg"), "{ours:?}");

    // By remote context, with an error that is about it.
    let context = with_password(&web.url("absent.git"), "password of the context's URL");
    let failed = Build::new(folder.path()).opt("context", &context);
    let place = tempfile::tempdir()?;
    let said = with_all(failed, place.path())?.run(&engine)?;
    ensure!(!said.status.success(), "an absent context was built");
    let mut found = Found::new();
    search(&mut found, "error", said.stderr.as_bytes());
    ensure!(found.is_empty(), "{found:?}:\n{}", said.stderr);

    let log = fs::read(engine.log().context("no log")?)?;
    ensure!(
        String::from_utf8_lossy(&log).contains("plimsoll "),
        "our own log is not in the daemon's"
    );
    let ours: Vec<u8> = log
        .split_inclusive(|byte| *byte == b'\n')
        .filter(|line| String::from_utf8_lossy(line).contains("plimsoll "))
        .flatten()
        .copied()
        .collect();
    let mut logged = Found::new();
    search(&mut logged, "our log", &ours);
    ensure!(logged.is_empty(), "{logged:?}");
    let mut logged = Found::new();
    search(&mut logged, "the daemon's log", &log);
    for (route, place) in ours_never(&reference, &logged) {
        ensure!(false, "{route} shows in {place}");
    }
    Ok(())
}

/// What shows although it never may.
fn ours_never<'f>(
    found: &'f Found,
    logged: &'f Found,
) -> impl Iterator<Item = &'f (&'static str, &'static str)> {
    found
        .iter()
        .chain(logged)
        .filter(|(route, _)| NEVER.contains(route))
}

#[test]
fn the_name_of_the_frontend_may_hold_no_password() -> Result<()> {
    // A line that names a frontend with credentials is refused by every daemon; ours must not repeat it.
    let engine = crate::fixture::engine()?;
    let secret = canary("password of a registry");
    let line = format!("# syntax=https://user:{secret}@127.0.0.1:1/x\nFROM scratch\n");
    let folder = project(&[("Dockerfile", &line)])?;
    let built = Build::new(folder.path()).frontend(FRONTEND).run(engine)?;
    ensure!(!built.status.success(), "it was built");
    let own = built
        .stderr
        .lines()
        .filter(|line| !line.contains(">>>") && !line.contains(" | "));
    let shown = own.filter(|line| line.contains(secret)).count();
    ensure!(shown == 0, "{}", built.stderr);
    Ok(())
}
