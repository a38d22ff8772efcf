//! Image layers and configs, written from folders.

use std::collections::BTreeMap;
use std::fs::{self, File, Metadata};
use std::io::{self, BufWriter, Read, Write};
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use flate2::{Compression, write::GzEncoder};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest, Sha256};

/// A gzip-compressed layer in a file.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Layer {
    /// Where the compressed bytes are.
    pub path: PathBuf,
    /// Digest of the compressed bytes, with `sha256:` in front.
    pub digest: String,
    /// Digest of the uncompressed tar, with `sha256:` in front.
    pub diff_id: String,
    /// Size of the compressed bytes.
    pub size: u64,
}

/// What an image says about its processes; empty fields are left out of its config.
#[derive(Debug, Clone, Default)]
pub struct ImageConfig {
    /// Environment, each as `KEY=value`.
    pub env: Vec<String>,
    /// Default arguments.
    pub cmd: Vec<String>,
    /// The program.
    pub entrypoint: Vec<String>,
    /// The working folder.
    pub working_dir: String,
    /// The user.
    pub user: String,
    /// Labels.
    pub labels: BTreeMap<String, String>,
}

/// An image that is assembled here, for linux on this machine's processor.
#[derive(Debug, Clone, Default)]
pub struct ImageSpec {
    /// Layers, from the bottom.
    pub layers: Vec<Layer>,
    /// Its config.
    pub config: ImageConfig,
}

impl ImageSpec {
    /// The bytes of the OCI image config.
    pub fn config_json(&self) -> Result<Vec<u8>> {
        let config = &self.config;
        let mut inner = serde_json::Map::new();
        let mut put = |key: &str, value: serde_json::Value, empty: bool| {
            if !empty {
                inner.insert(key.to_owned(), value);
            }
        };
        put("Env", json!(config.env), config.env.is_empty());
        put("Cmd", json!(config.cmd), config.cmd.is_empty());
        put(
            "Entrypoint",
            json!(config.entrypoint),
            config.entrypoint.is_empty(),
        );
        put(
            "WorkingDir",
            json!(config.working_dir),
            config.working_dir.is_empty(),
        );
        put("User", json!(config.user), config.user.is_empty());
        put("Labels", json!(config.labels), config.labels.is_empty());
        let diff_ids: Vec<&str> = self.layers.iter().map(|layer| layer.diff_id.as_str()).collect();
        let history: Vec<_> = self
            .layers
            .iter()
            .map(|_| json!({"created_by": "assembled from packages"}))
            .collect();
        Ok(serde_json::to_vec(&json!({
            "architecture": architecture(),
            "os": "linux",
            "config": inner,
            "rootfs": {"type": "layers", "diff_ids": diff_ids},
            "history": history,
        }))?)
    }
}

/// This machine's processor, as OCI calls it.
pub fn architecture() -> &'static str {
    match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        other => other,
    }
}

/// `sha256:` and the digest of the bytes.
pub fn digest(bytes: &[u8]) -> String {
    named(Sha256::new_with_prefix(bytes))
}

/// `sha256:` and the digest of a file.
pub fn digest_file(path: &Path) -> Result<String> {
    let mut file = File::open(path).with_context(|| format!("could not open {}", path.display()))?;
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    loop {
        let count = file.read(&mut buffer)?;
        if count == 0 {
            return Ok(named(hash));
        }
        hash.update(&buffer[..count]);
    }
}

fn named(hash: Sha256) -> String {
    hash.finalize()
        .iter()
        .fold("sha256:".to_owned(), |text, byte| text + &format!("{byte:02x}"))
}

impl Layer {
    /// Writes a layer to `file` that turns the tree `before` into the tree `after`; with no `before` it is all of `after`.
    ///
    /// Device files are left out: a container gets its own. Hard links stay links, owners and times are kept.
    pub fn between(before: Option<&Path>, after: &Path, file: &Path) -> Result<Self> {
        let out = File::create(file).with_context(|| format!("could not make {}", file.display()))?;
        let compressed = Hashing::new(BufWriter::new(out));
        let plain = Hashing::new(GzEncoder::new(compressed, Compression::new(5)));
        let mut writer = Writer {
            before,
            after,
            tar: tar::Builder::new(plain),
            links: BTreeMap::new(),
        };
        writer.tar.follow_symlinks(false);
        writer.folder(Path::new(""))?;
        let plain = writer.tar.into_inner()?;
        let diff_id = named(plain.hash);
        let mut compressed = plain.inner.finish()?;
        compressed.inner.flush()?;
        Ok(Self {
            path: file.to_owned(),
            digest: named(compressed.hash),
            diff_id,
            size: file.metadata()?.len(),
        })
    }
}

struct Writer<'a, W: Write> {
    before: Option<&'a Path>,
    after: &'a Path,
    tar: tar::Builder<W>,
    /// Device and inode of files with several names, to the name they were first written under.
    links: BTreeMap<(u64, u64), PathBuf>,
}

impl<W: Write> Writer<'_, W> {
    fn folder(&mut self, name: &Path) -> Result<()> {
        for gone in self.gone(name)? {
            let mut header = tar::Header::new_gnu();
            header.set_mode(0o644);
            header.set_size(0);
            self.tar
                .append_data(&mut header, name.join(format!(".wh.{gone}")), io::empty())?;
        }
        for entry in names(&self.after.join(name))? {
            self.entry(&name.join(entry))?;
        }
        Ok(())
    }

    fn entry(&mut self, name: &Path) -> Result<()> {
        let path = self.after.join(name);
        let meta = path
            .symlink_metadata()
            .with_context(|| format!("could not read {}", path.display()))?;
        let kind = meta.file_type();
        if kind.is_char_device() || kind.is_block_device() || kind.is_socket() {
            return Ok(());
        }
        if self.changed(name, &meta) {
            let first = self
                .links
                .get(&(meta.dev(), meta.ino()))
                .filter(|_| kind.is_file() && meta.nlink() > 1);
            if let Some(first) = first {
                let mut header = tar::Header::new_gnu();
                header.set_metadata(&meta);
                header.set_entry_type(tar::EntryType::Link);
                header.set_size(0);
                self.tar.append_link(&mut header, name, first)?;
            } else {
                let written = self.tar.append_path_with_name(&path, name);
                written.with_context(|| format!("could not put {} in a layer", path.display()))?;
                self.links.insert((meta.dev(), meta.ino()), name.to_owned());
            }
        }
        if kind.is_dir() { self.folder(name) } else { Ok(()) }
    }

    /// What the folder had before and has no longer.
    fn gone(&self, name: &Path) -> Result<Vec<String>> {
        let Some(before) = self.before.map(|before| before.join(name)) else {
            return Ok(Vec::new());
        };
        if !before.symlink_metadata().is_ok_and(|meta| meta.is_dir()) {
            return Ok(Vec::new());
        }
        let here = self.after.join(name);
        let gone = names(&before)?
            .into_iter()
            .filter(|entry| here.join(entry).symlink_metadata().is_err());
        Ok(gone.collect())
    }

    fn changed(&self, name: &Path, meta: &Metadata) -> bool {
        let Some(Ok(old)) = self.before.map(|before| before.join(name).symlink_metadata()) else {
            return true;
        };
        let same_content =
            meta.is_dir() || (old.mtime() == meta.mtime() && old.mtime_nsec() == meta.mtime_nsec());
        let same = old.mode() == meta.mode() && old.uid() == meta.uid() && old.gid() == meta.gid();
        !(same && same_content && (meta.is_dir() || old.len() == meta.len()))
    }
}

/// The names in a folder, sorted.
fn names(folder: &Path) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| format!("could not read {}", folder.display()))? {
        names.push(entry?.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    Ok(names)
}

struct Hashing<W> {
    inner: W,
    hash: Sha256,
}

impl<W: Write> Hashing<W> {
    fn new(inner: W) -> Self {
        Self {
            inner,
            hash: Sha256::new(),
        }
    }
}

impl<W: Write> Write for Hashing<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.inner.write(bytes)?;
        self.hash.update(&bytes[..count]);
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}
