//! Reading an image in the form of an OCI layout tar, as `--output type=oci` writes it.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Read;
use std::path::{Component, Path, PathBuf};

use anyhow::{Context, Result, bail};
use flate2::read::MultiGzDecoder;
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use tempfile::TempDir;

use crate::layer::architecture;
use crate::program::is_root;

/// What an OCI index or manifest says about one blob.
#[derive(Debug, Clone, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub struct Descriptor {
    /// The kind of content.
    pub media_type: String,
    /// `sha256:…`
    pub digest: String,
    /// Bytes.
    pub size: u64,
    /// For which machine, in an index.
    pub platform: Option<Platform>,
    /// Notes.
    #[serde(default)]
    pub annotations: BTreeMap<String, String>,
}

/// A machine that an image is for.
#[derive(Debug, Clone, Deserialize, PartialEq, Eq)]
pub struct Platform {
    /// Such as `linux`.
    pub os: String,
    /// Such as `amd64`.
    pub architecture: String,
    /// Such as `v7`.
    #[serde(default)]
    pub variant: String,
}

/// An index or a manifest; which one, its fields say.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Manifest {
    /// Of an index: the manifests.
    #[serde(default)]
    pub manifests: Vec<Descriptor>,
    /// Of a manifest: the image config.
    pub config: Option<Descriptor>,
    /// Of a manifest: the layers, from the bottom.
    #[serde(default, deserialize_with = "or_none")]
    pub layers: Vec<Descriptor>,
}

/// A list; BuildKit writes `null` for that of an image without layers.
fn or_none<'de, D: Deserializer<'de>>(list: D) -> Result<Vec<Descriptor>, D::Error> {
    Ok(Option::deserialize(list)?.unwrap_or_default())
}

/// An unpacked OCI layout and, in it, the image for this machine.
#[derive(Debug)]
pub struct OciImage {
    folder: TempDir,
    /// What the layout's index points to.
    pub roots: Vec<Descriptor>,
    /// The manifest of the image for this machine, or the only one.
    pub manifest: Manifest,
    /// Its image config.
    pub config: Value,
}

impl OciImage {
    /// Opens an OCI layout in a tar file. With several platforms in it, the one of this machine is chosen.
    pub fn open(tar: &Path) -> Result<Self> {
        Self::open_for(tar, architecture())
    }

    /// Like [`OciImage::open`], for the given architecture, such as `arm64`.
    pub fn open_for(tar: &Path, architecture: &str) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let file = File::open(tar).with_context(|| format!("could not open {}", tar.display()))?;
        tar::Archive::new(file)
            .unpack(folder.path())
            .with_context(|| format!("{} is not a tar file", tar.display()))?;
        let index = fs::read(folder.path().join("index.json"))
            .with_context(|| format!("{} is not an OCI layout: it has no index.json", tar.display()))?;
        let roots = serde_json::from_slice::<Manifest>(&index)?.manifests;
        let manifest = choose(folder.path(), &roots, architecture)?
            .with_context(|| format!("{} has no image for {architecture}", tar.display()))?;
        let config = manifest
            .config
            .as_ref()
            .context("the image's manifest names no config")?;
        let config = serde_json::from_slice(&fs::read(blob_path(folder.path(), &config.digest)?)?)?;
        Ok(Self {
            folder,
            roots,
            manifest,
            config,
        })
    }

    /// The file of a blob of the layout.
    pub fn blob(&self, digest: &str) -> Result<PathBuf> {
        blob_path(self.folder.path(), digest)
    }

    /// Bytes that a pull transfers: the compressed layers and the config.
    pub fn compressed_size(&self) -> u64 {
        self.manifest
            .layers
            .iter()
            .chain(&self.manifest.config)
            .map(|blob| blob.size)
            .sum()
    }

    /// A list in the image's `config`, such as `Env` or `Entrypoint`; empty when it has none.
    pub fn list(&self, key: &str) -> Vec<String> {
        let items = self.config["config"][key].as_array();
        items
            .into_iter()
            .flatten()
            .filter_map(|item| item.as_str().map(str::to_owned))
            .collect()
    }

    /// The command line that a container of the image runs: entry point and command.
    pub fn command(&self) -> Vec<String> {
        let mut words = self.list("Entrypoint");
        words.extend(self.list("Cmd"));
        words
    }

    /// The text `key` in the image's `config`, such as `WorkingDir` or `User`; empty when it has none.
    pub fn text(&self, key: &str) -> &str {
        self.config["config"][key].as_str().unwrap_or_default()
    }

    /// Unpacks the layers over one another into a folder; without root all files belong to the user.
    pub fn unpack(&self, rootfs: &Path) -> Result<()> {
        fs::create_dir_all(rootfs)?;
        for layer in &self.manifest.layers {
            apply(self.reader(layer)?, rootfs)
                .with_context(|| format!("could not unpack layer {}", layer.digest))?;
        }
        Ok(())
    }

    /// The paths of all files in the final root file system, sorted, without a leading slash.
    pub fn files(&self) -> Result<Vec<String>> {
        let rootfs = tempfile::tempdir()?;
        self.unpack(rootfs.path())?;
        let mut files = Vec::new();
        list_files(rootfs.path(), Path::new(""), &mut files)?;
        files.sort();
        Ok(files)
    }

    /// Says in which blobs of the layout the bytes occur, whether plain or compressed: digests, or none.
    pub fn search(&self, needle: &[u8]) -> Result<Vec<String>> {
        let mut found = Vec::new();
        for entry in fs::read_dir(self.folder.path().join("blobs/sha256"))? {
            let path = entry?.path();
            let mut magic = [0; 2];
            let packed = File::open(&path)?.read_exact(&mut magic).is_ok() && magic == [0x1f, 0x8b];
            let plain = contains(&mut File::open(&path)?, needle)?;
            if plain || (packed && contains(&mut MultiGzDecoder::new(File::open(&path)?), needle)?) {
                found.push(
                    path.file_name()
                        .unwrap_or_default()
                        .to_string_lossy()
                        .into_owned(),
                );
            }
        }
        Ok(found)
    }

    fn reader(&self, layer: &Descriptor) -> Result<Box<dyn Read>> {
        let file = File::open(self.blob(&layer.digest)?)?;
        match layer.media_type.rsplit(['.', '+']).next() {
            Some("gzip") => Ok(Box::new(MultiGzDecoder::new(file))),
            Some("tar") => Ok(Box::new(file)),
            _ => bail!("layers of type {} can't be read here", layer.media_type),
        }
    }
}

fn blob_path(folder: &Path, digest: &str) -> Result<PathBuf> {
    let (kind, hash) = digest
        .split_once(':')
        .with_context(|| format!("{digest} is not a digest"))?;
    Ok(folder.join("blobs").join(kind).join(hash))
}

/// Finds the image's manifest below some descriptors; attestations are no images.
fn choose(folder: &Path, among: &[Descriptor], architecture: &str) -> Result<Option<Manifest>> {
    for descriptor in among {
        let wrong = descriptor
            .platform
            .as_ref()
            .is_some_and(|platform| platform.architecture != architecture);
        if wrong || descriptor.annotations.contains_key("vnd.docker.reference.type") {
            continue;
        }
        let manifest: Manifest = serde_json::from_slice(&fs::read(blob_path(folder, &descriptor.digest)?)?)?;
        if manifest.config.is_some() {
            return Ok(Some(manifest));
        }
        if let Some(found) = choose(folder, &manifest.manifests, architecture)? {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

/// Applies one layer's tar to a folder, honoring whiteouts.
fn apply(layer: Box<dyn Read>, rootfs: &Path) -> Result<()> {
    let mut archive = tar::Archive::new(layer);
    archive.set_preserve_permissions(true);
    archive.set_preserve_ownerships(is_root());
    archive.set_overwrite(true);
    for entry in archive.entries()? {
        let mut entry = entry?;
        let path = entry.path()?.into_owned();
        if path.components().any(|part| part == Component::ParentDir) {
            bail!("the layer has a path with `..`: {}", path.display());
        }
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let parent = rootfs.join(path.parent().unwrap_or(Path::new("")));
        if name == ".wh..wh..opq" {
            for child in fs::read_dir(&parent)? {
                remove(&child?.path())?;
            }
        } else if let Some(gone) = name.strip_prefix(".wh.") {
            remove(&parent.join(gone))?;
        } else {
            let target = rootfs.join(&path);
            let old = target.symlink_metadata();
            if old.is_ok_and(|old| old.is_dir() != entry.header().entry_type().is_dir()) {
                remove(&target)?;
            }
            entry
                .unpack_in(rootfs)
                .with_context(|| format!("at {}", path.display()))?;
        }
    }
    Ok(())
}

fn remove(path: &Path) -> Result<()> {
    match path.symlink_metadata() {
        Ok(meta) if meta.is_dir() => Ok(fs::remove_dir_all(path)?),
        Ok(_) => Ok(fs::remove_file(path)?),
        Err(_) => Ok(()),
    }
}

fn list_files(root: &Path, name: &Path, files: &mut Vec<String>) -> Result<()> {
    for entry in fs::read_dir(root.join(name))? {
        let entry = entry?;
        let path = name.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            list_files(root, &path, files)?;
        } else {
            files.push(path.to_string_lossy().into_owned());
        }
    }
    Ok(())
}

/// Whether a stream has the bytes in it.
pub fn contains(stream: &mut dyn Read, needle: &[u8]) -> Result<bool> {
    let finder = memchr::memmem::Finder::new(needle);
    let mut buffer = Vec::new();
    let mut chunk = vec![0; 1 << 20];
    loop {
        let count = stream.read(&mut chunk)?;
        if count == 0 {
            return Ok(false);
        }
        buffer.extend_from_slice(&chunk[..count]);
        if finder.find(&buffer).is_some() {
            return Ok(true);
        }
        // A match may straddle two reads.
        let kept = buffer.len().saturating_sub(needle.len().saturating_sub(1));
        buffer.drain(..kept);
    }
}
