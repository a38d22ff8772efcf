//! A newer Docker Engine than this machine's distribution has: that of a newer Debian, in a root file system of its own.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::apt::{self, Package};
use crate::program::{need, run};
use crate::{Progress, cache};

const RELEASE: &str = "forky";
const PACKAGES: &str = "ca-certificates,docker.io,docker-cli,docker-buildx,git,iptables";
/// All releases of today are made by this one; that of an older debootstrap does not know the newest by name.
const SCRIPT: &str = "/usr/share/debootstrap/scripts/sid";

/// Where debootstrap gets Debian when nobody names a mirror; it must be named all the same before a script can be.
fn usual_mirror() -> Result<String> {
    let program = std::fs::read_to_string(need("debootstrap", "debootstrap")?)?;
    let line = program
        .lines()
        .find_map(|line| line.trim().strip_prefix("DEF_MIRROR="));
    let mirror = line.context("debootstrap names no mirror of its own; set PLIMSOLL_DEBIAN_MIRROR")?;
    Ok(mirror.trim_matches('"').to_owned())
}

/// Makes the root a mount, as runc wants it, shows it the kernel's folders and those of the daemon at their places, and runs
/// a program in it. All mounts are of a namespace that ends with the program.
const ENTER: &str = r#"
set -e
root=$1 folder=$2; shift 2
mount --rbind "$root" "$root"
# Where the daemon's folder mostly is; its place is made here.
mount -t tmpfs tmpfs "$root/tmp"
for place in /proc /sys /dev "$folder"; do
    mkdir -p "$root$place"
    mount --rbind "$place" "$root$place"
done
exec chroot "$root" "$@"
"#;

/// A root file system with Docker in it.
#[derive(Debug, Clone)]
pub struct DockerRoot {
    folder: PathBuf,
}

impl DockerRoot {
    /// Makes it once on a machine.
    pub fn install(progress: &mut dyn Progress) -> Result<Self> {
        apt::ensure(&[Package::new("debootstrap", "debootstrap")], progress)?;
        let mirror = std::env::var(crate::base::MIRROR_VARIABLE).or_else(|_| usual_mirror())?;
        let key = cache::key(&[RELEASE.as_bytes(), PACKAGES.as_bytes(), mirror.as_bytes()]);
        let folder = cache::once(
            &format!("docker-{RELEASE}-{key}"),
            progress,
            |folder, progress| {
                progress.step(&format!("installing the Docker Engine of Debian {RELEASE}"));
                let mut command = Command::new(need("unshare", "util-linux")?);
                command
                    .args(["--mount", "--propagation", "private"])
                    .arg(need("debootstrap", "debootstrap")?);
                command
                    .args(["--variant=minbase", &format!("--include={PACKAGES}"), RELEASE])
                    .arg(folder)
                    .args([&mirror, SCRIPT]);
                run(&mut command)?;
                Ok(())
            },
        )?;
        Ok(Self { folder })
    }

    /// A command that runs a program in there; `shared` is a folder that it sees at the same place.
    pub fn command(&self, shared: &Path, program: &str) -> Result<Command> {
        let mut command = Command::new(need("unshare", "util-linux")?);
        command
            .args([
                "--mount",
                "--propagation",
                "private",
                "/bin/sh",
                "-c",
                ENTER,
                "plimsoll-docker",
            ])
            .arg(&self.folder)
            .arg(shared)
            .arg(program);
        Ok(command)
    }

    /// The place of a file in there, as seen from here.
    pub fn file(&self, name: &str) -> Result<PathBuf> {
        let path = self.folder.join(name.trim_start_matches('/'));
        path.exists()
            .then_some(path)
            .with_context(|| format!("Debian's Docker has no {name}"))
    }
}
