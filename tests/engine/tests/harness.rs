//! The harness itself: what it starts answers, what it builds is right, and nothing of it is left behind.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use plimsoll_engine::{Build, Engine, EngineOptions, Lines, OciImage, Process, Silent};

const DOCKERFILE: &str = "FROM alpine AS base\n\
    RUN echo built-$(id -u) > /made && rm /etc/profile\n\
    FROM base\nENV GREETING=hello\nUSER app\nWORKDIR /home/app\nCMD [\"sh\", \"-c\", \"cat /made; echo $GREETING $(id -u) $PWD\"]\n";

#[test]
fn a_build_runs_and_so_does_its_result() {
    let engine = Engine::shared().unwrap();
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("Dockerfile"), DOCKERFILE).unwrap();
    let tar = folder.path().join("image.tar");
    let built = Build::new(folder.path())
        .built_in()
        .oci(&tar)
        .run_ok(engine)
        .unwrap();
    let run = built.record.find("RUN echo").expect("the record names the RUN");
    assert!(run.completed.is_some() && run.error.is_empty(), "{run:?}");
    assert!(
        built.metadata["containerimage.digest"].is_string(),
        "{}",
        built.metadata
    );

    let image = OciImage::open(&tar).unwrap();
    assert!(image.compressed_size() > 100_000);
    assert_eq!(image.text("User"), "app");
    let files = image.files().unwrap();
    assert!(files.contains(&"made".to_owned()) && !files.contains(&"etc/profile".to_owned()));
    assert!(!image.search(b"built-0").unwrap().is_empty());
    assert!(image.search(b"built-1").unwrap().is_empty());

    let finished = Process::of_image(&image)
        .unwrap()
        .run(Duration::from_secs(20))
        .unwrap();
    assert_eq!(
        finished.stdout, "built-0\nhello 1000 /home/app\n",
        "{}",
        finished.stderr
    );
    assert_eq!(finished.code, 0);
}

#[test]
fn a_failed_build_tells_why() {
    let engine = Engine::shared().unwrap();
    let folder = tempfile::tempdir().unwrap();
    fs::write(
        folder.path().join("Dockerfile"),
        "FROM alpine\nRUN echo some words; exit 7\n",
    )
    .unwrap();
    let built = Build::new(folder.path()).built_in().run(engine).unwrap();
    assert!(!built.status.success());
    assert!(built.stderr.contains("exit code: 7"), "{}", built.stderr);
    let failed = built.record.find("RUN echo").unwrap();
    assert!(
        failed.error.contains("exit code: 7") && failed.output.contains("some words"),
        "{failed:?}"
    );
}

#[test]
fn buildx_builds_on_the_engine() {
    let engine = Engine::shared().unwrap();
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("Dockerfile"), DOCKERFILE).unwrap();
    let tar = folder.path().join("image.tar");
    let mut build = engine.buildx().unwrap();
    build
        .args(["build", "--output"])
        .arg(format!("type=oci,dest={}", tar.display()))
        .arg(folder.path());
    let output = build.output().unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert_eq!(OciImage::open(&tar).unwrap().text("WorkingDir"), "/home/app");
}

#[test]
fn nothing_is_left_behind() {
    let options = EngineOptions {
        use_host_variable: false,
        ..EngineOptions::default()
    };
    let engine = Engine::start(&options, &mut Lines(std::io::stderr())).unwrap();
    let context = tempfile::tempdir().unwrap();
    fs::write(context.path().join("Dockerfile"), "FROM alpine\nRUN sleep 300\n").unwrap();
    let mut build = Build::new(context.path()).built_in().command(&engine, "plain");
    let mut client = build.stderr(Stdio::null()).spawn().unwrap();
    let daemon = engine.log().unwrap().parent().unwrap().to_owned();
    let mark = daemon.file_name().unwrap().to_string_lossy().into_owned();
    while !processes_of(&mark).iter().any(|line| line.contains("sleep")) {
        std::thread::sleep(Duration::from_millis(50));
        assert!(client.try_wait().unwrap().is_none(), "the build ended early");
    }
    let registry = engine.folder().to_owned();
    drop(engine);
    client.wait().unwrap();
    assert_eq!(processes_of(&mark), Vec::<String>::new());
    assert!(!daemon.exists() && !registry.exists());
    let mounts = fs::read_to_string("/proc/self/mountinfo").unwrap();
    assert!(!mounts.contains(&mark), "{mounts}");
    let groups = Command::new("find")
        .args(["/sys/fs/cgroup", "-name", &format!("*{mark}*")])
        .output()
        .unwrap();
    assert_eq!(String::from_utf8_lossy(&groups.stdout), "");
}

#[test]
fn nothing_is_left_behind_by_a_harness_that_is_killed() {
    for signal in ["-INT", "-TERM", "-KILL"] {
        let mut harness = Command::new(env!("CARGO_BIN_EXE_engine"))
            .env("PLIMSOLL_NO_BASE_IMAGES", "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut first = String::new();
        BufReader::new(harness.stdout.take().unwrap())
            .read_line(&mut first)
            .unwrap();
        let socket = first
            .trim()
            .strip_prefix("export BUILDKIT_HOST=unix://")
            .expect("the address comes first");
        let daemon = Path::new(socket).parent().unwrap().to_owned();
        let mark = daemon.file_name().unwrap().to_string_lossy().into_owned();
        assert!(daemon.exists() && !processes_of(&mark).is_empty());
        Command::new("kill")
            .args([signal, &harness.id().to_string()])
            .status()
            .unwrap();
        harness.wait().unwrap();
        let start = std::time::Instant::now();
        while daemon.exists() || !processes_of(&mark).is_empty() {
            assert!(
                start.elapsed() < Duration::from_secs(20),
                "left after {signal}: {:?}",
                processes_of(&mark)
            );
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

/// The command lines of the processes that are in the daemon's control group or name its folder.
fn processes_of(mark: &str) -> Vec<String> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let lines = entries.filter_map(|entry| {
        let read = |name: &str| fs::read_to_string(Path::new(&entry.path()).join(name)).unwrap_or_default();
        let line = read("cmdline").replace('\0', " ");
        (read("cgroup").contains(mark) || line.contains(mark)).then_some(line)
    });
    lines.collect()
}

#[test]
fn a_background_process_dies_with_its_value() {
    let engine = Engine::shared().unwrap();
    let folder = tempfile::tempdir().unwrap();
    fs::write(
        folder.path().join("Dockerfile"),
        "FROM alpine\nUSER nobody\nCMD [\"sleep\", \"4321\"]\n",
    )
    .unwrap();
    let tar = folder.path().join("image.tar");
    Build::new(folder.path())
        .built_in()
        .oci(&tar)
        .run_ok(engine)
        .unwrap();
    let process = Process::of_image(&OciImage::open(&tar).unwrap()).unwrap();
    let rootfs = process.rootfs().to_owned();
    let sleeps = || {
        processes_of("sleep 4321")
            .iter()
            .any(|line| line.trim() == "sleep 4321")
    };
    let mut running = process.spawn().unwrap();
    running.wait_ready(Duration::from_secs(10), sleeps).unwrap();
    drop(running);
    let start = std::time::Instant::now();
    while sleeps() {
        assert!(start.elapsed() < Duration::from_secs(5), "it outlived its value");
        std::thread::sleep(Duration::from_millis(10));
    }
    assert!(!rootfs.exists());
}

#[test]
fn a_daemon_of_the_user_finds_what_is_pushed_here() {
    let users = Engine::shared().unwrap();
    let options = EngineOptions {
        host: Some(users.host().to_owned()),
        ..EngineOptions::default()
    };
    let engine = Engine::start(&options, &mut Silent).unwrap();
    assert!(!engine.is_own() && engine.log().is_none());
    let folder = tempfile::tempdir().unwrap();
    fs::write(
        folder.path().join("Dockerfile"),
        "FROM alpine\nRUN echo once > /once\n",
    )
    .unwrap();
    let tar = folder.path().join("image.tar");
    Build::new(folder.path())
        .built_in()
        .oci(&tar)
        .run_ok(&engine)
        .unwrap();
    engine.push_oci_tar(&tar, "docker.io/own/name:2").unwrap();
    let name = engine.image_name("docker.io/own/name:2");
    fs::write(
        folder.path().join("Dockerfile"),
        format!("FROM {name}\nRUN cat /once /once\n"),
    )
    .unwrap();
    let built = Build::new(folder.path()).built_in().run_ok(&engine).unwrap();
    assert_eq!(built.record.output(), "once\nonce\n");
}

#[test]
fn a_second_engine_does_not_disturb_the_first() {
    let first = Engine::shared().unwrap();
    let options = EngineOptions {
        base_images: false,
        use_host_variable: false,
        ..EngineOptions::default()
    };
    let second = Engine::start(&options, &mut Silent).unwrap();
    assert_ne!(first.host(), second.host());
    assert!(!second.registry().has("alpine").unwrap());
    drop(second);
    assert!(first.registry().has("alpine").unwrap());
}
