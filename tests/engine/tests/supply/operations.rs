//! What docs/operations.md tells those who run it for a company.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use plimsoll_engine::apt::{self, Package};
use plimsoll_engine::frontend_image::Builder;
use plimsoll_engine::program::{need, run};
use plimsoll_engine::registry::free_port;
use plimsoll_engine::supervise::{Keep, Supervised};
use plimsoll_engine::{Build, Engine, EngineOptions, FRONTEND, Output, Silent};
use serde_json::{Value, json};

use crate::common::{engine, programs};
use crate::fixture::{project, start};

#[test]
fn an_image_says_which_frontend_built_it() -> Result<()> {
    let engine = start()?;
    let place = tempfile::tempdir()?;
    let tar = place.path().join("plimsoll.tar");
    programs()?.image(Builder::Reference).oci(&tar).run_ok(&engine)?;
    let digest = plimsoll_engine::release::root_digest(&tar)?;
    let folder = project(&[(
        "Dockerfile",
        &format!("# syntax={FRONTEND}\nFROM alpine\nRUN echo built\n"),
    )])?;
    let name = format!("{}/test/built:1", engine.registry().address());
    let mut build = engine.buildx()?;
    build.args([
        "build",
        "--provenance=mode=min,version=v1",
        "--push",
        "--tag",
        &name,
    ]);
    run(build.arg(folder.path()))?;
    let mut inspect = engine.buildx()?;
    inspect.args(["imagetools", "inspect", "--format={{json .Provenance}}", &name]);
    let provenance: Value = serde_json::from_slice(&run(&mut inspect)?.stdout)?;
    let definition = &provenance["SLSA"]["buildDefinition"];
    let dependencies = definition["resolvedDependencies"]
        .as_array()
        .context("no dependencies")?;
    let frontend = dependencies
        .iter()
        .find(|one| {
            one["uri"]
                .as_str()
                .is_some_and(|uri| uri.contains("registry.example/plimsoll"))
        })
        .with_context(|| format!("the frontend is not in {provenance}"))?;
    assert_eq!(
        format!(
            "sha256:{}",
            frontend["digest"]["sha256"].as_str().unwrap_or_default()
        ),
        digest
    );
    Ok(())
}

#[test]
fn a_derived_image_turns_the_log_on_for_everybody() -> Result<()> {
    let engine = start()?;
    let folder = project(&[(
        "Dockerfile",
        &format!("FROM {FRONTEND}\nENV PLIMSOLL_LOG=debug\n"),
    )])?;
    let name = "registry.example/logged:1";
    Build::new(folder.path())
        .reference()
        .output(Output::Push(name.to_owned()))
        .run_ok(&engine)?;
    let folder = project(&[(
        "Dockerfile",
        &format!("# syntax={name}\nFROM alpine\nRUN echo logged\n"),
    )])?;
    Build::new(folder.path()).built_in().run_ok(&engine)?;
    let log = fs::read_to_string(engine.log().context("the daemon has no log")?)?;
    let lines = log.lines().filter(|line| line.starts_with("plimsoll "));
    ensure!(lines.count() > 0, "{log}");
    Ok(())
}

/// A registry with a certificate that only a company's own authority vouches for; it serves until it is dropped.
fn company_registry(place: &Path) -> Result<(Supervised, String)> {
    let packages = [
        Package::new("openssl", "openssl"),
        Package::new("docker-registry", "docker-registry"),
    ];
    apt::ensure(&packages, &mut Silent)?;
    let file = |name: &str| place.join(name).display().to_string();
    run(Command::new(need("openssl", "openssl")?)
        .args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30"])
        .args(["-subj", "/CN=company", "-addext", "subjectAltName=IP:127.0.0.1"])
        .args(["-keyout", &file("key.pem"), "-out", &file("ca.pem")]))?;
    let address = format!("127.0.0.1:{}", free_port()?);
    let settings = json!({
        "version": "0.1",
        "storage": {"filesystem": {"rootdirectory": file("data")}},
        "http": {"addr": address, "tls": {"certificate": file("ca.pem"), "key": file("key.pem")}},
    });
    fs::write(place.join("config.json"), serde_json::to_vec(&settings)?)?;
    let mut command = Command::new(need("docker-registry", "docker-registry")?);
    command
        .args(["serve", &file("config.json")])
        .env("OTEL_TRACES_EXPORTER", "none");
    let mut server = Supervised::start(&command, &Keep::default(), &place.join("log"))?;
    server.wait_ready(Duration::from_secs(20), || {
        std::net::TcpStream::connect(&address).is_ok()
    })?;
    Ok((server, address))
}

#[test]
fn a_mirror_with_the_companys_own_authority() -> Result<()> {
    apt::ensure(&[Package::new("skopeo", "skopeo")], &mut Silent)?;
    let place = tempfile::tempdir()?;
    let (_server, address) = company_registry(place.path())?;
    let tar = place.path().join("plimsoll.tar");
    programs()?
        .image(Builder::Reference)
        .oci(&tar)
        .run_ok(engine()?)?;
    run(Command::new(need("skopeo", "skopeo")?)
        .args(["copy", "--all", "--dest-tls-verify=false"])
        .arg(format!("oci-archive:{}", tar.display()))
        .arg(format!("docker://{address}/plimsoll:1")))?;
    let folder = project(&[(
        "Dockerfile",
        "# syntax=images.example/plimsoll:1\nFROM scratch\nCOPY Dockerfile /\n",
    )])?;
    let ca = place.path().join("ca.pem").display().to_string();
    // On loopback BuildKit would do without TLS if it may.
    let mirror = format!(
        "[registry.\"images.example\"]\n  mirrors = [\"{address}\"]\n[registry.\"{address}\"]\n  http = false\n"
    );
    let trust = format!("  ca = [\"{ca}\"]\n");
    for (settings, works) in [(mirror.clone(), false), (mirror + &trust, true)] {
        let options = EngineOptions {
            base_images: false,
            use_host_variable: false,
            settings,
            ..EngineOptions::default()
        };
        let engine = Engine::start(&options, &mut Silent)?;
        let built = Build::new(folder.path()).built_in().run(&engine)?;
        assert_eq!(built.status.success(), works, "{}", built.stderr);
    }
    Ok(())
}
