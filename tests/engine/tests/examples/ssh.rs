//! `examples/ssh`: a private repository is cloned with a key that never leaves its agent.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};
use plimsoll_engine::program::run as run_to_end;
use plimsoll_engine::{Build, Engine, Silent, SshServer};

use crate::common::{Frontend, engine, example, image_of, run};
use crate::repository::commit;

struct Private {
    server: SshServer,
    address: String,
    folder: tempfile::TempDir,
}

fn private() -> Result<Private> {
    let server = SshServer::start(&mut Silent)?;
    let folder = tempfile::tempdir()?;
    let repository = folder.path().join("repository");
    fs::create_dir(&repository)?;
    fs::write(repository.join("README.md"), "for our eyes only\n")?;
    commit(&repository, "master")?;
    let address = server.publish("private", &repository)?;
    fs::write(folder.path().join("known_hosts"), server.known_hosts())?;
    Ok(Private {
        server,
        address,
        folder,
    })
}

fn build(engine: &Engine, private: &Private) -> Build {
    let known_hosts = private.folder.path().join("known_hosts");
    example(engine, "ssh")
        .secret_file("known_hosts", &known_hosts)
        .arg("REPOSITORY", &private.address)
}

#[test]
fn a_private_repository_is_cloned_by_way_of_the_agent() -> Result<()> {
    let (engine, private) = (engine()?, private()?);
    let agent = private.server.agent();
    let image = image_of(engine, build(engine, &private).no_cache().ssh("default", &agent))?;
    assert_eq!(run(&image, &[])?.stdout, "for our eyes only\n");
    assert!(
        private.server.log().contains("Accepted publickey"),
        "{}",
        private.server.log()
    );

    let known: Vec<String> = private
        .server
        .known_hosts()
        .split_whitespace()
        .map(str::to_owned)
        .collect();
    let host_key = known.last().context("no host key")?;
    for trace in [
        public_key(&agent)?.as_str(),
        host_key,
        "PRIVATE KEY",
        "ssh_agent",
        "SSH_AUTH_SOCK",
    ] {
        assert_eq!(
            image.search(trace.as_bytes())?,
            Vec::<String>::new(),
            "{trace} is in the image"
        );
    }
    let files = image.files()?;
    assert!(files.iter().any(|file| file == "src/README.md"));
    assert!(
        !files
            .iter()
            .any(|file| file.contains(".ssh") || file.contains("src/.git")),
        "{files:?}"
    );
    Ok(())
}

#[test]
fn without_the_agent_the_error_says_what_to_pass() -> Result<()> {
    let (engine, private) = (engine()?, private()?);
    let built = build(engine, &private).no_cache().run(engine)?;
    assert!(!built.status.success());
    let expected = match Frontend::chosen() {
        Frontend::Plimsoll => "--ssh default",
        Frontend::Reference => "no SSH key \"\" forwarded from the client",
    };
    assert!(built.stderr.contains(expected), "{}", built.stderr);
    Ok(())
}

/// The middle part of the line that the agent gives for its key.
fn public_key(agent: &Path) -> Result<String> {
    let listed = run_to_end(Command::new("ssh-add").arg("-L").env("SSH_AUTH_SOCK", agent))?;
    let line = String::from_utf8(listed.stdout)?;
    Ok(line
        .split_whitespace()
        .nth(1)
        .context("the agent has no key")?
        .to_owned())
}
