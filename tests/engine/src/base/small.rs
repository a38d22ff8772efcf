//! The small image: busybox, and the few files that every distribution has.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;

use crate::program::run;

const FOLDERS: [(&str, u32); 18] = [
    ("bin", 0o755),
    ("dev", 0o755),
    ("etc", 0o755),
    ("home", 0o755),
    ("lib", 0o755),
    ("mnt", 0o755),
    ("opt", 0o755),
    ("proc", 0o555),
    ("root", 0o700),
    ("run", 0o755),
    ("sbin", 0o755),
    ("srv", 0o755),
    ("sys", 0o555),
    ("tmp", 0o1777),
    ("usr/bin", 0o755),
    ("usr/sbin", 0o755),
    ("usr/local/bin", 0o755),
    ("var/tmp", 0o1777),
];

const FILES: [(&str, &str); 5] = [
    (
        "etc/passwd",
        "root:x:0:0:root:/root:/bin/sh\nbin:x:1:1:bin:/bin:/sbin/nologin\ndaemon:x:2:2:daemon:/sbin:/sbin/nologin\n\
         app:x:1000:1000:app:/home/app:/bin/sh\nnobody:x:65534:65534:nobody:/:/sbin/nologin\n",
    ),
    (
        "etc/group",
        "root:x:0:root\nbin:x:1:root,bin,daemon\ndaemon:x:2:root,bin,daemon\napp:x:1000:\nnobody:x:65534:\n",
    ),
    ("etc/shells", "/bin/sh\n/bin/ash\n"),
    (
        "etc/os-release",
        "ID=plimsoll-small\nNAME=\"Plimsoll's small base image\"\nPRETTY_NAME=\"busybox\"\n",
    ),
    (
        "etc/profile",
        "export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\n",
    ),
];

/// Fills `root` with a root file system around the static program `busybox`.
pub fn assemble(busybox: &Path, root: &Path) -> Result<()> {
    for (folder, mode) in FOLDERS {
        let path = root.join(folder);
        fs::create_dir_all(&path)?;
        fs::set_permissions(&path, fs::Permissions::from_mode(mode))?;
    }
    for (file, text) in FILES {
        fs::write(root.join(file), text)?;
    }
    fs::copy(busybox, root.join("bin/busybox"))?;
    let applets = run(Command::new(busybox).arg("--list-full"))?;
    for applet in String::from_utf8_lossy(&applets.stdout).lines() {
        link(root, applet)?;
    }
    for shell in ["bin/sh", "bin/ash", "usr/bin/env"] {
        link(root, shell)?;
    }
    super::add_certificates(root)
}

fn link(root: &Path, applet: &str) -> Result<()> {
    let path = root.join(applet);
    if path.symlink_metadata().is_ok() {
        return Ok(());
    }
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent)?;
    }
    let up: PathBuf = applet.split('/').skip(1).map(|_| "..").collect();
    Ok(symlink(up.join("bin/busybox"), path)?)
}
