//! Programs that live no longer than the harness.
//!
//! Each program runs under a small shell script that waits at a pipe from this process. The pipe ends when the value is
//! dropped, and also when this process is killed or interrupted; the script then stops the program, kills the containers
//! that it left, undoes its mounts and removes its folder. So one path serves every way in which a run can end.

use std::fs::File;
use std::io::Write as _;
use std::os::unix::fs::FileExt as _;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::program::tail;

const SCRIPT: &str = include_str!("supervise.sh");

/// How a program is kept.
#[derive(Debug, Clone, Default)]
pub struct Keep {
    /// How long the program may take to end by itself after it was asked to.
    pub grace: Duration,
    /// A name that is in the control group or the command line of everything that the program starts, and of nothing
    /// else; what bears it is killed at the end.
    pub mark: Option<String>,
    /// A folder to be removed at the end, with all that is mounted in it.
    pub folder: Option<PathBuf>,
}

/// A running program, stopped on drop.
#[derive(Debug)]
pub struct Supervised {
    name: String,
    child: Child,
    pipe: Option<ChildStdin>,
    grace: Duration,
    // The open file: at an early end the script removes its name before we can look.
    log: Option<File>,
}

impl Supervised {
    /// Starts `command` (its program, arguments, environment and folder are used) with its output going to `log`.
    pub fn start(command: &Command, keep: &Keep, log: &Path) -> Result<Self> {
        let log = File::options()
            .read(true)
            .write(true)
            .create(true)
            .truncate(true)
            .open(log);
        let log = log.context("could not make the log of a daemon")?;
        let mut started = Self::start_with(
            command,
            keep,
            Stdio::from(log.try_clone()?),
            Stdio::from(log.try_clone()?),
        )?;
        started.log = Some(log);
        Ok(started)
    }

    /// Like [`Supervised::start`], with its output going where `out` and `err` say.
    pub fn start_with(command: &Command, keep: &Keep, out: Stdio, err: Stdio) -> Result<Self> {
        let name = command.get_program().to_string_lossy().into_owned();
        let mut shell = Command::new("/bin/sh");
        shell.args(["-c", SCRIPT, "plimsoll-supervise"]);
        shell.arg(keep.grace.as_secs().to_string());
        shell.arg(keep.mark.as_deref().unwrap_or("-"));
        shell.arg(keep.folder.as_deref().unwrap_or(Path::new("-")));
        shell.arg(command.get_program()).args(command.get_args());
        for (key, value) in command.get_envs() {
            match value {
                Some(value) => shell.env(key, value),
                None => shell.env_remove(key),
            };
        }
        if let Some(folder) = command.get_current_dir() {
            shell.current_dir(folder);
        }
        // A group of its own: an interrupt from the terminal is ours to hear, and the pipe tells the script.
        let mut child = shell
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(out)
            .stderr(err)
            .spawn()
            .with_context(|| format!("could not start {name}"))?;
        let pipe = child.stdin.take();
        Ok(Self {
            name,
            child,
            pipe,
            grace: keep.grace,
            log: None,
        })
    }

    /// Waits until `ready` gives true; fails when the program ends before, or after `limit`.
    pub fn wait_ready(&mut self, limit: Duration, mut ready: impl FnMut() -> bool) -> Result<()> {
        let start = Instant::now();
        loop {
            if ready() {
                return Ok(());
            }
            if let Some(status) = self.child.try_wait()? {
                bail!("{} ended at once ({status}):\n{}", self.name, self.log_tail());
            }
            if start.elapsed() > limit {
                bail!(
                    "{} did not answer within {} s:\n{}",
                    self.name,
                    limit.as_secs(),
                    self.log_tail()
                );
            }
            thread::sleep(Duration::from_millis(20));
        }
    }

    fn log_tail(&self) -> String {
        let mut bytes = vec![0; 1 << 16];
        let Some(log) = &self.log else {
            return String::new();
        };
        let start = log
            .metadata()
            .map_or(0, |meta| meta.len().saturating_sub(bytes.len() as u64));
        // Reading at a place leaves alone the one at which the program writes.
        let count = log.read_at(&mut bytes, start).unwrap_or(0);
        tail(&String::from_utf8_lossy(&bytes[..count]), 30)
    }

    /// The process id of the script that keeps the program.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Whether the program still runs.
    pub fn is_running(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// Takes the pipes of the program's output, where they were asked for.
    pub fn take_output(
        &mut self,
    ) -> (
        Option<std::process::ChildStdout>,
        Option<std::process::ChildStderr>,
    ) {
        (self.child.stdout.take(), self.child.stderr.take())
    }

    /// Waits for the program to end by itself, at most `limit`.
    pub fn wait(&mut self, limit: Duration) -> Result<ExitStatus> {
        let start = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait()? {
                return Ok(status);
            }
            if start.elapsed() > limit {
                bail!("{} did not end within {} s", self.name, limit.as_secs());
            }
            thread::sleep(Duration::from_millis(10));
        }
    }

    /// Stops the program and waits until every trace of it is removed.
    pub fn stop(&mut self) {
        if let Some(mut pipe) = self.pipe.take() {
            let _ = pipe.write_all(b"stop\n");
        }
        // Removing a large folder takes its time; beyond that, the script goes on by itself.
        let _ = self.wait(self.grace + Duration::from_secs(60));
    }
}

impl Drop for Supervised {
    fn drop(&mut self) {
        self.stop();
    }
}

/// A new folder of its own under the system's temporary folder, with a name that nothing else has.
///
/// The path is short, for a socket's path has at most 107 bytes. Nothing removes it but its keeper.
pub fn private_folder(purpose: &str) -> Result<PathBuf> {
    let folder = tempfile::Builder::new()
        .prefix(&format!("plimsoll-{purpose}-"))
        .tempdir()
        .context("could not make a temporary folder")?;
    Ok(folder.keep())
}

/// The last part of a private folder's path, which serves as the mark of what belongs to it.
pub fn mark_of(folder: &Path) -> Option<String> {
    folder.file_name().map(|name| name.to_string_lossy().into_owned())
}
