//! The context comes over http or through the client's standard input.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use plimsoll_engine::WebServer;
use plimsoll_engine::program::{need, run};
use plimsoll_engine::{Build, FRONTEND, OciImage};

use crate::common::REFERENCE;
use crate::fixture::{both, engine, failures, files, listed, project, same_files};

/// A tar file of a folder's content.
fn tar_of(folder: &Path) -> Result<Vec<u8>> {
    let mut tar = Command::new(need("tar", "tar")?);
    tar.args(["--create", "--sort=name", "--directory"])
        .arg(folder)
        .arg(".");
    Ok(run(&mut tar)?.stdout)
}

/// The bytes as a program writes them that reads its input.
fn filtered(program: &str, package: &str, bytes: &[u8]) -> Result<Vec<u8>> {
    let mut filter = Command::new(need(program, package)?)
        .arg("--stdout")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    filter
        .stdin
        .take()
        .with_context(|| format!("{program} takes no input"))?
        .write_all(bytes)?;
    Ok(filter.wait_with_output()?.stdout)
}

#[test]
fn tarballs() -> Result<()> {
    let server = WebServer::start()?;
    let content = project(&[
        ("Dockerfile", "FROM scratch\nCOPY . /\n"),
        ("a", "in the tarball\n"),
        ("sub/b", "below\n"),
        (".dockerignore", "a\n"),
    ])?;
    let tar = tar_of(content.path())?;
    let empty = project(&[])?;
    let files = [
        ("plain.tar", tar.clone()),
        ("one.tar.gz", filtered("gzip", "gzip", &tar)?),
        ("one.tar.bz2", filtered("bzip2", "bzip2", &tar)?),
        ("one.tar.xz", filtered("xz", "xz-utils", &tar)?),
        // The content says what it is.
        ("no-ending", filtered("gzip", "gzip", &tar)?),
    ];
    for (name, bytes) in files {
        let url = server.put(name, &bytes)?;
        let seen = same_files(empty.path(), |build| build.opt("context", &url)).context(name)?;
        let names: Vec<&str> = seen.iter().map(|(path, _)| path.as_str()).collect();
        assert_eq!(names, [".dockerignore", "Dockerfile", "a", "sub/b"], "{name}");
    }
    let url = server.url("one.tar.gz");
    let below = same_files(
        project(&[("Dockerfile", "FROM scratch\nCOPY . /\n")])?.path(),
        |build| {
            build
                .opt("context", &url)
                .opt("contextsubdir", "sub")
                .opt("dockerfilekey", "dockerfile")
        },
    )?;
    assert_eq!(below, [("b".to_owned(), "below\n".to_owned())]);
    Ok(())
}

#[test]
fn a_tarball_s_newest_file_dates_the_image() -> Result<()> {
    let server = WebServer::start()?;
    let content = project(&[
        ("Dockerfile", "FROM scratch\nWORKDIR /made\n"),
        ("sub/b", "below\n"),
    ])?;
    for (path, seconds) in [
        ("Dockerfile", 1_500_000_000),
        ("sub/b", 1_600_000_000),
        ("sub", 1_700_000_000),
    ] {
        let time = std::time::UNIX_EPOCH + std::time::Duration::from_secs(seconds);
        fs::File::open(content.path().join(path))?.set_modified(time)?;
    }
    let tar = tar_of(content.path())?;
    let empty = project(&[])?;
    let tarballs = [
        ("undated.tar", tar.clone()),
        ("undated.tar.gz", filtered("gzip", "gzip", &tar)?),
        ("undated.tar.bz2", filtered("bzip2", "bzip2", &tar)?),
        ("undated.tar.xz", filtered("xz", "xz-utils", &tar)?),
    ];
    for (name, bytes) in tarballs {
        let url = server.put(name, &bytes)?;
        let change = |build: Build| build.opt("context", &url).arg("SOURCE_DATE_EPOCH", "context");
        let created = both(empty.path(), change, |build| {
            let place = tempfile::tempdir()?;
            let tar = place.path().join("image.tar");
            build.oci(&tar).run_ok(engine()?)?;
            Ok(OciImage::open(&tar)?.config["created"].clone())
        });
        assert_eq!(created.context(name)?, "2020-09-13T12:26:40Z", "{name}");
    }
    Ok(())
}

#[test]
fn a_dockerfile_alone() -> Result<()> {
    let server = WebServer::start()?;
    let text = "FROM scratch\nCOPY . /\n";
    let url = server.put("recipes/ship", text.as_bytes())?;
    let empty = project(&[])?;
    let seen = same_files(empty.path(), |build| build.opt("context", &url))?;
    assert_eq!(seen, [("context".to_owned(), text.to_owned())]);
    let absent = server.url("absent");
    let [ours, _] = failures(empty.path(), |build| build.opt("context", &absent))?;
    ensure!(
        ours.stderr.contains(&absent) && ours.stderr.contains("404"),
        "{}",
        ours.stderr
    );
    // A line that is wrong is shown with its text, though the file came from elsewhere.
    let url = server.put("wrong", b"FROM scratch\nCOPPY . /\n")?;
    let [ours, _] = failures(empty.path(), |build| build.opt("context", &url))?;
    ensure!(ours.stderr.contains(">>> COPPY . /"), "{}", ours.stderr);
    Ok(())
}

/// What `docker buildx build` leaves when it is given its input.
fn from_input(frontend: &str, arguments: &[&str], input: &[u8]) -> Result<Vec<(String, String)>> {
    let place = tempfile::tempdir()?;
    let mut build = engine()?.buildx()?;
    build.args(["build", "--progress=plain"]);
    build.arg(format!("--build-arg=BUILDKIT_SYNTAX={frontend}"));
    build.arg(format!(
        "--output=type=local,dest={}",
        place.path().join("out").display()
    ));
    build.args(arguments).current_dir(place.path());
    let mut client = build
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()?;
    let written = client
        .stdin
        .take()
        .context("the client takes no input")?
        .write_all(input);
    let output = client.wait_with_output()?;
    ensure!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    written?;
    listed(&place.path().join("out"))
}

#[test]
fn standard_input() -> Result<()> {
    let content = project(&[
        ("Dockerfile", "FROM scratch\nCOPY . /\n"),
        ("other/Dockerfile", "FROM scratch\nCOPY a /elsewhere\n"),
        ("a", "in the archive\n"),
    ])?;
    let tar = tar_of(content.path())?;
    let folder = content.path().to_string_lossy().into_owned();
    let cases: [(&[&str], Vec<u8>, &[&str]); 5] = [
        (
            &["-"],
            b"FROM scratch\nCOPY <<END /made\nhi\nEND\n".to_vec(),
            &["made"],
        ),
        (&["-"], tar.clone(), &["Dockerfile", "a", "other/Dockerfile"]),
        (
            &["-"],
            filtered("gzip", "gzip", &tar)?,
            &["Dockerfile", "a", "other/Dockerfile"],
        ),
        (&["-f", "other/Dockerfile", "-"], tar, &["elsewhere"]),
        (
            &["-f", "-", &folder],
            b"FROM scratch\nCOPY a /with-the-folder\n".to_vec(),
            &["with-the-folder"],
        ),
    ];
    for (arguments, input, expected) in cases {
        let ours = from_input(FRONTEND, arguments, &input).with_context(|| format!("{arguments:?}"))?;
        let reference = from_input(REFERENCE, arguments, &input)?;
        assert_eq!(ours, reference, "{arguments:?}");
        let names: Vec<&str> = ours.iter().map(|(path, _)| path.as_str()).collect();
        assert_eq!(names, expected, "{arguments:?}");
    }
    Ok(())
}

#[test]
fn ignore_files_of_the_client() -> Result<()> {
    let folder = project(&[
        ("Dockerfile", "FROM scratch\nCOPY . /\n"),
        ("special/Dockerfile.dev", "FROM scratch\nCOPY . /\n"),
        ("special/Dockerfile.dev.dockerignore", "a\nspecial\n"),
        (".dockerignore", "b\nspecial\n!special/kept\n"),
        ("a", "a\n"),
        ("b", "b\n"),
        ("special/kept", "kept\n"),
    ])?;
    let names = |files: Vec<(String, String)>| files.into_iter().map(|(path, _)| path).collect::<Vec<_>>();
    let usual = names(same_files(folder.path(), |build| build)?);
    assert_eq!(usual, [".dockerignore", "Dockerfile", "a", "special/kept"]);
    let dev = names(same_files(folder.path(), |build| {
        build.dockerfile(folder.path().join("special/Dockerfile.dev"))
    })?);
    assert_eq!(dev, [".dockerignore", "Dockerfile", "b"]);
    // An empty one is as good as none, for every frontend that comes as an image.
    fs::write(folder.path().join("special/Dockerfile.dev.dockerignore"), "")?;
    for frontend in [FRONTEND, REFERENCE] {
        let build = Build::new(folder.path())
            .frontend(frontend)
            .dockerfile(folder.path().join("special/Dockerfile.dev"));
        let dev = names(files(engine()?, build)?);
        assert_eq!(
            dev,
            [".dockerignore", "Dockerfile", "a", "special/kept"],
            "{frontend}"
        );
    }
    Ok(())
}
