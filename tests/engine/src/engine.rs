//! A BuildKit daemon of our own, with a registry that serves its base images.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::time::Duration;

use anyhow::{Context, Result, anyhow};

use crate::apt::{self, Package};
use crate::docker_host::DockerHost;
use crate::program::{is_root, run};
use crate::supervise::{Keep, Supervised, mark_of, private_folder};
use crate::{ImageSpec, Lines, Parts, Progress, Registry, base};

/// Names a daemon to be used instead of one of our own.
pub const HOST_VARIABLE: &str = "BUILDKIT_HOST";

/// What the daemon uses: runc to run containers, igzip to unpack layers in a third of the time.
const PACKAGES: [Package; 2] = [Package::new("runc", "runc"), Package::new("isal", "igzip")];

/// The registries whose images the registry on loopback serves in their place.
const MIRRORED: [&str; 3] = ["docker.io", "ghcr.io", "registry.example"];

/// How an engine is to be started.
#[derive(Debug, Clone)]
pub struct EngineOptions {
    /// Whether the registry has the base images; without them the start of a first run takes no minutes.
    pub base_images: bool,
    /// Whether the daemon's log has its debug lines.
    pub debug: bool,
    /// Another daemon than that of [`Parts`], such as an older one.
    pub buildkitd: Option<PathBuf>,
    /// Further lines for the end of the daemon's `buildkitd.toml`.
    pub settings: String,
    /// Further arguments of the daemon.
    pub arguments: Vec<String>,
    /// The address of a running daemon to be used; `BUILDKIT_HOST` when none is given here.
    pub host: Option<String>,
    /// Whether `BUILDKIT_HOST` is looked at.
    pub use_host_variable: bool,
}

impl Default for EngineOptions {
    fn default() -> Self {
        let settings = String::new();
        Self {
            base_images: true,
            debug: false,
            buildkitd: None,
            settings,
            arguments: Vec::new(),
            host: None,
            use_host_variable: true,
        }
    }
}

/// A running engine; all of it is stopped on drop.
#[derive(Debug)]
pub struct Engine {
    // The daemon goes before the registry that it pulls from.
    daemon: Option<Daemon>,
    /// A daemon in the user's Docker; it is held for its drop.
    #[allow(dead_code, reason = "held for its drop")]
    borrowed: Option<Supervised>,
    registry: Registry,
    parts: Parts,
    host: String,
}

#[derive(Debug)]
struct Daemon {
    _process: Supervised,
    folder: PathBuf,
}

impl Engine {
    /// Installs what is missing and starts a registry and a daemon.
    ///
    /// Uses the daemon that `BUILDKIT_HOST` names instead when there is one; where this process is not root, both are
    /// started in the Docker Engine that answers. Such daemons pull the true base images, not ours.
    pub fn start(options: &EngineOptions, progress: &mut dyn Progress) -> Result<Self> {
        let parts = Parts::install(progress)?;
        let variable = env::var(HOST_VARIABLE).ok();
        let variable = variable.filter(|host| options.use_host_variable && !host.is_empty());
        let named = options.host.clone().or(variable);
        if let Some(host) = named {
            let registry = registry_beside(progress)?;
            return Ok(Self {
                daemon: None,
                borrowed: None,
                registry,
                parts,
                host,
            });
        }
        if !is_root() {
            let docker = DockerHost::find().with_context(|| format!(
                "BuildKit needs root: run this with sudo, or start Docker, or set {HOST_VARIABLE} to the address of a running BuildKit"
            ))?;
            progress.step("starting BuildKit and a registry in Docker, for this user is not root");
            let registry = Registry::start_in(&docker)?;
            let (host, process) = docker.start_buildkit()?;
            return Ok(Self {
                daemon: None,
                borrowed: Some(process),
                registry,
                parts,
                host,
            });
        }
        apt::ensure(&PACKAGES, progress)?;
        let seed = if options.base_images {
            Some(base::registry_data(progress)?)
        } else {
            None
        };
        let registry = Registry::start(seed.as_deref(), progress)?;
        let folder = private_folder("bk")?;
        let host = format!("unix://{}", folder.join("buildkitd.sock").display());
        let process = start_daemon(&parts, options, &registry, &folder)?;
        let daemon = Some(Daemon {
            _process: process,
            folder,
        });
        Ok(Self {
            daemon,
            borrowed: None,
            registry,
            parts,
            host,
        })
    }

    /// The one engine that the tests of a program share; started by whoever asks first, stopped when the program ends.
    pub fn shared() -> Result<&'static Self> {
        static SHARED: OnceLock<Result<Engine, String>> = OnceLock::new();
        let start = || {
            Self::start(&EngineOptions::default(), &mut Lines(std::io::stderr()))
                .map_err(|error| format!("{error:#}"))
        };
        SHARED
            .get_or_init(start)
            .as_ref()
            .map_err(|error| anyhow!("{error}"))
    }

    /// Where the programs are.
    pub fn parts(&self) -> &Parts {
        &self.parts
    }

    /// The daemon's address, such as `unix:///…`.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Whether the daemon is our own and not that of `BUILDKIT_HOST`.
    pub fn is_own(&self) -> bool {
        self.daemon.is_some()
    }

    /// The registry; it serves what is pushed there under the names of Docker Hub, too.
    pub fn registry(&self) -> &Registry {
        &self.registry
    }

    /// The file with the daemon's log; none when the daemon is not ours.
    pub fn log(&self) -> Option<PathBuf> {
        Some(self.daemon.as_ref()?.folder.join("buildkitd.log"))
    }

    /// A folder for scratch files that lives as long as the engine.
    pub fn folder(&self) -> &Path {
        self.registry.folder()
    }

    /// The name by which the daemon finds an image that was pushed here as `name`.
    ///
    /// That is `name` itself, or, with a daemon that has no mirror here, its name in the registry on loopback.
    pub fn image_name(&self, name: &str) -> String {
        if self.is_own() {
            return name.to_owned();
        }
        self.registry.image_name(name)
    }

    /// Pushes an OCI layout tar to the registry, such as [`crate::FRONTEND`].
    pub fn push_oci_tar(&self, tar: &Path, name: &str) -> Result<()> {
        self.registry.push_oci_tar(tar, name)
    }

    /// Pushes an image that was assembled here to the registry.
    pub fn push_image(&self, image: &ImageSpec, name: &str) -> Result<()> {
        self.registry.push_image(image, &[name])
    }

    /// `buildctl`, talking to this daemon; its configuration is apart from the user's.
    pub fn buildctl(&self) -> Command {
        let mut command = Command::new(&self.parts.buildctl);
        command
            .args(["--addr", &self.host])
            .env("DOCKER_CONFIG", self.folder().join("docker"));
        command.env_remove(HOST_VARIABLE).env_remove("TRACEPARENT");
        command
    }

    /// `buildx`, with this daemon as its builder (the `remote` driver); its configuration is apart from the user's.
    ///
    /// The arguments to add are those after `docker buildx`, such as `build …`.
    pub fn buildx(&self) -> Result<Command> {
        let mut create = self.buildx_command();
        static LOCK: std::sync::Mutex<()> = std::sync::Mutex::new(());
        let guard = LOCK.lock();
        if !self.folder().join("buildx/instances/plimsoll").exists() {
            run(create.args(["create", "--name", "plimsoll", "--driver", "remote", &self.host]))?;
        }
        drop(guard);
        let mut command = self.buildx_command();
        command.env("BUILDX_BUILDER", "plimsoll");
        Ok(command)
    }

    fn buildx_command(&self) -> Command {
        let mut command = Command::new(&self.parts.buildx);
        command
            .env("DOCKER_CONFIG", self.folder().join("docker"))
            .env("BUILDX_CONFIG", self.folder().join("buildx"));
        command
            .env("BUILDX_NO_DEFAULT_ATTESTATIONS", "1")
            .env_remove(HOST_VARIABLE);
        command
    }

    /// Forgets the results of all builds, so that the next one starts afresh.
    pub fn prune(&self) -> Result<()> {
        run(self.buildctl().args(["prune", "--all"]))?;
        Ok(())
    }
}

/// The registry beside a daemon that is not ours: a process here, or else a container in the user's Docker.
fn registry_beside(progress: &mut dyn Progress) -> Result<Registry> {
    match Registry::start(None, progress) {
        Ok(registry) => Ok(registry),
        Err(error) => Registry::start_in(&DockerHost::find().ok_or(error)?),
    }
}

fn start_daemon(
    parts: &Parts,
    options: &EngineOptions,
    registry: &Registry,
    folder: &Path,
) -> Result<Supervised> {
    let mark = mark_of(folder).context("the daemon's folder has no name")?;
    let config = folder.join("buildkitd.toml");
    fs::write(&config, settings(registry.address(), options, &mark))?;
    let socket = folder.join("buildkitd.sock");
    let program = options.buildkitd.as_ref().unwrap_or(&parts.buildkitd);
    let mut command = Command::new(program);
    command
        .arg("--config")
        .arg(&config)
        .arg("--root")
        .arg(folder.join("root"));
    command.arg("--addr").arg(format!("unix://{}", socket.display()));
    command.args([
        "--oci-worker=true",
        "--containerd-worker=false",
        "--oci-worker-binary=runc",
    ]);
    command.arg("--oci-worker-net=host");
    // Older daemons have one place for it, and don't mind others there.
    let help = run(Command::new(program).arg("--help"))?;
    if memchr::memmem::find(&help.stdout, b"--otel-socket-path").is_some() {
        command.arg("--otel-socket-path").arg(folder.join("otel.sock"));
    }
    if options.debug {
        command.arg("--debug");
    }
    command.args(&options.arguments);
    let log = folder.join("buildkitd.log");
    let keep = Keep {
        grace: Duration::from_secs(5),
        mark: Some(mark),
        folder: Some(folder.to_owned()),
    };
    let mut process = Supervised::start(&command, &keep, &log)?;
    let ready = || {
        let mut probe = Command::new(&parts.buildctl);
        let listed = probe
            .arg("--addr")
            .arg(format!("unix://{}", socket.display()))
            .args(["debug", "workers"])
            .output();
        socket.exists() && listed.is_ok_and(|output| output.status.success())
    };
    process.wait_ready(Duration::from_secs(30), ready)?;
    Ok(process)
}

fn settings(registry: &str, options: &EngineOptions, mark: &str) -> String {
    let mut text = "insecure-entitlements = [\"network.host\", \"security.insecure\"]\n\n".to_owned();
    text += &format!("[worker.oci]\ndefaultCgroupParent = \"{mark}\"\ngc = false\n\n");
    for name in MIRRORED {
        text += &format!("[registry.\"{name}\"]\nmirrors = [\"{registry}\"]\n\n");
    }
    text += &format!("[registry.\"{registry}\"]\nhttp = true\n\n");
    text + &options.settings
}
