//! A builder of three machines: what it spreads, what they share, and what is left when one is lost.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use plimsoll_engine::program::run;
use plimsoll_engine::{Build, Engine, EngineOptions, FRONTEND, Silent};
use serde_json::Value;

use crate::common::publish;
use crate::fixture::{cached, project, ran};

/// The three, of which the last says that it is for arm64.
struct Cluster {
    nodes: Vec<Option<Engine>>,
    config: tempfile::TempDir,
    registry: String,
}

fn node(platform: &str) -> Result<Engine> {
    let options = EngineOptions {
        use_host_variable: false,
        arguments: vec![format!("--oci-worker-platform={platform}")],
        ..EngineOptions::default()
    };
    let engine = Engine::start(&options, &mut Silent)?;
    publish(&engine)?;
    Ok(engine)
}

impl Cluster {
    fn start() -> Result<Self> {
        let nodes = [node("linux/amd64")?, node("linux/amd64")?, node("linux/arm64")?];
        let registry = nodes[0].registry().address().to_owned();
        let cluster = Self {
            nodes: nodes.into_iter().map(Some).collect(),
            config: tempfile::tempdir()?,
            registry,
        };
        for (place, name) in ["one", "two", "three"].iter().enumerate() {
            let host = cluster.node(place)?.host().to_owned();
            let platform = if place == 2 { "linux/arm64" } else { "linux/amd64" };
            let mut create = cluster.buildx()?;
            create.args(["create", "--name=cluster", "--driver=remote"]);
            create
                .arg(format!("--node={name}"))
                .arg(format!("--platform={platform}"));
            if place > 0 {
                create.arg("--append");
            }
            run(create.arg(host))?;
        }
        Ok(cluster)
    }

    fn node(&self, place: usize) -> Result<&Engine> {
        self.nodes[place].as_ref().context("this node is gone")
    }

    fn buildx(&self) -> Result<Command> {
        let parts = self
            .nodes
            .iter()
            .flatten()
            .next()
            .context("no node is left")?
            .parts();
        let mut command = Command::new(&parts.buildx);
        command
            .env("BUILDX_CONFIG", self.config.path())
            .env("DOCKER_CONFIG", self.config.path())
            .env("BUILDX_NO_DEFAULT_ATTESTATIONS", "1")
            .env_remove("BUILDKIT_HOST");
        Ok(command)
    }

    fn build(&self, folder: &Path, arguments: &[&str]) -> Result<Command> {
        let mut command = self.buildx()?;
        command.args(["build", "--builder=cluster", "--progress=plain"]);
        command.arg(format!("--build-arg=BUILDKIT_SYNTAX={FRONTEND}"));
        command.args(arguments).arg(folder);
        Ok(command)
    }
}

/// How many builds a node has seen.
fn builds(engine: &Engine) -> Result<usize> {
    let listed = run(engine.buildctl().args(["debug", "histories"]))?;
    Ok(String::from_utf8_lossy(&listed.stdout)
        .lines()
        .filter(|line| !line.starts_with("TYPE"))
        .count())
}

#[test]
fn three_nodes_and_then_two() -> Result<()> {
    let mut cluster = Cluster::start()?;
    let busy = spread(&cluster)?;
    share(&cluster)?;
    lose(&mut cluster, busy)
}

/// Each platform is built on a node that has it; gives the one of the first two that the client chose.
fn spread(cluster: &Cluster) -> Result<usize> {
    let folder = project(&[(
        "Dockerfile",
        "FROM scratch\nARG BUILDPLATFORM\nARG TARGETPLATFORM\nCOPY Dockerfile /$TARGETPLATFORM\nENV BUILT=$BUILDPLATFORM-$TARGETPLATFORM\n",
    )])?;
    let counts = || -> Result<Vec<usize>> { cluster.nodes.iter().flatten().map(builds).collect() };
    let before = counts()?;
    let name = format!("{}/cluster/spread:1", cluster.registry);
    run(&mut cluster.build(
        folder.path(),
        &["--platform=linux/amd64,linux/arm64", "--push", "--tag", &name],
    )?)?;
    let after = counts()?;
    let worked: Vec<usize> = (0..3).filter(|&place| before[place] < after[place]).collect();
    let [busy, 2] = worked.as_slice() else {
        anyhow::bail!("built on {worked:?}: {before:?}, {after:?}");
    };
    let mut inspect = cluster.buildx()?;
    inspect.args([
        "imagetools",
        "inspect",
        "--builder=cluster",
        "--format={{json .Image}}",
        &name,
    ]);
    let images: Value = serde_json::from_slice(&run(&mut inspect)?.stdout)?;
    for platform in ["linux/amd64", "linux/arm64"] {
        let env = images[platform]["config"]["Env"].to_string();
        ensure!(
            env.contains(&format!("BUILT={platform}-{platform}")),
            "{platform}: {images}"
        );
    }
    Ok(*busy)
}

/// What one node exported, another one has.
fn share(cluster: &Cluster) -> Result<()> {
    let folder = project(&[
        (
            "Dockerfile",
            "FROM alpine AS work\nCOPY file /\nRUN sha256sum /file > /sum\nFROM scratch\nCOPY --from=work /sum /\n",
        ),
        ("file", "content\n"),
    ])?;
    let place = format!("type=registry,ref={}/cluster/cache:1", cluster.registry);
    Build::new(folder.path())
        .flag("--export-cache")
        .flag(&format!("{place},mode=max"))
        .run_ok(cluster.node(0)?)?;
    let built = Build::new(folder.path())
        .flag("--import-cache")
        .flag(&place)
        .run_ok(cluster.node(1)?)?;
    assert_eq!(ran(&built.record), Vec::<&str>::new());
    assert_eq!(cached(&built.record).len(), 3, "{:?}", built.record.started());
    Ok(())
}

/// A node is killed in the middle of a build.
fn lose(cluster: &mut Cluster, busy: usize) -> Result<()> {
    let folder = project(&[("Dockerfile", "FROM alpine\nRUN echo under way; sleep 60\n")])?;
    let mut build = cluster.build(folder.path(), &["--platform=linux/amd64"])?;
    let mut client = build.stdout(Stdio::null()).stderr(Stdio::piped()).spawn()?;
    let mut said = String::new();
    let lines = BufReader::new(client.stderr.take().context("no stderr")?).lines();
    let mut lost = false;
    for line in lines {
        let line = line?;
        said += &(line.clone() + "\n");
        if !lost && line.ends_with("under way") {
            // The daemon gets no time to finish what it does.
            cluster.nodes[busy] = None;
            lost = true;
        }
    }
    let status = client.wait()?;
    ensure!(lost, "the step never ran:\n{said}");
    ensure!(!status.success(), "the build went on without its node:\n{said}");
    let error = said.lines().rfind(|line| line.starts_with("ERROR:"));
    let error = error.with_context(|| format!("no error in\n{said}"))?;
    ensure!(
        ["Unavailable", "closing", "EOF", "connection", "canceled"]
            .iter()
            .any(|word| error.contains(word)),
        "{error}"
    );

    // buildx waits for every node that it knows; the lost one is taken from its list, and those left go on.
    let names = ["one", "two", "three"];
    let mut leave = cluster.buildx()?;
    leave.args(["create", "--name=cluster", "--leave"]);
    run(leave.arg(format!("--node={}", names[busy])))?;
    let next = project(&[("Dockerfile", "FROM alpine\nRUN echo on those left\n")])?;
    let name = format!("type=oci,dest={}", next.path().join("image.tar").display());
    run(&mut cluster.build(
        next.path(),
        &["--platform=linux/amd64", &format!("--output={name}")],
    )?)?;
    Ok(())
}
