//! What the builds talk to, beside the engine.

use std::fs;

use anyhow::Result;
use plimsoll_engine::supervise::Supervised;
use plimsoll_engine::{Silent, SshServer, WebServer};

use crate::fixture::project;
use crate::repository::{commit, serve};

/// Servers with repositories and files, which serve every engine.
pub struct Friends {
    pub ssh: SshServer,
    pub web: WebServer,
    /// The address of a repository that takes the key.
    pub private: String,
    /// The same repository, open for all.
    pub public: String,
    /// And as the build context.
    pub repository: String,
    pub place: tempfile::TempDir,
    _git: Supervised,
}

impl Friends {
    /// Starts them.
    pub fn start() -> Result<Self> {
        let ssh = SshServer::start(&mut Silent)?;
        let web = WebServer::start()?;
        let place = tempfile::tempdir()?;
        let greet = project(&[
            ("greet.sh", "#!/bin/sh\necho hello\n"),
            ("README.md", "for our eyes only\n"),
            ("sub/Dockerfile", "FROM scratch\nCOPY . /\n"),
            ("Dockerfile", "FROM scratch\nCOPY README.md /\n"),
        ])?;
        commit(greet.path(), "master")?;
        let private = ssh.publish("greet", greet.path())?;
        let repository = web.publish("greet", greet.path())?;
        let (git, port) = serve(web.folder())?;
        fs::write(place.path().join("known_hosts"), ssh.known_hosts())?;
        fs::write(place.path().join("key"), "the key of the test\n")?;
        web.put("file", b"served\n")?;
        Ok(Self {
            ssh,
            web,
            private,
            public: format!("git://127.0.0.1:{port}/greet.git"),
            repository,
            place,
            _git: git,
        })
    }
}
