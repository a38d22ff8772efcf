//! What is written about an image: its config, its dates, and the attestations beside it.

use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime};

use anyhow::{Context, Result, ensure};
use plimsoll_engine::program::run;
use plimsoll_engine::{Build, FRONTEND, OciImage, Output, WebServer};
use serde_json::Value;

use crate::common::REFERENCE;
use crate::fixture::{SCANNER, both, digest, engine, failures, image_digest, project, push_scanner};
use crate::repository::commit;

const EPOCH: &str = "1700000000";

#[test]
fn the_config_is_the_reference_s() -> Result<()> {
    let engine = engine()?;
    let base = project(&[(
        "Dockerfile",
        "FROM scratch\nLABEL of=base\nENV PATH=/own A=1\nENTRYPOINT [\"/base\"]\nCMD [\"base\"]\nVOLUME /base\n",
    )])?;
    let push = Output::Push("docker.io/test/config:1".to_owned());
    Build::new(base.path()).reference().output(push).run_ok(engine)?;
    let folder = project(&[(
        "Dockerfile",
        "FROM test/config:1\nARG TARGETARCH\nLABEL a=b of=child\nENV A=2 B=$TARGETARCH\nEXPOSE 80/tcp 53/udp\nUSER 1000:1000\n\
         WORKDIR there\nCOPY Dockerfile .\nVOLUME [\"/data\", \"/more\"]\nSTOPSIGNAL SIGINT\nSHELL [\"/bin/ash\", \"-c\"]\nCMD echo hi\n\
         HEALTHCHECK --interval=5s --start-period=1m --retries=2 CMD true\nONBUILD RUN echo $A\nMAINTAINER me\n",
    )])?;
    both(
        folder.path(),
        |build| {
            build
                .arg("SOURCE_DATE_EPOCH", EPOCH)
                .opt("label:by", "the client")
        },
        |build| image_digest(engine, build),
    )?;
    let place = tempfile::tempdir()?;
    let tar = place.path().join("image.tar");
    Build::new(folder.path()).oci(&tar).run_ok(engine)?;
    let image = OciImage::open(&tar)?;
    // A new entry point resets CMD, but here only CMD is new.
    assert_eq!(image.list("Entrypoint"), ["/base"]);
    assert_eq!(image.list("Cmd"), ["/bin/ash", "-c", "echo hi"]);
    assert_eq!(image.config["config"]["Labels"]["of"], "child");
    assert_eq!(image.text("WorkingDir"), "/there");
    Ok(())
}

/// The date in an image's config and in the last line of its history.
fn dates(build: Build) -> Result<(Value, Value, String)> {
    let place = tempfile::tempdir()?;
    let tar = place.path().join("image.tar");
    let built = build.oci(&tar).run_ok(engine()?)?;
    let image = OciImage::open(&tar)?;
    let history = image.config["history"]
        .as_array()
        .and_then(|lines| lines.last())
        .context("no history")?;
    Ok((
        image.config["created"].clone(),
        history["created"].clone(),
        digest(&built)?,
    ))
}

#[test]
fn dates_from_every_source() -> Result<()> {
    let server = WebServer::start()?;
    let source = project(&[("Dockerfile", "FROM scratch\nCOPY . /\n"), ("a", "in git\n")])?;
    commit(source.path(), "master")?;
    let repository = server.publish("dated", source.path())?;
    // The day of the commit, as the daemon finds it out.
    let file = server.put("dated.txt", b"dated by the server\n")?;
    let own = project(&[("Dockerfile", "FROM scratch\nCOPY Dockerfile /\nWORKDIR /made\n")])?;
    let number = both(own.path(), |build| build.arg("SOURCE_DATE_EPOCH", EPOCH), dates)?;
    assert_eq!(number.0, "2023-11-14T22:13:20Z");
    assert_eq!(number.1, "2023-11-14T22:13:20Z");

    let of_git = both(
        own.path(),
        |build| {
            build
                .opt("context", &repository)
                .arg("SOURCE_DATE_EPOCH", "context")
        },
        dates,
    )?;
    let named = both(
        own.path(),
        |build| {
            build
                .opt("context:ship", &repository)
                .arg("SOURCE_DATE_EPOCH", "ship")
        },
        dates,
    )?;
    assert_eq!(of_git.0, named.0);
    let http = both(
        own.path(),
        |build| {
            build
                .opt("context:paper", &file)
                .arg("SOURCE_DATE_EPOCH", "paper")
        },
        dates,
    )?;
    assert_eq!(http.0, number.0, "the server's Last-Modified is that second");

    // A stage that is nothing but a source; and the file's own default.
    let stage = project(&[(
        "Dockerfile",
        &format!(
            "ARG SOURCE_DATE_EPOCH=log\nFROM scratch AS log\nADD {repository} /\nFROM scratch\nCOPY Dockerfile /\n"
        ),
    )])?;
    assert_eq!(both(stage.path(), |build| build, dates)?.0, of_git.0);
    let default = project(&[(
        "Dockerfile",
        "ARG SOURCE_DATE_EPOCH=1700000000\nFROM scratch\nCOPY Dockerfile /\n",
    )])?;
    assert_eq!(both(default.path(), |build| build, dates)?.0, number.0);

    for value in ["yesterday", "1.5", "absent-stage"] {
        let [ours, _] = failures(own.path(), |build| build.arg("SOURCE_DATE_EPOCH", value))?;
        ensure!(
            ours.stderr.contains("SOURCE_DATE_EPOCH") && ours.stderr.contains(value),
            "{}",
            ours.stderr
        );
    }
    Ok(())
}

#[test]
fn built_twice_it_is_the_same_image() -> Result<()> {
    let engine = engine()?;
    let mut digests = Vec::new();
    for age in [100, 1_000_000] {
        let folder = project(&[
            (
                "Dockerfile",
                "FROM alpine\nWORKDIR /app\nCOPY . .\nRUN date > /dev/null; echo built > result\nENV A=1\n",
            ),
            ("sub/file", "the same\n"),
        ])?;
        let then = SystemTime::now() - Duration::from_secs(age);
        fs::File::open(folder.path().join("sub/file"))?.set_modified(then)?;
        for build in crate::fixture::pair(folder.path()) {
            let place = tempfile::tempdir()?;
            let output = format!(
                "type=oci,rewrite-timestamp=true,dest={}",
                place.path().join("image.tar").display()
            );
            let built = build
                .no_cache()
                .arg("SOURCE_DATE_EPOCH", EPOCH)
                .output(Output::Raw(output))
                .run_ok(engine)?;
            digests.push(digest(&built)?);
        }
    }
    let first = digests.first().context("nothing was built")?;
    ensure!(digests.iter().all(|other| other == first), "{digests:?}");
    Ok(())
}

/// The statements in the attestations of an image, each as its predicate type and its predicate.
fn statements(tar: &Path) -> Result<Vec<(String, Value)>> {
    let image = OciImage::open(tar)?;
    let read = |digest: &Value| -> Result<Value> {
        let path = image.blob(digest.as_str().context("no digest")?)?;
        Ok(serde_json::from_slice(&fs::read(path)?)?)
    };
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let mut found = Vec::new();
    for root in &image.roots {
        let index = read(&Value::from(root.digest.as_str()))?;
        for manifest in list(&index["manifests"]) {
            if manifest["annotations"]["vnd.docker.reference.type"] != "attestation-manifest" {
                continue;
            }
            for layer in list(&read(&manifest["digest"])?["layers"]) {
                let statement = read(&layer["digest"])?;
                let kind = statement["predicateType"].as_str().unwrap_or_default();
                found.push((kind.to_owned(), statement["predicate"].clone()));
            }
        }
    }
    found.sort_by_key(|(kind, predicate)| (kind.clone(), predicate["name"].to_string()));
    Ok(found)
}

#[test]
fn bills_of_materials() -> Result<()> {
    push_scanner(engine()?)?;
    let folder = project(&[
        (
            "Dockerfile",
            "ARG BUILDKIT_SBOM_SCAN_CONTEXT=true\nFROM scratch AS tools\nARG BUILDKIT_SBOM_SCAN_STAGE=true\nCOPY tool /tool\n\
             FROM scratch AS unasked\nCOPY tool /unasked\n\
             FROM scratch\nCOPY --from=tools /tool /bin/\nCOPY --from=unasked /unasked /\n",
        ),
        ("tool", "a tool\n"),
    ])?;
    let engine = engine()?;
    let look = |build: Build| {
        let place = tempfile::tempdir()?;
        let tar = place.path().join("image.tar");
        build.oci(&tar).run_ok(engine)?;
        statements(&tar)
    };
    let sbom = format!("generator={SCANNER},DEPTH=deep");
    let found = both(folder.path(), |build| build.opt("attest:sbom", &sbom), look)?;
    let names: Vec<String> = found
        .iter()
        .map(|(_, predicate)| predicate["name"].to_string() + " " + &predicate["comment"].to_string())
        .collect();
    assert_eq!(
        names,
        [
            r#""sbom" "./bin/tool ./unasked  deep""#,
            r#""sbom-context" "./tool  deep""#,
            r#""sbom-tools" "./tool  deep""#
        ]
    );

    // Which stages, by the client; and an image for each platform with a bill of its own.
    let found = both(
        folder.path(),
        |build| {
            build
                .opt("attest:sbom", &sbom)
                .arg("BUILDKIT_SBOM_SCAN_CONTEXT", "false")
                .arg("BUILDKIT_SBOM_SCAN_STAGE", "unasked")
                .opt("platform", "linux/amd64,linux/arm64")
        },
        look,
    )?;
    assert_eq!(found.len(), 2, "{found:?}");
    failures(folder.path(), |build| build.opt("attest:sbom", "generator="))?;
    Ok(())
}

#[test]
fn provenance_and_bills_by_buildx() -> Result<()> {
    push_scanner(engine()?)?;
    let folder = project(&[("Dockerfile", "FROM alpine\nRUN echo attested\n")])?;
    for frontend in [FRONTEND, REFERENCE] {
        let place = tempfile::tempdir()?;
        let tar = place.path().join("image.tar");
        let mut build = engine()?.buildx()?;
        build.args(["build", "--provenance=mode=max"]);
        build.arg(format!("--sbom=generator={SCANNER}"));
        build
            .arg(format!("--build-arg=BUILDKIT_SYNTAX={frontend}"))
            .arg(format!("--output=type=oci,dest={}", tar.display()));
        run(build.arg(folder.path()))?;
        let found = statements(&tar)?;
        let kinds: Vec<&str> = found.iter().map(|(kind, _)| kind.as_str()).collect();
        ensure!(kinds.contains(&"https://spdx.dev/Document"), "{kinds:?}");
        let (_, provenance) = found
            .iter()
            .find(|(kind, _)| kind.starts_with("https://slsa.dev/provenance/"))
            .context("no provenance")?;
        let text = provenance.to_string();
        for part in [
            "pkg:docker/alpine@latest",
            "[\"/bin/sh\",\"-c\",\"echo attested\"]",
            "\"filename\":\"Dockerfile\"",
        ] {
            ensure!(text.contains(part), "{frontend}: {part} is not in {text}");
        }
    }
    Ok(())
}
