//! What a release consists of, as `make release` leaves it in `target/release-files`.

pub mod policy;
pub mod sbom;

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};

use crate::frontend_image::{Builder, Origin, Programs, project, target_folder};
use crate::program::{need, run};
use crate::{Engine, ImageConfig, ImageSpec, Layer, OciImage, Progress, apt, layer};

/// Names the image that the release's policies and page are for.
pub const IMAGE_VARIABLE: &str = "PLIMSOLL_IMAGE";

/// The version, of every package in the workspace.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// What the scanner is published as, in the registry on loopback alone.
const SCANNER: &str = "registry.example/plimsoll-sbom:1";

/// The packages that are libraries of their own, and the program's, with their folders.
const PACKAGES: [(&str, &str); 5] = [
    ("llb-graph", "crates/buildkit-llb"),
    ("dockerfile-syntax", "crates/dockerfile-syntax"),
    ("shell-commands", "crates/shell-commands"),
    ("dockerfile-compile", "crates/dockerfile-compile"),
    ("plimsoll-frontend", "."),
];

/// The page that goes with the files; its names in capitals are filled in.
const PAGE: &str = include_str!("page.md");

/// A release's files.
#[derive(Debug)]
pub struct Release {
    /// Where they are.
    pub folder: PathBuf,
    /// The image's name, with its tag.
    pub image: String,
    /// The digest of the image's index, with the attestations in it.
    pub digest: String,
}

impl Release {
    /// Makes them afresh, with an engine that has no need of base images.
    pub fn make(engine: &Engine, progress: &mut dyn Progress) -> Result<Self> {
        let folder = target_folder().join("release-files");
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        fs::create_dir_all(&folder)?;
        let programs = Programs::compile_all(progress)?;
        for architecture in &programs.architectures {
            let name = format!("plimsoll-frontend-{VERSION}-linux-{architecture}");
            fs::copy(programs.file(architecture), folder.join(name))?;
        }
        progress.step("packaging the crates");
        package(&folder)?;
        let tar = folder.join(format!("plimsoll-{VERSION}.oci.tar"));
        let sbom = attested_image(engine, &programs, &tar, progress)?;
        fs::write(
            folder.join(format!("plimsoll-{VERSION}.spdx.json")),
            pretty(&sbom)?,
        )?;
        let release = Self {
            image: env::var(IMAGE_VARIABLE)
                .unwrap_or_else(|_| format!("registry.example/plimsoll:{VERSION}")),
            digest: root_digest(&tar)?,
            folder,
        };
        release.write_policies()?;
        release.write_page(&tar, &programs)?;
        release.write_checksums()?;
        Ok(release)
    }

    fn write_policies(&self) -> Result<()> {
        for (name, policy) in [
            ("policy-pin.json", policy::pin(&self.image, &self.digest)),
            (
                "policy-changeover.json",
                policy::changeover(&self.image, &self.digest),
            ),
            ("policy-back.json", policy::back(&self.image)),
        ] {
            fs::write(self.folder.join(name), pretty(&policy)?)?;
        }
        let rego = policy::rego(&self.image, &self.digest);
        Ok(fs::write(self.folder.join("policy.rego"), rego)?)
    }

    fn write_page(&self, tar: &Path, programs: &Programs) -> Result<()> {
        let origin = Origin::of(project());
        let mut manifests = String::new();
        for architecture in &programs.architectures {
            let digest = manifest_digest(tar, architecture)?;
            manifests += &format!("| `linux/{architecture}` | `{digest}` |\n");
        }
        let repository = policy::repository(&self.image);
        let mut page = PAGE.to_owned();
        for (name, value) in [
            ("VERSION", VERSION),
            ("REVISION", &origin.revision),
            ("EPOCH", &origin.epoch),
            ("ADDRESS", &origin.source),
            ("IMAGE", &self.image),
            ("REPOSITORY", repository),
            ("DIGEST", &self.digest),
            ("MANIFESTS\n", &manifests),
            ("RUSTC", &rustc_version()?),
        ] {
            page = page.replace(&format!("@{name}"), value);
        }
        Ok(fs::write(self.folder.join("README.md"), page)?)
    }

    /// In the form that `sha256sum --check` reads.
    fn write_checksums(&self) -> Result<()> {
        let mut sums = BTreeMap::new();
        for entry in fs::read_dir(&self.folder)? {
            let entry = entry?;
            let digest = layer::digest_file(&entry.path())?;
            sums.insert(entry.file_name().to_string_lossy().into_owned(), digest);
        }
        let line = |(name, digest): (&String, &String)| {
            format!("{}  {name}\n", digest.trim_start_matches("sha256:"))
        };
        let text: String = sums.iter().map(line).collect();
        Ok(fs::write(self.folder.join("SHA256SUMS"), text)?)
    }
}

/// Builds the image with its bill of materials, which is given back, and its provenance.
pub fn attested_image(
    engine: &Engine,
    programs: &Programs,
    tar: &Path,
    progress: &mut dyn Progress,
) -> Result<Value> {
    progress.step("building the image, with its bill of materials and its provenance");
    let sbom = sbom::document(project(), &Origin::of(project()))?;
    publish_scanner(engine, &sbom, progress)?;
    programs
        .image(Builder::Reference)
        .opt("attest:sbom", &format!("generator={SCANNER}"))
        .opt("attest:provenance", "mode=max,version=v1")
        .oci(tar)
        .run_ok(engine)?;
    Ok(sbom)
}

/// The digest of what an archive's index points to.
pub fn root_digest(tar: &Path) -> Result<String> {
    let image = OciImage::open(tar)?;
    let [root] = image.roots.as_slice() else {
        bail!("{} holds {} images", tar.display(), image.roots.len());
    };
    Ok(root.digest.clone())
}

/// The digest of the image for one processor: the same for every build of the same sources, whatever is attached.
pub fn manifest_digest(tar: &Path, architecture: &str) -> Result<String> {
    let image = OciImage::open(tar)?;
    let root = image.roots.first().context("the archive is empty")?;
    let index: Value = serde_json::from_slice(&fs::read(image.blob(&root.digest)?)?)?;
    let manifests = index["manifests"].as_array().into_iter().flatten();
    let mut digests = manifests
        .filter(|manifest| manifest["platform"]["architecture"] == architecture)
        .filter_map(|manifest| manifest["digest"].as_str());
    let digest = digests.next().context("the index has no such platform")?;
    Ok(digest.to_owned())
}

fn rustc_version() -> Result<String> {
    let answer = run(Command::new("rustc").arg("-V").current_dir(project()))?;
    Ok(String::from_utf8_lossy(&answer.stdout).trim().to_owned())
}

fn pretty(value: &Value) -> Result<Vec<u8>> {
    let mut bytes = serde_json::to_vec_pretty(value)?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// The crates as they would be published, each compiled once from its archive.
fn package(folder: &Path) -> Result<()> {
    let target = target_folder().join("package-build");
    let mut command = Command::new("cargo");
    command.args(["package", "--quiet", "--allow-dirty"]);
    for (package, folder) in PACKAGES {
        // They are on no registry, so they take each other from here.
        if folder != "." {
            command.args(["--config", &format!("patch.crates-io.{package}.path='{folder}'")]);
        }
        command.args(["--package", package]);
    }
    run(command.arg("--target-dir").arg(&target).current_dir(project()))?;
    for (package, _) in PACKAGES {
        let name = format!("{package}-{VERSION}.crate");
        let made = target.join("package").join(&name);
        ensure!(made.exists(), "cargo package left no {}", made.display());
        fs::copy(made, folder.join(name))?;
    }
    Ok(())
}

/// The image that BuildKit asks for a bill of materials: it hands over the one that was made from the lock file. What looks at
/// files alone finds no crates in a static program.
fn publish_scanner(engine: &Engine, sbom: &Value, progress: &mut dyn Progress) -> Result<()> {
    apt::ensure(&[apt::Package::new("busybox-static", "busybox")], progress)?;
    let folder = tempfile::tempdir()?;
    let root = folder.path().join("root");
    fs::create_dir(&root)?;
    fs::copy(need("busybox", "busybox-static")?, root.join("busybox"))?;
    let statement = json!({
        "_type": "https://in-toto.io/Statement/v0.1",
        "predicateType": "https://spdx.dev/Document",
        "predicate": sbom,
    });
    fs::write(root.join("sbom.spdx.json"), serde_json::to_vec(&statement)?)?;
    let layer = Layer::between(None, &root, &folder.path().join("layer.tar.gz"))?;
    let script = "/busybox cp /sbom.spdx.json \"$BUILDKIT_SCAN_DESTINATION/\"";
    let entrypoint = ["/busybox", "sh", "-c", script];
    let config = ImageConfig {
        entrypoint: entrypoint.map(str::to_owned).to_vec(),
        ..ImageConfig::default()
    };
    let layers = vec![layer];
    engine.push_image(&ImageSpec { layers, config }, SCANNER)
}
