//! `examples/secret`: a secret is used by steps and found nowhere afterwards.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use plimsoll_engine::layer::digest;
use plimsoll_engine::oci::contains;
use plimsoll_engine::{Engine, OciImage, Output};

use crate::common::{Frontend, example, folder, talkative};

/// A text that nothing else contains.
fn new_secret() -> Result<String> {
    let mut bytes = [0; 24];
    File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

#[test]
fn a_secret_is_used_and_leaves_no_trace() -> Result<()> {
    let engine = talkative()?;
    let secret = new_secret()?;
    let sum = digest(secret.as_bytes()).trim_start_matches("sha256:").to_owned();
    let place = tempfile::tempdir()?;
    let key = place.path().join("confidencial.key");
    fs::write(&key, &secret)?;

    let out = place.path().join("out");
    let build = || example(&engine, "secret").secret_file("confidencial.key", &key);
    let built = build().output(Output::Folder(out.clone())).run_ok(&engine)?;
    for file in ["file.sha256", "variable.sha256", "target.sha256"] {
        assert_eq!(fs::read_to_string(out.join(file))?.trim(), sum, "{file}");
    }
    assert_eq!(
        fs::read_to_string(out.join("permissions.txt"))?.trim(),
        "440 1000 2000"
    );
    let tar = place.path().join("image.tar");
    build().oci(&tar).run_ok(&engine)?;

    // Whatever is searched has the checksum in it where the secret would be, so the search itself is known to work.
    let image = OciImage::open(&tar)?;
    assert!(!image.search(sum.as_bytes())?.is_empty());
    assert_eq!(image.search(secret.as_bytes())?, Vec::<String>::new());
    let daemon = engine
        .log()
        .and_then(|log| Some(log.parent()?.to_owned()))
        .context("no daemon")?;
    assert!(!files_with(&daemon, sum.as_bytes())?.is_empty());
    assert_eq!(files_with(&daemon, secret.as_bytes())?, Vec::<PathBuf>::new());
    let log = fs::read_to_string(engine.log().context("no log")?)?;
    assert!(log.contains("level=debug") && !log.contains(&secret));
    let record = built.raw + &built.record.output();
    assert!(record.contains("/run/secrets/confidencial.key") && !record.contains(&secret));
    let arguments = [
        "--secret".to_owned(),
        format!("id=confidencial.key,src={}", key.display()),
    ];
    let graph = graph(&engine, &folder("secret"), &arguments)?;
    assert!(graph.contains("confidencial.key") && !graph.contains(&secret));
    Ok(())
}

#[test]
fn a_required_secret_that_is_missing_is_named() -> Result<()> {
    let engine = crate::common::engine()?;
    let built = example(engine, "secret").no_cache().run(engine)?;
    assert!(!built.status.success());
    let expected = match Frontend::chosen() {
        Frontend::Plimsoll => "--secret id=confidencial.key,src=FILE",
        Frontend::Reference => "secret confidencial.key: not found",
    };
    // The step that wants it is shown, with its lines marked.
    let shown = built.stderr.contains(">>> RUN") && built.stderr.contains("required=true");
    assert!(built.stderr.contains(expected) && shown, "{}", built.stderr);
    Ok(())
}

/// What the frontend answers to `frontend.convertllb` for a folder.
fn graph(engine: &Engine, folder: &Path, arguments: &[String]) -> Result<String> {
    let mut build = engine.buildx()?;
    build.args(["build", "--progress=plain", "--call=convertllb,format=json"]);
    let frontend = engine.image_name(plimsoll_engine::FRONTEND);
    build.arg(format!("--build-arg=BUILDKIT_SYNTAX={frontend}"));
    let output = build.args(arguments).arg(folder).output()?;
    let stderr = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{stderr}");
    Ok(String::from_utf8(output.stdout)?)
}

/// The files below a folder that have the bytes in them.
fn files_with(folder: &Path, needle: &[u8]) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let kind = entry.file_type()?;
        if kind.is_dir() {
            found.extend(files_with(&entry.path(), needle)?);
        } else if kind.is_file() && contains(&mut File::open(entry.path())?, needle)? {
            found.push(entry.path());
        }
    }
    ensure!(found.len() < 1000, "the bytes are everywhere");
    Ok(found)
}
