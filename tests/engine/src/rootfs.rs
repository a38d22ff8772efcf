//! Running an image's process in its own root file system.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use anyhow::{Context, Result};
use tempfile::TempDir;

use crate::OciImage;
use crate::program::{is_root, need};
use crate::supervise::{Keep, Supervised};

/// Mounts what a container has, then runs `unshare`, which changes root, user and folder and becomes the program.
const SCRIPT: &str = r#"
set -e
root=$1; shift
mount -t proc proc "$root/proc"
mount -t tmpfs -o mode=755 tmpfs "$root/dev"
for device in null zero full random urandom tty; do
    : > "$root/dev/$device"
    mount --bind "/dev/$device" "$root/dev/$device"
done
ln -s /proc/self/fd "$root/dev/fd"
mkdir "$root/dev/shm"
mount -t tmpfs -o mode=1777 tmpfs "$root/dev/shm"
# Stays as the first process, still root: a change of user would undo the order to die with the harness.
set +e
"$@"
exit $?
"#;

/// A process to be run, or running, in a root file system; killed on drop with all that it started.
#[derive(Debug)]
pub struct Process {
    rootfs: PathBuf,
    argv: Vec<String>,
    env: BTreeMap<String, String>,
    cwd: String,
    user: String,
    unpacked: Option<TempDir>,
}

/// What became of a process.
#[derive(Debug, Clone)]
pub struct Finished {
    /// Its exit code; 128 and the signal's number when a signal ended it.
    pub code: i32,
    /// What it wrote to stdout.
    pub stdout: String,
    /// What it wrote to stderr.
    pub stderr: String,
}

/// A process that runs in the background; killed on drop.
#[derive(Debug)]
pub struct Running {
    process: Supervised,
    log: PathBuf,
    _folders: (TempDir, Option<TempDir>),
}

impl Process {
    /// A process in the root file system `rootfs`, with an empty environment but for PATH.
    pub fn new(rootfs: &Path, argv: &[&str]) -> Self {
        let path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
        Self {
            rootfs: rootfs.to_owned(),
            argv: argv.iter().map(|&word| word.to_owned()).collect(),
            env: BTreeMap::from([("PATH".to_owned(), path.to_owned())]),
            cwd: "/".to_owned(),
            user: String::new(),
            unpacked: None,
        }
    }

    /// The process that the image's config asks for, in a fresh copy of its files.
    pub fn of_image(image: &OciImage) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let rootfs = folder.path().join("rootfs");
        image.unpack(&rootfs)?;
        let mut process = Self::new(&rootfs, &[]);
        process.argv = image.command();
        for pair in image.list("Env") {
            if let Some((key, value)) = pair.split_once('=') {
                process = process.env(key, value);
            }
        }
        if !image.text("WorkingDir").is_empty() {
            process = process.cwd(image.text("WorkingDir"));
        }
        process.user = image.text("User").to_owned();
        process.unpacked = Some(folder);
        Ok(process)
    }

    /// Another command line.
    pub fn argv(mut self, argv: &[&str]) -> Self {
        self.argv = argv.iter().map(|&word| word.to_owned()).collect();
        self
    }

    /// One more environment variable.
    pub fn env(mut self, key: &str, value: &str) -> Self {
        self.env.insert(key.to_owned(), value.to_owned());
        self
    }

    /// The folder to start in.
    pub fn cwd(mut self, folder: &str) -> Self {
        folder.clone_into(&mut self.cwd);
        self
    }

    /// The user: a name of the root file system's /etc/passwd or a number, and a group after a colon.
    pub fn user(mut self, user: &str) -> Self {
        user.clone_into(&mut self.user);
        self
    }

    /// Where its root file system is.
    pub fn rootfs(&self) -> &Path {
        &self.rootfs
    }

    /// Runs it to its end, at most `limit` long.
    pub fn run(self, limit: Duration) -> Result<Finished> {
        let command = self.command()?;
        let mut process = Supervised::start_with(&command, &Keep::default(), Stdio::piped(), Stdio::piped())?;
        let (stdout, stderr) = process.take_output();
        let (stdout, stderr) = (collect(stdout), collect(stderr));
        let status = process.wait(limit);
        process.stop();
        let code = status?.code().unwrap_or(-1);
        Ok(Finished {
            code,
            stdout: text(stdout)?,
            stderr: text(stderr)?,
        })
    }

    /// Starts it in the background.
    pub fn spawn(self) -> Result<Running> {
        let command = self.command()?;
        let folder = tempfile::tempdir()?;
        let log = folder.path().join("output");
        let process = Supervised::start(&command, &Keep::default(), &log)?;
        Ok(Running {
            process,
            log,
            _folders: (folder, self.unpacked),
        })
    }

    fn command(&self) -> Result<Command> {
        let unshare = need("unshare", "util-linux")?;
        for folder in ["proc", "dev"] {
            fs::create_dir_all(self.rootfs.join(folder))?;
        }
        let program = self.argv.first().context("the image names no program to run")?;
        let mut command = Command::new(&unshare);
        // Without root there is but one user in the container: this one, who looks like root in there.
        if !is_root() {
            command.arg("--map-root-user");
        }
        command.args([
            "--mount",
            "--pid",
            "--fork",
            "--kill-child",
            "--propagation",
            "private",
            "--",
        ]);
        command
            .args(["/bin/sh", "-c", SCRIPT, "plimsoll-run"])
            .arg(&self.rootfs);
        command.arg(need("env", "coreutils")?).arg("-i");
        command.args(self.env.iter().map(|(key, value)| format!("{key}={value}")));
        command
            .arg(&unshare)
            .arg("--root")
            .arg(&self.rootfs)
            .arg("--wd")
            .arg(&self.cwd);
        if is_root() {
            let (user, group) = self.ids(&self.user)?;
            command.args(["--setgid", &group, "--setuid", &user]);
        }
        command.args(["--", program]).args(&self.argv[1..]);
        Ok(command)
    }

    /// User and group of a `USER` as numbers.
    fn ids(&self, user: &str) -> Result<(String, String)> {
        let (name, group) = user.split_once(':').unwrap_or((user, ""));
        let users = fs::read_to_string(self.rootfs.join("etc/passwd")).unwrap_or_default();
        let groups = fs::read_to_string(self.rootfs.join("etc/group")).unwrap_or_default();
        let name = if name.is_empty() { "0" } else { name };
        let entry = users.lines().map(|line| line.split(':').collect::<Vec<_>>());
        let entry = entry
            .into_iter()
            .find(|fields| fields.len() > 3 && (fields[0] == name || fields[2] == name));
        let id = entry.as_ref().map_or(name, |fields| fields[2]).to_owned();
        let group = match groups
            .lines()
            .find_map(|line| line.strip_prefix(&format!("{group}:")))
        {
            _ if group.is_empty() => entry.map_or("0", |fields| fields[3]).to_owned(),
            Some(rest) => rest.split(':').nth(1).unwrap_or("0").to_owned(),
            None => group.to_owned(),
        };
        Ok((id, group))
    }
}

impl Running {
    /// What it has written so far, stdout and stderr.
    pub fn output(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// Waits until `ready` gives true; fails when the process ends before, or after `limit`.
    pub fn wait_ready(&mut self, limit: Duration, ready: impl FnMut() -> bool) -> Result<()> {
        self.process.wait_ready(limit, ready)
    }

    /// Whether it still runs.
    pub fn is_running(&mut self) -> bool {
        self.process.is_running()
    }
}

fn collect(stream: Option<impl Read + Send + 'static>) -> JoinHandle<Vec<u8>> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(mut stream) = stream {
            // What was read before an error is still worth showing.
            let _ = stream.read_to_end(&mut bytes);
        }
        bytes
    })
}

fn text(reader: JoinHandle<Vec<u8>>) -> Result<String> {
    let bytes = reader
        .join()
        .map_err(|_| anyhow::anyhow!("reading the output failed"))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
