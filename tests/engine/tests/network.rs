//! What a RUN can reach from the base images: the package registries, and an ssh server on loopback.

use std::fs;
use std::process::Command;

use plimsoll_engine::{Build, Engine, Silent, SshServer};

/// Builds a Dockerfile with the daemon's own frontend and gives what its steps printed.
#[allow(clippy::unwrap_used, reason = "a test's own helper")]
fn output_of(dockerfile: &str, change: impl FnOnce(Build) -> Build) -> String {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("Dockerfile"), dockerfile).unwrap();
    let build = change(Build::new(folder.path()).built_in());
    build.run_ok(Engine::shared().unwrap()).unwrap().record.output()
}

#[test]
fn pip_installs_from_its_registry() {
    let dockerfile = "FROM python:3-slim AS slim\nFROM python:3\nRUN python -m venv /venv && /venv/bin/pip install -q itsdangerous\n\
                      FROM slim\nCOPY --from=1 /venv /venv\nRUN /venv/bin/python -c 'import itsdangerous; print(\"it\" + \"works\")'\n";
    assert!(output_of(dockerfile, |build| build).contains("itworks"));
}

#[test]
fn go_builds_with_a_module_from_its_proxy() {
    let dockerfile = "FROM golang:1\nWORKDIR /src\nRUN go mod init example.com/a && go get rsc.io/quote/v3@v3.1.0\n\
                      COPY <<EOF main.go\npackage main\nimport (\"fmt\"; \"rsc.io/quote/v3\")\nfunc main() { fmt.Println(quote.GoV3()) }\nEOF\n\
                      RUN go mod tidy && CGO_ENABLED=0 go build -o /a . && /a\n";
    assert!(output_of(dockerfile, |build| build).contains("Don't communicate by sharing memory"));
}

#[test]
fn apt_installs_a_package() {
    let dockerfile = "FROM debian:bookworm-slim\nRUN apt-get update && apt-get install -y hello && hello\n";
    assert!(output_of(dockerfile, |build| build).contains("Hello, world!"));
}

#[test]
fn a_private_repository_is_cloned_with_the_agent_alone() {
    let server = SshServer::start(&mut Silent).unwrap();
    let source = tempfile::tempdir().unwrap();
    let git = |arguments: &[&str]| {
        let mut git = Command::new("git");
        git.args(["-c", "user.name=a", "-c", "user.email=a@example.com"])
            .args(arguments)
            .current_dir(source.path());
        assert!(git.status().unwrap().success(), "git {arguments:?}");
    };
    fs::write(source.path().join("secret-plan"), "to the sea\n").unwrap();
    git(&["init", "-q", "-b", "master"]);
    git(&["add", "."]);
    git(&["commit", "-q", "-m", "first"]);
    let url = server.publish("private", source.path()).unwrap();
    let dockerfile = format!(
        "FROM golang\nRUN mkdir -p /root/.ssh && echo '{}' > /root/.ssh/known_hosts\n\
         RUN --mount=type=ssh git clone {url} /clone && cat /clone/secret-plan\n",
        server.known_hosts().trim(),
    );
    assert!(output_of(&dockerfile, |build| build.ssh("default", &server.agent())).contains("to the sea"));

    // Another digest, so that the first build's result does not serve.
    let folder = tempfile::tempdir().unwrap();
    fs::write(
        folder.path().join("Dockerfile"),
        dockerfile.replace("/clone", "/again"),
    )
    .unwrap();
    let without = Build::new(folder.path())
        .built_in()
        .run(Engine::shared().unwrap())
        .unwrap();
    assert!(
        !without.status.success() && without.record.output().contains("Permission denied"),
        "{}",
        without.stderr
    );
}
