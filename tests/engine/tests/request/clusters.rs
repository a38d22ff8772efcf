//! A builder of three machines: what it spreads, what they share, and what is left when one is lost.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use plimsoll_engine::apt::{self, Package};
use plimsoll_engine::program::{need, run};
use plimsoll_engine::registry::free_port;
use plimsoll_engine::supervise::{Keep, Supervised};
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
    one_reference_a_platform(&cluster)?;
    the_list_shares_no_load(&cluster)?;
    a_balancer_does(&cluster)?;
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

/// The nodes that have each of the platforms.
const PLATFORMS: [(&str, &[usize]); 2] = [("amd64", &[0, 1]), ("arm64", &[2])];

/// What each platform's node exports is there for all nodes of that platform, as long as each has a reference of its own.
fn one_reference_a_platform(cluster: &Cluster) -> Result<()> {
    let folder = project(&[
        (
            "Dockerfile",
            "FROM scratch AS work\nARG TARGETARCH\nCOPY file /$TARGETARCH\nFROM scratch\nCOPY --from=work / /made/\n",
        ),
        ("file", "content\n"),
    ])?;
    let place = |tag: &str| format!("type=registry,ref={}/cluster/platforms:{tag}", cluster.registry);
    // How many nodes have nothing left to do, with what they import.
    let served = |tag: &dyn Fn(&str) -> String| -> Result<Vec<usize>> {
        let mut served = Vec::new();
        for (architecture, nodes) in PLATFORMS {
            for &node in nodes {
                let engine = cluster.node(node)?;
                engine.prune()?;
                let built = Build::new(folder.path())
                    .opt("platform", &format!("linux/{architecture}"))
                    .flag("--import-cache")
                    .flag(&place(&tag(architecture)))
                    .run_ok(engine)?;
                if ran(&built.record).is_empty() {
                    served.push(node);
                }
            }
        }
        Ok(served)
    };

    let both = format!("--cache-to={},mode=max", place("both"));
    run(&mut cluster.build(
        folder.path(),
        &["--platform=linux/amd64,linux/arm64", "--no-cache", &both],
    )?)?;
    let found = served(&|_| "both".to_owned())?;
    ensure!(
        found == [0, 1] || found == [2],
        "with one reference for both platforms one overwrites the other, and yet it serves {found:?}"
    );

    let mut images = Vec::new();
    for (architecture, _) in PLATFORMS {
        let to = format!("--cache-to={},mode=max", place(architecture));
        let name = format!("{}/cluster/platforms:app-{architecture}", cluster.registry);
        let platform = format!("--platform=linux/{architecture}");
        let arguments = [&platform, "--no-cache", &to, "--push", "--tag", &name];
        run(&mut cluster.build(folder.path(), &arguments)?)?;
        images.push(name);
    }
    assert_eq!(served(&str::to_owned)?, [0, 1, 2]);

    // The images become one.
    let name = format!("{}/cluster/platforms:app", cluster.registry);
    let mut create = cluster.buildx()?;
    create.args(["imagetools", "create", "--builder=cluster", "--tag", &name]);
    run(create.args(&images))?;
    let mut inspect = cluster.buildx()?;
    inspect.args(["imagetools", "inspect", "--builder=cluster"]);
    let said = run(inspect.args(["--format={{json .Image}}", &name]))?;
    let said: Value = serde_json::from_slice(&said.stdout)?;
    for (architecture, _) in PLATFORMS {
        assert_eq!(
            said[format!("linux/{architecture}")]["architecture"],
            architecture
        );
    }
    Ok(())
}

/// How many builds went to each of the first two nodes while a client was asked for `COUNT` of them.
fn shares(cluster: &Cluster, client: impl Fn(&Path) -> Result<Command>) -> Result<[usize; 2]> {
    const COUNT: usize = 6;
    let counts = || -> Result<[usize; 2]> { Ok([builds(cluster.node(0)?)?, builds(cluster.node(1)?)?]) };
    let before = counts()?;
    let folder = project(&[("Dockerfile", "FROM scratch\nCOPY Dockerfile /\n")])?;
    // Side by side, so that one that has nothing to do could help out.
    let clients: Vec<_> = (0..COUNT)
        .map(|_| Ok(client(folder.path())?.stderr(Stdio::null()).spawn()?))
        .collect::<Result<_>>()?;
    for mut client in clients {
        ensure!(client.wait()?.success(), "a build failed");
    }
    let after = counts()?;
    let shares = [after[0] - before[0], after[1] - before[1]];
    assert_eq!(shares[0] + shares[1], COUNT, "{shares:?}");
    Ok(shares)
}

/// Of the nodes that have a platform, buildx takes the same one each time.
fn the_list_shares_no_load(cluster: &Cluster) -> Result<()> {
    let shares = shares(cluster, |folder| {
        cluster.build(folder, &["--platform=linux/amd64"])
    })?;
    ensure!(
        shares.contains(&0),
        "buildx spreads builds over its list now ({shares:?}): say so in docs/clusters.md"
    );
    Ok(())
}

/// One address for both, behind which each connection, and that is each build, goes to the node that has fewest.
fn a_balancer_does(cluster: &Cluster) -> Result<()> {
    apt::ensure(&[Package::new("haproxy", "haproxy")], &mut Silent)?;
    let port = free_port()?;
    let mut config = format!(
        "defaults\n  mode tcp\n  timeout connect 5s\n  timeout client 1h\n  timeout server 1h\n\
         listen fleet\n  bind 127.0.0.1:{port}\n  balance leastconn\n"
    );
    for node in 0..2 {
        let socket = cluster.node(node)?.host().replacen("unix://", "unix@", 1);
        config += &format!("  server node{node} {socket}\n");
    }
    let place = tempfile::tempdir()?;
    let file = place.path().join("haproxy.cfg");
    fs::write(&file, config)?;
    let mut command = Command::new(need("haproxy", "haproxy")?);
    command.arg("-f").arg(&file);
    let mut balancer = Supervised::start(&command, &Keep::default(), &place.path().join("log"))?;
    balancer.wait_ready(Duration::from_secs(20), || {
        TcpStream::connect(("127.0.0.1", port)).is_ok()
    })?;
    let mut create = cluster.buildx()?;
    create.args(["create", "--name=balanced", "--driver=remote"]);
    run(create.arg(format!("tcp://127.0.0.1:{port}")))?;
    let shares = shares(cluster, |folder| {
        let mut command = cluster.buildx()?;
        command.args(["build", "--builder=balanced", "--progress=plain"]);
        command.arg(format!("--build-arg=BUILDKIT_SYNTAX={FRONTEND}"));
        command.arg(folder);
        Ok(command)
    })?;
    ensure!(!shares.contains(&0), "the balancer sent all to one: {shares:?}");
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
