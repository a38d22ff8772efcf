//! The old engine: Docker Engine's own client and our buildx on a daemon of our own.

use std::fs;

use plimsoll_engine::{Dockerd, Engine, Lines};

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
