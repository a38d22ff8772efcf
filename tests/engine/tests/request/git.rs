//! The context is a git repository, on a real server over http and over ssh.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use plimsoll_engine::WebServer;
use plimsoll_engine::program::{need, run};
use plimsoll_engine::{Build, Silent, SshServer};

use crate::fixture::{failures, project, same_files, write};
use crate::repository::commit;

/// A repository with branches, a tag and a submodule, and its address.
struct Repository {
    _server: WebServer,
    url: String,
    first: String,
    feature: String,
    source: tempfile::TempDir,
}

fn git(folder: &Path, arguments: &[&str]) -> Result<String> {
    let mut git = Command::new(need("git", "git")?);
    git.arg("-C").arg(folder).args(["-c", "safe.directory=*"]).args([
        "-c",
        "user.name=Test",
        "-c",
        "user.email=test@example.com",
    ]);
    git.env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_SYSTEM", "/dev/null");
    let output = run(git.args(arguments))?;
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}

impl Repository {
    fn make() -> Result<Self> {
        let server = WebServer::start()?;
        let module = project(&[("keel", "in the submodule\n")])?;
        commit(module.path(), "master")?;
        let module = server.publish("module", module.path())?;

        let source = project(&[
            ("Dockerfile", "FROM scratch\nCOPY . /\n"),
            ("where", "first\n"),
            (".dockerignore", "where\n"),
            ("sub/Dockerfile", "FROM scratch\nCOPY . /sub/\n"),
            ("sub/where", "below the first\n"),
        ])?;
        commit(source.path(), "master")?;
        let first = git(source.path(), &["rev-parse", "HEAD"])?;
        git(source.path(), &["tag", "-m", "one", "v1"])?;
        git(source.path(), &["submodule", "--quiet", "add", &module, "module"])?;
        write(source.path(), "where", b"second\n")?;
        commit(source.path(), "master")?;
        write(source.path(), "where", b"feature\n")?;
        write(source.path(), "sub/where", b"below the feature\n")?;
        commit(source.path(), "feature")?;
        let feature = git(source.path(), &["rev-parse", "HEAD"])?;
        git(source.path(), &["checkout", "-q", "master"])?;
        let url = server.publish("ship", source.path())?;
        Ok(Self {
            _server: server,
            url,
            first,
            feature,
            source,
        })
    }

    /// The files that both frontends see with a context, each path with its text; git's own are left out.
    fn files(&self, context: &str) -> Result<Vec<(String, String)>> {
        self.files_with(context, |build| build)
    }

    fn files_with(&self, context: &str, change: impl Fn(Build) -> Build) -> Result<Vec<(String, String)>> {
        let context = format!("{}{context}", self.url);
        same_files(self.source.path(), |build| change(build.opt("context", &context)))
            .map(|files| {
                let own = files.into_iter().filter(|(path, _)| !path.starts_with(".git/"));
                own.collect()
            })
            .context(context)
    }

    fn where_is(&self, context: &str) -> Result<String> {
        let files = self.files(context)?;
        let found = ["where", "sub/where"]
            .iter()
            .find_map(|name| files.iter().find(|(path, _)| path == name));
        let (_, text) = found.with_context(|| format!("{context}: no such file among {files:?}"))?;
        Ok(text.trim().to_owned())
    }
}

#[test]
fn references_and_folders() -> Result<()> {
    let repository = Repository::make()?;
    let (first, feature) = (repository.first.as_str(), repository.feature.as_str());
    let cases = [
        (String::new(), "second"),
        ("#feature".to_owned(), "feature"),
        ("#v1".to_owned(), "first"),
        ("#refs/tags/v1".to_owned(), "first"),
        (format!("#{first}"), "first"),
        ("#:sub".to_owned(), "below the first"),
        ("#feature:sub".to_owned(), "below the feature"),
        (format!("#{feature}:sub"), "below the feature"),
        ("?branch=feature".to_owned(), "feature"),
        ("?tag=v1".to_owned(), "first"),
        (format!("?ref={first}"), "first"),
        ("?branch=feature&subdir=sub".to_owned(), "below the feature"),
        (format!("?branch=feature&checksum={feature}"), "feature"),
        (format!("?ref=feature&commit={}", &feature[..12]), "feature"),
        ("?mtime=commit#feature".to_owned(), "feature"),
    ];
    for (context, expected) in cases {
        assert_eq!(repository.where_is(&context)?, expected, "{context}");
    }
    Ok(())
}

#[test]
fn submodules_and_the_folder_of_git() -> Result<()> {
    let repository = Repository::make()?;
    let names = |files: Vec<(String, String)>| files.into_iter().map(|(path, _)| path).collect::<Vec<_>>();
    let with = names(repository.files("")?);
    ensure!(with.iter().any(|path| path == "module/keel"), "{with:?}");
    let without = names(repository.files("?submodules=false")?);
    ensure!(!without.iter().any(|path| path == "module/keel"), "{without:?}");

    // Which of git's own files there are depends on the daemon; that they are there is the client's wish.
    for (context, argument) in [("?keep-git-dir=true", ""), ("", "1"), ("#feature", "true")] {
        let url = format!("{}{context}", repository.url);
        let engine = crate::fixture::engine()?;
        for build in crate::fixture::pair(repository.source.path()) {
            let build = build
                .opt("context", &url)
                .arg("BUILDKIT_CONTEXT_KEEP_GIT_DIR", argument);
            let files = names(crate::fixture::files(engine, build)?);
            ensure!(
                files.iter().any(|path| path == ".git/HEAD"),
                "{url} {argument}: {files:?}"
            );
        }
    }
    Ok(())
}

#[test]
fn what_does_not_fit_together_is_refused() -> Result<()> {
    let repository = Repository::make()?;
    let (first, feature) = (&repository.first, &repository.feature);
    let cases = [
        format!("?branch=feature&checksum={first}"),
        format!("?ref=v1&commit={feature}"),
        "?branch=feature&tag=v1".to_owned(),
        "?ref=v1#feature".to_owned(),
        "?colour=red".to_owned(),
        "?keep-git-dir=perhaps".to_owned(),
        "#absent".to_owned(),
        "#feature:absent".to_owned(),
    ];
    for case in cases {
        let context = format!("{}{case}", repository.url);
        failures(repository.source.path(), |build| build.opt("context", &context))
            .context(context.clone())?;
    }
    Ok(())
}

#[test]
fn the_dockerfile_may_stay_with_the_client() -> Result<()> {
    let repository = Repository::make()?;
    let own = project(&[("Dockerfile", "FROM scratch\nCOPY where /from-the-client\n")])?;
    let context = format!("{}#feature", repository.url);
    let files = same_files(own.path(), |build| {
        build.opt("context", &context).opt("dockerfilekey", "dockerfile")
    })?;
    assert_eq!(files, [("from-the-client".to_owned(), "feature\n".to_owned())]);
    let files = same_files(own.path(), |build| {
        build
            .opt("context", &context)
            .opt("contextsubdir", "sub")
            .opt("filename", "Dockerfile")
    })?;
    ensure!(
        files
            .iter()
            .any(|(path, text)| path == "where" && text == "below the feature\n"),
        "{files:?}"
    );
    Ok(())
}

#[test]
fn a_private_repository_by_way_of_the_agent() -> Result<()> {
    let server = SshServer::start(&mut Silent)?;
    let source = project(&[
        ("Dockerfile", "FROM scratch\nCOPY . /\n"),
        ("plan", "to the sea\n"),
    ])?;
    commit(source.path(), "master")?;
    let address = server.publish("private", source.path())?;
    let agent = server.agent();
    let empty = project(&[])?;
    let files = same_files(empty.path(), |build| {
        build.opt("context", &address).ssh("default", &agent)
    })?;
    ensure!(files.iter().any(|(path, _)| path == "plan"), "{files:?}");
    failures(empty.path(), |build| build.opt("context", &address))?;
    Ok(())
}
