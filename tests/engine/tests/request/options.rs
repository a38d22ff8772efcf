//! The options of a request, through `buildctl --opt` and through the flags of `docker buildx build`.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use plimsoll_engine::program::run;
use plimsoll_engine::{Build, FRONTEND};

use crate::common::REFERENCE;
use crate::fixture::{
    both, cached, engine, failures, files, image_digest, listed, pair, project, ran, same_files,
};

/// A step that writes down what it finds, and a result with that alone.
const LOOK: &str = "FROM alpine AS look\nRUN mkdir /seen; cd /seen; cat /etc/hosts > hosts; hostname > hostname; df -k /dev/shm > shm; \
                    ulimit -n > files; ulimit -c > core; grep -c : /proc/net/dev > interfaces; grep memory /proc/self/cgroup > cgroup; \
                    cat /sys/fs/cgroup/memory/memory.limit_in_bytes /sys/fs/cgroup/memory/memory.memsw.limit_in_bytes > memory 2>&1; \
                    cat /sys/fs/cgroup/cpu/cpu.shares /sys/fs/cgroup/cpu/cpu.cfs_quota_us /sys/fs/cgroup/cpu/cpu.cfs_period_us > cpu 2>&1; \
                    cat /sys/fs/cgroup/memory.max /sys/fs/cgroup/cpu.max > unified 2>&1; grep Cpus_allowed_list /proc/self/status > cpus; true\n\
                    FROM scratch\nCOPY --from=look /seen /\n";

/// What one of the files that [`LOOK`] leaves says, by each frontend and without the cache.
fn seen(options: &[(&str, &str)], file: &str) -> Result<String> {
    let folder = project(&[("Dockerfile", LOOK)])?;
    let engine = engine()?;
    let change = |build: Build| {
        options
            .iter()
            .fold(build.no_cache(), |build, (key, value)| build.opt(key, value))
    };
    both(folder.path(), change, |build| {
        let files = files(engine, build)?;
        let found = files.into_iter().find(|(path, _)| path == file);
        Ok(found.with_context(|| format!("no {file}"))?.1.trim().to_owned())
    })
    .with_context(|| format!("{options:?}"))
}

#[test]
fn hosts_and_names() -> Result<()> {
    let hosts = seen(&[("add-hosts", "Harbour=10.1.2.3,six=::1")], "hosts")?;
    ensure!(hosts.contains("10.1.2.3\tharbour"), "{hosts}");
    ensure!(hosts.contains("::1\tsix"), "{hosts}");
    assert_eq!(seen(&[("hostname", "quay")], "hostname")?, "quay");
    assert_eq!(
        seen(&[("build-arg:BUILDKIT_SANDBOX_HOSTNAME", "mole")], "hostname")?,
        "mole"
    );
    assert_eq!(seen(&[("force-network-mode", "none")], "interfaces")?, "1");
    Ok(())
}

#[test]
fn limits() -> Result<()> {
    let shm = seen(&[("shm-size", "33554432")], "shm")?;
    ensure!(shm.contains(" 32768 "), "{shm}");
    let limits = [("ulimit", "nofile=512:1024,core=0")];
    assert_eq!(seen(&limits, "files")?, "512");
    assert_eq!(seen(&limits, "core")?, "0");
    assert_eq!(seen(&[("cpusetcpus", "0")], "cpus")?, "Cpus_allowed_list:\t0");
    let unified = Path::new("/sys/fs/cgroup/cgroup.controllers").exists();
    let (memory, cpu) = if unified {
        ("unified", "unified")
    } else {
        ("memory", "cpu")
    };
    let memory = seen(&[("memory", "67108864")], memory)?;
    ensure!(memory.lines().any(|line| line == "67108864"), "{memory}");
    let resources = [
        ("cpushares", "512"),
        ("cpuquota", "50000"),
        ("cpuperiod", "100000"),
    ];
    let cpu = seen(&resources, cpu)?;
    let expected = if unified {
        "50000 100000"
    } else {
        "512\n50000\n100000"
    };
    ensure!(cpu.contains(expected), "{cpu}");
    Ok(())
}

#[test]
fn the_parent_of_control_groups() -> Result<()> {
    // Control groups of containers bear ids, so the two differ in that part.
    let folder = project(&[("Dockerfile", LOOK)])?;
    let engine = engine()?;
    for build in pair(folder.path()) {
        let build = build.no_cache().opt("cgroup-parent", "plimsoll-test-parent");
        let files = files(engine, build)?;
        let group = files.iter().find(|(path, _)| path == "cgroup");
        ensure!(
            group.is_some_and(|(_, text)| text.contains("/plimsoll-test-parent/")),
            "{group:?}"
        );
    }
    Ok(())
}

const STAGES: &str = "FROM alpine AS first\nARG WHO=nobody\nRUN echo first $WHO > /out\n\
                      FROM alpine AS Second\nRUN echo second > /out\n\
                      FROM scratch AS last\nCOPY --from=first /out /first\nCOPY --from=second /out /second\n";

#[test]
fn targets_arguments_and_labels() -> Result<()> {
    let folder = project(&[("Dockerfile", STAGES)])?;
    let built = same_files(folder.path(), |build| build.arg("WHO", "us"))?;
    assert_eq!(
        built,
        [
            ("first".to_owned(), "first us\n".to_owned()),
            ("second".to_owned(), "second\n".to_owned())
        ]
    );
    let engine = engine()?;
    for target in ["first", "FIRST", "SECOND"] {
        both(
            folder.path(),
            |build| {
                build
                    .target(target)
                    .arg("SOURCE_DATE_EPOCH", "1")
                    .opt("label:with.spaces", "a \"quoted\" $HOME")
                    .opt("label:empty", "")
            },
            |build| image_digest(engine, build),
        )
        .context(target)?;
    }
    failures(folder.path(), |build| build.target("5"))?;
    let [ours, _] = failures(folder.path(), |build| build.target("scond"))?;
    ensure!(
        ours.stderr.contains("scond") && ours.stderr.contains("did you mean"),
        "{}",
        ours.stderr
    );
    Ok(())
}

#[test]
fn no_cache_for_all_or_for_some() -> Result<()> {
    let engine = engine()?;
    let folder = project(&[("Dockerfile", &STAGES.replace("nobody", "cacheless"))])?;
    pair(folder.path())[0].run_ok(engine)?;
    let runs = both(
        folder.path(),
        |build| build,
        |build| {
            let mut seen = Vec::new();
            for value in [None, Some("second"), Some("first,second"), Some("")] {
                let build = match value {
                    Some(value) => build.clone().opt("no-cache", value),
                    None => build.clone(),
                };
                let record = build.run_ok(engine)?.record;
                let runs = ran(&record).iter().filter(|name| name.contains("RUN")).count();
                let kept = cached(&record).iter().filter(|name| name.contains("RUN")).count();
                seen.push((runs, kept));
            }
            Ok(seen)
        },
    )?;
    assert_eq!(runs, [(0, 2), (1, 1), (2, 0), (2, 0)]);
    Ok(())
}

/// What a build by buildx leaves, by each frontend.
fn by_buildx(dockerfile: &str, flags: &[&str]) -> Result<Vec<(String, String)>> {
    let folder = project(&[("Dockerfile", dockerfile)])?;
    let build = |frontend: &str| -> Result<Vec<(String, String)>> {
        let place = tempfile::tempdir()?;
        let out = place.path().join("out");
        let mut build = engine()?.buildx()?;
        build.args(["build", "--progress=plain"]);
        build
            .arg(format!("--output=type=local,dest={}", out.display()))
            .arg(format!("--build-arg=BUILDKIT_SYNTAX={frontend}"));
        run(build.args(flags).arg(folder.path()))?;
        listed(&out)
    };
    let ours = build(FRONTEND)?;
    let reference = build(REFERENCE)?;
    assert_eq!(ours, reference, "{flags:?}");
    Ok(ours)
}

#[test]
fn the_flags_of_buildx() -> Result<()> {
    let flags = [
        "--no-cache",
        "--pull",
        "--add-host=harbour=10.1.2.3",
        "--shm-size=32m",
        "--ulimit=nofile=512:1024",
        "--network=none",
        "--resource=memory=64m",
        "--resource=cpuset-cpus=0",
    ];
    // Without what is different in each container.
    let dockerfile = LOOK
        .replace("cat /etc/hosts", "grep harbour /etc/hosts")
        .replace("grep memory /proc/self/cgroup > cgroup", "true");
    let seen = by_buildx(&dockerfile.replace("hostname > hostname", "true"), &flags)?;
    let text = |name: &str| {
        seen.iter()
            .find(|(path, _)| path == name)
            .map(|(_, text)| text.trim())
    };
    assert_eq!(text("files"), Some("512"));
    assert_eq!(text("interfaces"), Some("1"));
    assert_eq!(text("hosts"), Some("10.1.2.3\tharbour"));
    assert_eq!(text("cpus"), Some("Cpus_allowed_list:\t0"));
    ensure!(text("shm").is_some_and(|shm| shm.contains(" 32768 ")), "{seen:?}");
    let stages = by_buildx(
        STAGES,
        &[
            "--target=last",
            "--build-arg=WHO=buildx",
            "--no-cache-filter=first",
        ],
    )?;
    ensure!(
        stages
            .iter()
            .any(|(path, text)| path == "first" && text == "first buildx\n"),
        "{stages:?}"
    );
    Ok(())
}

#[test]
fn images_are_looked_up_as_asked() -> Result<()> {
    let folder = project(&[("Dockerfile", "FROM alpine\nRUN echo resolve\n")])?;
    let engine = engine()?;
    for mode in ["default", "pull", "local", ""] {
        both(
            folder.path(),
            |build| {
                build
                    .opt("image-resolve-mode", mode)
                    .arg("SOURCE_DATE_EPOCH", "2")
            },
            |build| image_digest(engine, build),
        )
        .context(mode)?;
    }
    failures(folder.path(), |build| build.opt("image-resolve-mode", "push"))?;
    Ok(())
}

#[test]
fn what_no_option_can_mean_is_refused() -> Result<()> {
    let folder = project(&[("Dockerfile", "FROM alpine\n")])?;
    for (key, value) in [
        ("platform", "linux/amd64/v1/more"),
        ("multi-platform", "perhaps"),
        ("cache-imports", "not json"),
        ("force-network-mode", "bridge"),
        ("add-hosts", "harbour"),
        ("add-hosts", "harbour=nowhere"),
        ("shm-size", "32m"),
        ("ulimit", "sails=3"),
        ("ulimit", "nofile=3:2"),
        ("memory", "-5"),
        ("cpusetcpus", "0-"),
        ("attest:vouch", ""),
        ("override-copy-image", "alpine"),
        ("build-arg:BUILDKIT_DISABLE_FILEOP", "true"),
    ] {
        failures(folder.path(), |build| build.opt(key, value)).with_context(|| format!("{key}={value}"))?;
    }
    Ok(())
}
