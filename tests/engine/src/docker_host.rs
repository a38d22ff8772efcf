//! The Docker Engine of a user who is not root: our daemons run in it as containers, on this machine's network.

use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use anyhow::Result;

use crate::parts::TOOLS;
use crate::program::find;
use crate::supervise::{Keep, Supervised, mark_of, private_folder};

/// BuildKit as an image; its tag is the version that the rest of the harness uses.
const BUILDKIT_IMAGE: &str = "moby/buildkit";

/// What BuildKit needs of `--privileged`, for a machine whose own root has not all of it, such as a container.
const ALMOST_PRIVILEGED: [&str; 14] = [
    "--cap-add",
    "ALL",
    "--cap-drop",
    "SYS_RESOURCE",
    "--security-opt",
    "seccomp=unconfined",
    "--security-opt",
    "systempaths=unconfined",
    "--cgroupns",
    "host",
    "--device-cgroup-rule",
    "a *:* rwm",
    "--volume",
    "/sys/fs/cgroup:/sys/fs/cgroup",
];

/// A Docker Engine that answers.
#[derive(Debug, Clone)]
pub struct DockerHost {
    docker: PathBuf,
}

impl DockerHost {
    /// The engine that `docker` talks to by itself, when there is one.
    pub fn find() -> Option<Self> {
        let docker = find("docker")?;
        let answer = Command::new(&docker)
            .args(["version", "--format", "{{.Server.Version}}"])
            .output();
        answer
            .is_ok_and(|output| output.status.success())
            .then_some(Self { docker })
    }

    /// The command that runs an image in the foreground, on this machine's network, and removes the container after it.
    pub fn run(&self, image: &str, options: &[&str], arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.docker);
        command
            .args(["run", "--rm", "--network", "host"])
            .args(options)
            .arg(image)
            .args(arguments);
        command
    }

    /// Starts BuildKit and gives its address; it is stopped when the other value is dropped.
    pub fn start_buildkit(&self) -> Result<(String, Supervised)> {
        let privileged = self.start_buildkit_with(&["--privileged"]);
        privileged.or_else(|first| self.start_buildkit_with(&ALMOST_PRIVILEGED).map_err(|_| first))
    }

    fn start_buildkit_with(&self, options: &[&str]) -> Result<(String, Supervised)> {
        let folder = private_folder("bk")?;
        let name = mark_of(&folder).unwrap_or_default();
        let version = TOOLS.version_of("github.com/moby/buildkit").unwrap_or("latest");
        let image = format!("{BUILDKIT_IMAGE}:{version}");
        let options = [options, &["--name", &name]].concat();
        let command = self.run(&image, &options, &["--oci-worker-net=host"]);
        let log = folder.join("buildkitd.log");
        let keep = Keep {
            grace: Duration::from_secs(15),
            mark: None,
            folder: Some(folder),
        };
        let mut process = Supervised::start(&command, &keep, &log)?;
        let ready = || {
            let mut probe = Command::new(&self.docker);
            let answer = probe
                .args(["exec", &name, "buildctl", "debug", "workers"])
                .output();
            answer.is_ok_and(|output| output.status.success())
        };
        process.wait_ready(Duration::from_secs(300), ready)?;
        Ok((format!("docker-container://{name}"), process))
    }
}
