//! An ssh server on loopback with git repositories, and an agent that holds the only key to it.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result};

use crate::Progress;
use crate::apt::{self, Package};
use crate::program::{find, is_root, need, run};
use crate::registry::free_port;
use crate::supervise::{Keep, Supervised, private_folder};

const PACKAGES: [Package; 3] = [
    Package::new("openssh-server", "sshd"),
    Package::new("openssh-client", "ssh-agent"),
    Package::new("git", "git"),
];

/// A running server and agent; both are stopped on drop.
#[derive(Debug)]
pub struct SshServer {
    _agent: Supervised,
    _server: Supervised,
    folder: PathBuf,
    port: u16,
    host_key: String,
}

impl SshServer {
    /// Starts them. The private key is in the agent alone: its file is removed before this returns.
    pub fn start(progress: &mut dyn Progress) -> Result<Self> {
        apt::ensure(&PACKAGES, progress)?;
        anyhow::ensure!(is_root(), "sshd needs root here: run this with sudo");
        let folder = private_folder("ssh")?;
        for name in ["host", "user"] {
            make_key(&folder.join(name), name)?;
        }
        let agent = start_agent(&folder)?;
        let host_key = fs::read_to_string(folder.join("host.pub"))?;
        let (server, port) = start_server(&folder)?;
        Ok(Self {
            _agent: agent,
            _server: server,
            folder,
            port,
            host_key,
        })
    }

    /// The socket of the agent that holds the key.
    pub fn agent(&self) -> PathBuf {
        self.folder.join("agent.sock")
    }

    /// The port on loopback.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The line for `known_hosts` that makes a client trust the server.
    pub fn known_hosts(&self) -> String {
        let key: Vec<&str> = self.host_key.split_whitespace().take(2).collect();
        format!("[127.0.0.1]:{} {}\n", self.port, key.join(" "))
    }

    /// Makes a bare repository from a folder that is a git repository, and gives its address.
    pub fn publish(&self, name: &str, repository: &Path) -> Result<String> {
        let bare = self.folder.join("git").join(format!("{name}.git"));
        let mut clone = Command::new(need("git", "git")?);
        clone
            .args(["-c", "safe.directory=*", "clone", "-q", "--bare"])
            .arg(repository)
            .arg(&bare);
        run(&mut clone)?;
        Ok(format!("ssh://root@127.0.0.1:{}{}", self.port, bare.display()))
    }

    /// The server's log.
    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.join("sshd.log")).unwrap_or_default()
    }
}

/// Writes a new private key without a passphrase to `file`.
pub fn ssh_key(file: &Path, progress: &mut dyn Progress) -> Result<()> {
    apt::ensure(&PACKAGES, progress)?;
    make_key(file, "user")
}

fn make_key(file: &Path, comment: &str) -> Result<()> {
    let mut keygen = Command::new(need("ssh-keygen", "openssh-client")?);
    run(keygen
        .args(["-q", "-t", "ed25519", "-N", "", "-C", comment, "-f"])
        .arg(file))?;
    Ok(())
}

fn start_agent(folder: &Path) -> Result<Supervised> {
    let socket = folder.join("agent.sock");
    let log = folder.join("agent.log");
    let mut command = Command::new(need("ssh-agent", "openssh-client")?);
    command.arg("-D").arg("-a").arg(&socket);
    // The server's keeper removes the folder, which it shares with the agent.
    let keep = Keep {
        grace: Duration::from_secs(1),
        ..Keep::default()
    };
    let mut agent = Supervised::start(&command, &keep, &log)?;
    // The socket is there before anybody listens at it.
    agent.wait_ready(Duration::from_secs(10), || UnixStream::connect(&socket).is_ok())?;
    let mut add = Command::new(need("ssh-add", "openssh-client")?);
    run(add
        .arg("-q")
        .arg(folder.join("user"))
        .env("SSH_AUTH_SOCK", &socket))?;
    fs::remove_file(folder.join("user"))?;
    Ok(agent)
}

fn start_server(folder: &Path) -> Result<(Supervised, u16)> {
    // sshd wants this folder for its unprivileged part, and only the system's start scripts make it.
    fs::create_dir_all("/run/sshd").context("could not make /run/sshd")?;
    let sshd = find("sshd").context("sshd is missing: install it with `apt-get install openssh-server`")?;
    let key = fs::read_to_string(folder.join("user.pub"))?;
    let shell = need("git-shell", "git")?;
    let line = format!(
        "restrict,command=\"{} -c \\\"$SSH_ORIGINAL_COMMAND\\\"\" {key}",
        shell.display()
    );
    let keys = folder.join("authorized_keys");
    fs::write(&keys, line)?;
    fs::set_permissions(&keys, fs::Permissions::from_mode(0o600))?;
    let port = free_port()?;
    let config = format!(
        "ListenAddress 127.0.0.1:{port}\nHostKey {host}\nAuthorizedKeysFile {keys}\nPidFile none\nStrictModes no\n\
         UsePAM no\nPasswordAuthentication no\nKbdInteractiveAuthentication no\nPermitRootLogin forced-commands-only\n\
         LogLevel VERBOSE\nMaxStartups 100\n",
        host = folder.join("host").display(),
        keys = keys.display(),
    );
    let file = folder.join("sshd_config");
    fs::write(&file, config)?;
    let log = folder.join("sshd.log");
    let mut command = Command::new(sshd);
    command.args(["-D", "-e", "-f"]).arg(&file);
    let keep = Keep {
        grace: Duration::from_secs(1),
        mark: None,
        folder: Some(folder.to_owned()),
    };
    let mut server = Supervised::start(&command, &keep, &log)?;
    let ready = || std::net::TcpStream::connect(("127.0.0.1", port)).is_ok();
    server.wait_ready(Duration::from_secs(10), ready)?;
    Ok((server, port))
}
