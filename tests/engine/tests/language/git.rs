//! ADD of git repositories, over http and over ssh.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use plimsoll_engine::program::{need, run};
use plimsoll_engine::{Silent, SshServer, WebServer};

use crate::image::{dockerfile, project, refused, same};
use crate::repository::commit;

/// A repository with a branch and a tag, and its address.
struct Repository {
    _server: WebServer,
    url: String,
    first: String,
    feature: String,
}

fn git(folder: &Path, arguments: &[&str]) -> Result<String> {
    let mut git = Command::new(need("git", "git")?);
    git.arg("-C").arg(folder).args(["-c", "safe.directory=*"]);
    git.args(["-c", "user.name=Test", "-c", "user.email=test@example.com"]);
    git.env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_SYSTEM", "/dev/null");
    let output = run(git.args(arguments))?;
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}

impl Repository {
    fn make() -> Result<Self> {
        let server = WebServer::start()?;
        let source = project(&[
            ("where", "first\n"),
            ("sub/where", "below\n"),
            ("sub/notes.md", "n\n"),
        ])?;
        commit(source.path(), "master")?;
        let first = git(source.path(), &["rev-parse", "HEAD"])?;
        git(source.path(), &["tag", "-m", "one", "v1"])?;
        std::fs::write(source.path().join("where"), "feature\n")?;
        commit(source.path(), "feature")?;
        let feature = git(source.path(), &["rev-parse", "HEAD"])?;
        git(source.path(), &["checkout", "-q", "master"])?;
        let url = server.publish("ship", source.path())?;
        Ok(Self {
            _server: server,
            url,
            first,
            feature,
        })
    }
}

#[test]
fn branches_tags_commits_and_folders() -> Result<()> {
    let Repository {
        _server,
        url,
        first,
        feature,
    } = Repository::make()?;
    let folder = dockerfile(&format!(
        "FROM alpine\n\
         ARG BRANCH=feature\n\
         ADD {url} /default/\n\
         ADD {url}#$BRANCH /branch/\n\
         ADD {url}#v1 /tag/\n\
         ADD {url}#{first} /commit/\n\
         ADD {url}#:sub /folder/\n\
         ADD {url}#feature:sub /both/\n\
         ADD {url}?branch=feature&subdir=sub /query/\n\
         ADD {url}?tag=v1 /query-tag\n\
         ADD --checksum={feature} {url}#feature /checked/\n\
         ADD --checksum={} {url}?ref=feature /short/\n\
         ADD --keep-git-dir=true {url}#v1 /whole/\n\
         ADD --keep-git-dir=false {url}#v1 /bare/\n\
         ADD {url}?keep-git-dir=true&ref=v1 /asked/\n\
         ADD --exclude=*.md --chown=app:7 --chmod=go-r {url}#:sub /dressed/\n\
         ADD --link {url}#v1 /linked/\n\
         ADD {url}?mtime=commit&ref=v1 /dated/\n",
        &feature[..10]
    ))?;
    let image = same(folder.path(), |build| build)?;
    for (path, expected) in [
        ("default", "first"),
        ("branch", "feature"),
        ("tag", "first"),
        ("commit", "first"),
        ("folder", "below"),
        ("both", "below"),
        ("query", "below"),
        ("query-tag", "first"),
        ("checked", "feature"),
        ("short", "feature"),
        ("whole", "first"),
        ("bare", "first"),
        ("asked", "first"),
        ("linked", "first"),
        ("dated", "first"),
    ] {
        assert_eq!(image.lines(&format!("{path}/where"))?, [expected], "{path}");
        let kept = image.files.contains_key(&format!("{path}/.git/HEAD"));
        assert_eq!(kept, ["whole", "asked"].contains(&path), "{path}");
    }
    assert_eq!(
        image.show("folder"),
        "folder/ 755 0:0\nfolder/notes.md 644 0:0 n\nfolder/where 644 0:0 below\n"
    );
    assert_eq!(
        image.show("dressed"),
        "dressed/ 755 1000:7\ndressed/where 600 1000:7 below\n"
    );
    assert!(!image.files.contains_key("folder/sub"));
    Ok(())
}

#[test]
fn what_does_not_fit_is_refused() -> Result<()> {
    let Repository {
        _server, url, first, ..
    } = Repository::make()?;
    for (arguments, said) in [
        (format!("--checksum={first} {url}#feature"), first.as_str()),
        (format!("{url}#absent"), "absent"),
        (format!("{url}#:absent"), "absent"),
        (format!("{url}?branch=feature&checksum={first}"), first.as_str()),
    ] {
        let folder = dockerfile(&format!("FROM scratch\nADD {arguments} /\n"))?;
        let words = refused(folder.path(), |build| build).context(arguments)?;
        ensure!(words.contains(said), "{said} is not in\n{words}");
    }
    Ok(())
}

#[test]
fn a_private_repository_by_way_of_the_agent() -> Result<()> {
    let server = SshServer::start(&mut Silent)?;
    let source = project(&[("secret", "plan\n")])?;
    commit(source.path(), "master")?;
    let url = server.publish("private", source.path())?;
    let folder = dockerfile(&format!("FROM scratch\nADD {url}#master /there/\n"))?;
    let agent = server.agent();
    let image = same(folder.path(), |build| build.ssh("default", &agent))?;
    assert_eq!(image.show("there"), "there/ 755 0:0\nthere/secret 644 0:0 plan\n");
    refused(folder.path(), |build| build.no_cache())?;
    Ok(())
}
