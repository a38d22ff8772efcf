//! What is attached to the image of a release, and the files beside it.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use plimsoll_engine::frontend_image::{Builder, project};
use plimsoll_engine::release::{attested_image, manifest_digest};
use plimsoll_engine::{OciImage, Silent, layer};
use serde_json::Value;

use crate::common::{engine, programs};

/// The statements in an archive that are about the image for this machine.
fn statements(tar: &Path) -> Result<Vec<Value>> {
    let image = OciImage::open(tar)?;
    let read = |digest: &Value| -> Result<Value> {
        let digest = digest.as_str().context("no digest")?;
        Ok(serde_json::from_slice(&fs::read(image.blob(digest)?)?)?)
    };
    let index = read(&Value::from(image.roots[0].digest.clone()))?;
    let mut found = Vec::new();
    for manifest in index["manifests"].as_array().into_iter().flatten() {
        if manifest["annotations"]["vnd.docker.reference.type"] == "attestation-manifest" {
            for layer in read(&manifest["digest"])?["layers"]
                .as_array()
                .into_iter()
                .flatten()
            {
                found.push(read(&layer["digest"])?);
            }
        }
    }
    Ok(found)
}

#[test]
fn the_bill_of_materials_and_the_provenance_are_attached() -> Result<()> {
    let (engine, programs, place) = (engine()?, programs()?, tempfile::tempdir()?);
    let tar = place.path().join("attested.tar");
    let sbom = attested_image(engine, programs, &tar, &mut Silent)?;
    let found = statements(&tar)?;
    let of_kind = |kind: &str| {
        let one = found.iter().find(|one| {
            one["predicateType"]
                .as_str()
                .is_some_and(|text| text.starts_with(kind))
        });
        one.with_context(|| format!("no {kind} in {found:?}"))
    };
    // BuildKit adds itself to the document's makers.
    let attached = &of_kind("https://spdx.dev/Document")?["predicate"];
    for key in ["spdxVersion", "name", "packages", "relationships"] {
        ensure!(attached[key] == sbom[key], "{key} is not what was made");
    }
    let provenance = of_kind("https://slsa.dev/provenance/v1")?["predicate"].to_string();
    for part in ["frontend.Dockerfile", "\"build-arg:REVISION\""] {
        ensure!(provenance.contains(part), "{part} is not in {provenance}");
    }
    let folder = project().display().to_string();
    ensure!(!provenance.contains(&folder), "{folder} is in {provenance}");

    // What is attached changes nothing in the image itself.
    let plain = place.path().join("plain.tar");
    programs.image(Builder::Reference).oci(&plain).run_ok(engine)?;
    let image = OciImage::open(&plain)?;
    let root = &image.roots[0];
    let alone = if root.media_type.contains("index") {
        manifest_digest(&plain, layer::architecture())?
    } else {
        root.digest.clone()
    };
    assert_eq!(manifest_digest(&tar, layer::architecture())?, alone);
    Ok(())
}

#[test]
fn the_bill_of_materials_lists_what_is_linked() -> Result<()> {
    let place = tempfile::tempdir()?;
    let sbom = attested_image(
        engine()?,
        programs()?,
        &place.path().join("image.tar"),
        &mut Silent,
    )?;
    let packages = sbom["packages"].as_array().context("no packages")?;
    let find = |name: &str| packages.iter().find(|package| package["name"] == name);
    for name in [
        "plimsoll-frontend",
        "llb-graph",
        "tokio",
        "prost",
        "h2",
        "rust-std",
    ] {
        ensure!(find(name).is_some(), "{name} is not in {packages:?}");
    }
    // Macros, what compiles the protocol and what only tests have leave nothing in the program.
    for name in [
        "serde_derive",
        "prost-derive",
        "syn",
        "protox",
        "prost-build",
        "plimsoll-parity",
    ] {
        ensure!(find(name).is_none(), "{name} is not linked");
    }
    let lock = fs::read_to_string(project().join("Cargo.lock"))?;
    for package in packages {
        let (name, version) = (&package["name"], &package["versionInfo"]);
        ensure!(
            package["licenseDeclared"] != "NOASSERTION",
            "{name} has no licence"
        );
        if let Some(checksum) = package["checksums"][0]["checksumValue"].as_str() {
            ensure!(lock.contains(checksum), "{name} {version}: {checksum}");
        } else {
            ensure!(
                package["externalRefs"].is_null(),
                "{name} {version} has no checksum"
            );
        }
    }
    Ok(())
}
