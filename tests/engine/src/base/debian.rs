//! The Debian images: debootstrap for the bottom, apt inside of it for what comes on top.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

use crate::Layer;
use crate::program::{find, is_root, need, run};

const RELEASE: &str = "bookworm";
/// Names another mirror than the one that debootstrap knows.
pub const MIRROR_VARIABLE: &str = "PLIMSOLL_DEBIAN_MIRROR";

/// Documentation is left out, as Docker's slim images do.
const LEAN: &str = "path-exclude /usr/share/doc/*\npath-include /usr/share/doc/*/copyright\n\
                    path-exclude /usr/share/man/*\npath-exclude /usr/share/locale/*\npath-exclude /usr/share/info/*\n";
const APT: &str = "APT::Install-Recommends \"false\";\nAPT::Install-Suggests \"false\";\nAcquire::Languages \"none\";\n\
                   Acquire::Check-Valid-Until \"false\";\nAcquire::Check-Date \"false\";\n";
const LEFTOVERS: &str = "rm -rf /var/cache/apt/*.bin /var/cache/apt/archives/*.deb /var/lib/apt/lists/* \
                         /var/log/*.log /var/log/apt /var/cache/debconf/*-old /var/lib/dpkg/*-old \
                         /usr/share/man/* /usr/share/locale/* /usr/share/info/*; \
                         find /usr/share/doc -type f ! -name copyright -delete; find /usr/share/doc -type l -delete";

/// Halves Go: what only its own developers need is left out, so that each engine unpacks it in a moment.
pub const LEAN_GO: &str = "cd /usr/share/go-1.* && rm -rf test api src/cmd ../../lib/go-1.*/pkg/*/cmd; \
                           find src -name testdata -prune -exec rm -rf {} +; find src -name '*_test.go' -delete";

fn mirror() -> Option<String> {
    std::env::var(MIRROR_VARIABLE).ok()
}

/// What the content of the images depends on, beside this program.
pub fn key() -> String {
    let mirror = mirror().unwrap_or_default();
    [RELEASE, &mirror, LEAN, APT, LEFTOVERS, LEAN_GO].join("\n")
}

/// Fills `root` with a minimal Debian.
pub fn bootstrap(root: &Path) -> Result<()> {
    anyhow::ensure!(
        is_root(),
        "base images are assembled by debootstrap and that needs root: run it with sudo"
    );
    // In a mount namespace of its own, so that an interrupt leaves no /proc mounted in there.
    let mut command = Command::new(need("unshare", "util-linux")?);
    command
        .args(["--mount", "--propagation", "private"])
        .arg(need("debootstrap", "debootstrap")?);
    command
        .args(["--variant=minbase", "--include=ca-certificates", RELEASE])
        .arg(root)
        .args(mirror());
    run(&mut command)?;
    fs::write(root.join("etc/dpkg/dpkg.cfg.d/lean"), LEAN)?;
    fs::write(root.join("etc/apt/apt.conf.d/90lean"), APT)?;
    fs::write(
        root.join("etc/pip.conf"),
        format!("[global]\ncert = {}\n", super::CERTIFICATES),
    )?;
    super::add_certificates(root)?;
    inside(root, LEFTOVERS)
}

/// Copies the tree `base` to `root`, installs packages and runs `script` in the copy, and gives the layer between the two.
pub fn add(base: &Path, root: &Path, packages: &[&str], script: &str) -> Result<Layer> {
    run(Command::new(find("cp").context("`cp` is missing")?)
        .args(["-a", "--reflink=auto"])
        .arg(base)
        .arg(root))?;
    inside(root, "apt-get update")?;
    inside(root, &format!("apt-get install -y {}", packages.join(" ")))?;
    // The certificates' package may have written its own over the host's.
    super::add_certificates(root)?;
    inside(root, LEFTOVERS)?;
    inside(root, script)?;
    like_the_official_images(root)?;
    let file = root.with_extension("tar.gz");
    Layer::between(Some(base), root, &file)
}

/// The official images have Python under /usr/local and let pip install into it.
fn like_the_official_images(root: &Path) -> Result<()> {
    for (name, target) in [
        ("python", "python3"),
        ("python3", "python3"),
        ("pip", "pip3"),
        ("pip3", "pip3"),
    ] {
        let link = root.join("usr/local/bin").join(name);
        if root.join("usr/bin").join(target).symlink_metadata().is_ok() && link.symlink_metadata().is_err() {
            symlink(format!("/usr/bin/{target}"), link)?;
        }
    }
    let marker = root.join("usr/lib/python3.11/EXTERNALLY-MANAGED");
    if marker.exists() {
        fs::remove_file(marker)?;
    }
    Ok(fs::create_dir_all(root.join("go/src"))?)
}

fn inside(root: &Path, script: &str) -> Result<()> {
    let mut command = Command::new(need("unshare", "util-linux")?);
    command
        .args(["--mount", "--propagation", "private"])
        .arg(need("chroot", "coreutils")?)
        .arg(root);
    command
        .args(["/bin/sh", "-c", script])
        .env("DEBIAN_FRONTEND", "noninteractive");
    command
        .env(
            "PATH",
            "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        )
        .env("LC_ALL", "C.UTF-8");
    run(&mut command)?;
    Ok(())
}
