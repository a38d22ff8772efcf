//! The bill of materials of the frontend: every crate that is linked into the program, as SPDX.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::frontend_image::{Origin, PROGRAM};
use crate::program::run;

/// The targets that the image is for.
const TARGETS: [&str; 2] = ["x86_64-unknown-linux-musl", "aarch64-unknown-linux-musl"];

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    version: String,
    license: Option<String>,
    source: Option<String>,
}

/// The SPDX document for the program that is compiled from a checkout by the cargo at hand.
pub fn document(checkout: &Path, origin: &Origin) -> Result<Value> {
    let mut ask = Command::new("cargo");
    ask.args(["metadata", "--locked", "--format-version=1"]);
    ask.args(TARGETS.map(|target| format!("--filter-platform={target}")));
    let metadata: Metadata = serde_json::from_slice(&run(ask.current_dir(checkout))?.stdout)?;
    let checksums = checksums(&fs::read_to_string(checkout.join("Cargo.lock"))?);
    let linked = linked(checkout)?;
    let packages: Vec<&Package> = metadata
        .packages
        .iter()
        .filter(|package| linked.contains(&(package.name.clone(), package.version.clone())))
        .collect();
    let program = packages
        .iter()
        .find(|package| package.name == PROGRAM)
        .context("the program's package is not there")?;
    let rustc = run(Command::new("rustc").arg("-V").current_dir(checkout))?;
    let rustc = String::from_utf8_lossy(&rustc.stdout).trim().to_owned();
    let created = run(Command::new("date").args(["-u", "-d", &format!("@{}", origin.epoch), "+%FT%TZ"]))?;
    let mut described: Vec<Value> = packages
        .iter()
        .map(|package| describe(package, &checksums))
        .collect();
    described.push(standard_library(&rustc));
    let contains: Vec<Value> = described
        .iter()
        .filter(|package| package["SPDXID"] != json!(identity(program)))
        .map(|package| relation(&identity(program), "DEPENDS_ON", package["SPDXID"].as_str()))
        .chain([relation(
            "SPDXRef-DOCUMENT",
            "DESCRIBES",
            Some(&identity(program)),
        )])
        .collect();
    let name = format!("{}-{}", program.name, program.version);
    Ok(json!({
        "spdxVersion": "SPDX-2.3",
        "dataLicense": "CC0-1.0",
        "SPDXID": "SPDXRef-DOCUMENT",
        "name": name,
        "documentNamespace": format!("https://plimsoll.example/spdx/{name}-{}", origin.revision),
        "creationInfo": {
            "created": String::from_utf8_lossy(&created.stdout).trim(),
            "creators": [format!("Tool: plimsoll-release-{}", program.version)],
        },
        "packages": described,
        "relationships": contains,
    }))
}

/// Names and versions of what is linked into the program when it is compiled alone: with the rest of the workspace some crates
/// have further features, and those bring further crates. Macros run in the compiler and leave nothing of themselves.
fn linked(checkout: &Path) -> Result<BTreeSet<(String, String)>> {
    let mut found = BTreeSet::new();
    for target in TARGETS {
        let mut ask = Command::new("cargo");
        ask.args(["tree", "--locked", "--package", PROGRAM, "--target", target]);
        ask.args(["--edges=normal,no-proc-macro", "--prefix=none", "--format={p}"]);
        let listed = run(ask.current_dir(checkout))?;
        for line in String::from_utf8_lossy(&listed.stdout).lines() {
            let mut words = line.split(' ');
            let name = words.next().unwrap_or_default();
            let version = words.next().and_then(|word| word.strip_prefix('v'));
            let version = version.with_context(|| format!("cargo tree says `{line}`"))?;
            found.insert((name.to_owned(), version.to_owned()));
        }
    }
    Ok(found)
}

/// The checksums of crates in a lock file, by name and version.
fn checksums(lock: &str) -> BTreeMap<(String, String), String> {
    let field = |block: &str, key: &str| {
        let line = block
            .lines()
            .find_map(|line| line.strip_prefix(&format!("{key} = \"")))?;
        Some(line.trim_end_matches('"').to_owned())
    };
    lock.split("[[package]]")
        .filter_map(|block| {
            Some((
                (field(block, "name")?, field(block, "version")?),
                field(block, "checksum")?,
            ))
        })
        .collect()
}

fn identity(package: &Package) -> String {
    // SPDX allows letters, digits, dots and hyphens.
    let version = package.version.replace('+', "-");
    format!("SPDXRef-{}-{version}", package.name.replace('_', "-"))
}

fn describe(package: &Package, checksums: &BTreeMap<(String, String), String>) -> Value {
    let Package { name, version, .. } = package;
    let license = package.license.as_deref().unwrap_or("NOASSERTION");
    // Crates of old write it with a slash.
    let license: Vec<&str> = license.split('/').map(str::trim).collect();
    let mut described = json!({
        "SPDXID": identity(package),
        "name": name,
        "versionInfo": version,
        "downloadLocation": "NOASSERTION",
        "filesAnalyzed": false,
        "licenseConcluded": "NOASSERTION",
        "licenseDeclared": license.join(" OR "),
        "copyrightText": "NOASSERTION",
    });
    if package.source.is_some() {
        described["externalRefs"] = json!([{
            "referenceCategory": "PACKAGE-MANAGER",
            "referenceType": "purl",
            "referenceLocator": format!("pkg:cargo/{name}@{version}"),
        }]);
    }
    if let Some(checksum) = checksums.get(&(name.clone(), version.clone())) {
        described["checksums"] = json!([{"algorithm": "SHA256", "checksumValue": checksum}]);
    }
    described
}

/// The standard library, which no crate names.
fn standard_library(rustc: &str) -> Value {
    json!({
        "SPDXID": "SPDXRef-rust-std",
        "name": "rust-std",
        "versionInfo": rustc.split(' ').nth(1).unwrap_or_default(),
        "comment": rustc,
        "downloadLocation": "https://static.rust-lang.org/dist/",
        "filesAnalyzed": false,
        "licenseConcluded": "NOASSERTION",
        "licenseDeclared": "MIT OR Apache-2.0",
        "copyrightText": "NOASSERTION",
    })
}

fn relation(from: &str, kind: &str, to: Option<&str>) -> Value {
    json!({"spdxElementId": from, "relationshipType": kind, "relatedSpdxElement": to})
}
