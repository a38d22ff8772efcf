//! Git repositories of the tests, and a server for them.

use std::fs;
use std::net::TcpStream;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::Result;
use plimsoll_engine::program::{need, run as run_to_end};
use plimsoll_engine::registry::free_port;
use plimsoll_engine::supervise::{Keep, Supervised};

/// Commits all files of a folder to a branch of its repository, which is made when there is none.
pub fn commit(folder: &Path, branch: &str) -> Result<()> {
    let git = |arguments: &[&str]| -> Result<()> {
        let mut git = Command::new(need("git", "git")?);
        git.arg("-C")
            .arg(folder)
            .args(["-c", "user.name=Test", "-c", "user.email=test@example.com"]);
        git.args(["-c", "safe.directory=*", "-c", "commit.gpgsign=false"]);
        git.env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_SYSTEM", "/dev/null");
        run_to_end(git.args(arguments)).map(drop)
    };
    if !folder.join(".git").exists() {
        git(&["init", "-q"])?;
    }
    git(&["checkout", "-q", "-B", branch])?;
    fs::set_permissions(folder, std::os::unix::fs::PermissionsExt::from_mode(0o755))?;
    git(&["add", "--all"])?;
    git(&["commit", "-q", "-m", branch])
}

/// Serves the repositories below a folder as `git://127.0.0.1:PORT/NAME`.
pub fn serve(folder: &Path) -> Result<(Supervised, u16)> {
    let port = free_port()?;
    let log = folder.join("git-daemon.log");
    let mut daemon = Command::new(need("git", "git")?);
    daemon.args([
        "-c",
        "safe.directory=*",
        "daemon",
        "--export-all",
        "--listen=127.0.0.1",
        "--reuseaddr",
    ]);
    daemon
        .arg(format!("--port={port}"))
        .arg(format!("--base-path={}", folder.display()));
    let keep = Keep {
        grace: Duration::from_secs(1),
        ..Keep::default()
    };
    let mut server = Supervised::start(&daemon, &keep, &log)?;
    server.wait_ready(Duration::from_secs(10), || {
        TcpStream::connect(("127.0.0.1", port)).is_ok()
    })?;
    Ok((server, port))
}
