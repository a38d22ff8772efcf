//! A Docker Engine of our own, beside one that the machine may have.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result};

use crate::apt::{self, Package};
use crate::docker_root::DockerRoot;
use crate::program::{find, find_packaged, is_root, run};
use crate::supervise::{Keep, Supervised, mark_of, private_folder};
use crate::{Engine, Progress};

/// Where the kernel shows Docker's default bridge.
const BRIDGE: &str = "/sys/class/net/docker0";

/// A running Docker Engine; stopped on drop.
#[derive(Debug)]
pub struct Dockerd {
    process: Supervised,
    // Whether the default bridge of Docker was not there before.
    new_bridge: bool,
    folder: PathBuf,
    client: PathBuf,
    bridge: bool,
}

impl Dockerd {
    /// Starts the dockerd of a newer Debian, likewise.
    pub fn start_newer(engine: &Engine, progress: &mut dyn Progress) -> Result<Self> {
        apt::ensure(&[Package::new("iproute2", "ip")], progress)?;
        anyhow::ensure!(is_root(), "dockerd needs root: run this with sudo");
        let root = DockerRoot::install(progress)?;
        let first = Self::start_with(engine, Some(&root), true);
        let started = first.or_else(|_| Self::start_with(engine, Some(&root), false));
        started.context("could not start the newer dockerd")
    }

    /// Starts Debian's dockerd; it pulls from Docker Hub by way of the engine's registry.
    ///
    /// Where the default bridge can't be made it runs without one; see [`Dockerd::has_bridge`].
    pub fn start(engine: &Engine, progress: &mut dyn Progress) -> Result<Self> {
        apt::ensure(
            &[Package::new("docker.io", "dockerd"), Package::new("runc", "runc")],
            progress,
        )?;
        anyhow::ensure!(is_root(), "dockerd needs root: run this with sudo");
        let first = Self::start_with(engine, None, true);
        let started = first.or_else(|_| Self::start_with(engine, None, false));
        started.context("could not start dockerd")
    }

    fn start_with(engine: &Engine, root: Option<&DockerRoot>, bridge: bool) -> Result<Self> {
        let folder = private_folder("dk")?;
        let mark = mark_of(&folder).context("the daemon's folder has no name")?;
        let socket = folder.join("docker.sock");
        let mut command = match root {
            Some(root) => root.command(&folder, "dockerd")?,
            None => Command::new(find_packaged("dockerd").context("dockerd is missing")?),
        };
        command
            .arg("--data-root")
            .arg(folder.join("data"))
            .arg("--exec-root")
            .arg(folder.join("exec"));
        command
            .arg("--pidfile")
            .arg(folder.join("pid"))
            .arg("-H")
            .arg(format!("unix://{}", socket.display()));
        command.arg("--config-file").arg(folder.join("daemon.json"));
        command
            .arg("--registry-mirror")
            .arg(format!("http://{}", engine.registry().address()));
        command.args([
            "--insecure-registry",
            engine.registry().address(),
            "--cgroup-parent",
            &mark,
        ]);
        command.env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
        if !bridge {
            command.args(["--bridge=none", "--iptables=false", "--ip6tables=false"]);
        }
        fs::write(folder.join("daemon.json"), "{}")?;
        let new_bridge = bridge && !Path::new(BRIDGE).exists();
        let log = folder.join("dockerd.log");
        let keep = Keep {
            grace: Duration::from_secs(15),
            mark: Some(mark),
            folder: Some(folder.clone()),
        };
        let mut process = Supervised::start(&command, &keep, &log)?;
        let client = match root {
            Some(root) => root.file("/usr/bin/docker")?,
            None => find_packaged("docker").context("docker is missing")?,
        };
        let ready = || {
            let mut probe = client_command(&client, &folder);
            socket.exists()
                && probe
                    .arg("version")
                    .output()
                    .is_ok_and(|output| output.status.success())
        };
        process.wait_ready(Duration::from_secs(60), ready)?;
        let plugins = folder.join("config/cli-plugins");
        fs::create_dir_all(&plugins)?;
        symlink(&engine.parts().buildx, plugins.join("docker-buildx"))?;
        // What `docker build` is from 23.0 on, as the distribution has it.
        let own = root.map(|root| root.file("/usr/libexec/docker/cli-plugins/docker-buildx"));
        if let Some(own) = own.transpose()? {
            let plugins = folder.join("own/cli-plugins");
            fs::create_dir_all(&plugins)?;
            symlink(own, plugins.join("docker-buildx"))?;
        }
        Ok(Self {
            process,
            new_bridge,
            folder,
            client,
            bridge,
        })
    }

    /// Its address, `unix://…`.
    pub fn host(&self) -> String {
        format!("unix://{}", self.folder.join("docker.sock").display())
    }

    /// Whether containers have a network of their own; where not, builds want `--network host`.
    pub fn has_bridge(&self) -> bool {
        self.bridge
    }

    /// The daemon's log.
    pub fn log(&self) -> PathBuf {
        self.folder.join("dockerd.log")
    }

    /// `docker`, talking to this daemon with BuildKit on; its configuration is apart from the user's.
    ///
    /// `docker build` is the old client's own; `docker buildx build` uses our buildx with its `docker` driver.
    pub fn docker(&self) -> Command {
        client_command(&self.client, &self.folder)
    }

    /// Like [`Dockerd::docker`], without our buildx: with that of the newer engine's distribution, which its `docker build`
    /// is, and with none for the older engine.
    pub fn docker_with_own_buildx(&self) -> Command {
        let mut command = self.docker();
        command.env("DOCKER_CONFIG", self.folder.join("own"));
        command
    }

    /// The engine's version, such as `20.10.24+dfsg1`.
    pub fn version(&self) -> Result<String> {
        let output = run(self.docker().args(["version", "--format", "{{.Server.Version}}"]))?;
        Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    }
}

impl Drop for Dockerd {
    fn drop(&mut self) {
        self.process.stop();
        // Another engine, of ours or of the user, may have come to share the bridge.
        if self.new_bridge
            && !another_runs()
            && let Some(ip) = find("ip")
        {
            // A bridge that stays does no harm.
            let _ = run(Command::new(ip).args(["link", "delete", "docker0"]));
        }
    }
}

/// Whether any Docker Engine runs on this machine.
fn another_runs() -> bool {
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    let mut names = processes.filter_map(|process| fs::read_to_string(process.path().join("comm")).ok());
    names.any(|name| name.trim_end() == "dockerd")
}

fn client_command(client: &Path, folder: &Path) -> Command {
    let mut command = Command::new(client);
    command.env(
        "DOCKER_HOST",
        format!("unix://{}", folder.join("docker.sock").display()),
    );
    command
        .env("DOCKER_CONFIG", folder.join("config"))
        .env("BUILDX_CONFIG", folder.join("buildx"));
    command
        .env("DOCKER_BUILDKIT", "1")
        .env_remove("DOCKER_CONTEXT")
        .env_remove("BUILDX_BUILDER");
    command
}
