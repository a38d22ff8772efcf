//! The old engine: Docker Engine's own client and our buildx on a daemon of our own.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Stdio};

use plimsoll_engine::{Build, Dockerd, Engine, Lines};

#[test]
fn the_old_engine_builds_with_both_clients() {
    let engine = Engine::shared().unwrap();
    let docker = Dockerd::start(engine, &mut Lines(std::io::stderr())).unwrap();
    let folder = tempfile::tempdir().unwrap();
    fs::write(
        folder.path().join("Dockerfile"),
        "FROM alpine\nRUN echo hi > /there\nCMD cat /there\n",
    )
    .unwrap();
    for (name, build) in [("one", &["build"][..]), ("two", &["buildx", "build"][..])] {
        let mut command = docker.docker();
        command.args(build).args(["--tag", name]);
        if !docker.has_bridge() {
            command.args(["--network", "host"]);
        }
        let output = command.arg(folder.path()).output().unwrap();
        assert!(
            output.status.success(),
            "{name}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        let mut run = docker.docker();
        let output = run
            .args(["run", "--rm", "--network", "none", name])
            .output()
            .unwrap();
        assert_eq!(
            String::from_utf8_lossy(&output.stdout),
            "hi\n",
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
    assert!(!docker.version().unwrap().is_empty());
    let folder = docker.log().parent().unwrap().to_owned();
    drop(docker);
    assert!(!folder.exists());
    let mounts = fs::read_to_string("/proc/self/mountinfo").unwrap();
    assert!(!mounts.contains(&*folder.to_string_lossy()), "{mounts}");
}

/// The two images that the harness runs in the Docker Engine of a user who is not root, as Docker Hub has them.
const IMAGES: [(&str, &str); 2] = [
    (
        "docker.io/library/registry:2",
        "FROM debian:bookworm-slim\nRUN apt-get update && apt-get install -y docker-registry\n\
         RUN printf 'version: 0.1\\nstorage: {filesystem: {rootdirectory: /data}}\\nhttp: {addr: 0.0.0.0:5000}\\n' \
         > /etc/docker/registry/config.yml\n\
         ENTRYPOINT [\"docker-registry\", \"serve\", \"/etc/docker/registry/config.yml\"]\n",
    ),
    (
        "docker.io/moby/buildkit:v0.33.1",
        "FROM debian:bookworm-slim\nRUN apt-get update && apt-get install -y runc && ln -s /usr/sbin/runc /usr/bin/buildkit-runc\n\
         COPY --from=clients buildkitd buildctl /usr/bin/\nVOLUME /var/lib/buildkit\nENTRYPOINT [\"buildkitd\"]\n",
    ),
];

#[test]
fn a_user_who_is_not_root_gets_an_engine_in_docker() {
    let engine = Engine::shared().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let tools = engine.parts().buildkitd.parent().unwrap();
    for (name, dockerfile) in IMAGES {
        fs::write(folder.path().join("Dockerfile"), dockerfile).unwrap();
        let tar = folder.path().join("image.tar");
        Build::new(folder.path())
            .built_in()
            .context("clients", tools)
            .oci(&tar)
            .run_ok(engine)
            .unwrap();
        engine.push_oci_tar(&tar, name).unwrap();
    }
    let docker = Dockerd::start(engine, &mut Lines(std::io::stderr())).unwrap();
    let everybody = |path: &Path| fs::set_permissions(path, fs::Permissions::from_mode(0o777)).unwrap();
    everybody(folder.path());
    everybody(docker.log().parent().unwrap());
    everybody(Path::new(docker.host().trim_start_matches("unix://")));

    // The user's own cache, with the programs that would take minutes to build.
    let cache = folder.path().join("plimsoll");
    assert!(Command::new("mkdir").arg(&cache).status().unwrap().success());
    assert!(
        Command::new("cp")
            .arg("-r")
            .arg(tools)
            .arg(&cache)
            .status()
            .unwrap()
            .success()
    );
    everybody(&cache);
    let program = folder.path().join("engine");
    fs::copy(env!("CARGO_BIN_EXE_engine"), &program).unwrap();
    let user = |program: &Path| {
        let mut command = Command::new("setpriv");
        command
            .args(["--reuid", "65534", "--regid", "65534", "--clear-groups"])
            .arg(program);
        command
            .env("XDG_CACHE_HOME", folder.path())
            .env("HOME", folder.path())
            .env("DOCKER_HOST", docker.host());
        command
    };
    let mut harness = user(&program)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(harness.stdout.take().unwrap()).lines();
    let first = lines.next().expect("the engine started").unwrap();
    let host = first
        .strip_prefix("export BUILDKIT_HOST=")
        .expect("the address comes first");
    assert!(host.starts_with("docker-container://"), "{host}");
    fs::write(
        folder.path().join("Dockerfile"),
        "FROM scratch\nCOPY Dockerfile /\n",
    )
    .unwrap();
    let mut build = user(&cache.join(tools.file_name().unwrap()).join("buildctl"));
    build.args(["--addr", host, "build", "--frontend", "dockerfile.v0"]);
    for name in ["context", "dockerfile"] {
        let context = tempfile::tempdir_in(folder.path()).unwrap().keep();
        fs::copy(folder.path().join("Dockerfile"), context.join("Dockerfile")).unwrap();
        everybody(&context);
        build.arg("--local").arg(format!("{name}={}", context.display()));
    }
    let built = build.output().unwrap();
    assert!(
        built.status.success(),
        "{}",
        String::from_utf8_lossy(&built.stderr)
    );
    drop(harness.stdin.take());
    assert!(harness.wait().unwrap().success());
    let left = docker.docker().args(["ps", "--all", "--quiet"]).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&left.stdout), "");
}
