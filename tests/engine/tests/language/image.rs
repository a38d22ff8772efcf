//! An image by both frontends, seen file by file.

use std::collections::BTreeMap;
use std::fs::{self, File, FileTimes, Permissions};
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::{Duration, SystemTime};

use anyhow::{Context, Result, bail, ensure};
use flate2::read::MultiGzDecoder;
use plimsoll_engine::{Build, Built, Engine, OciImage};
use serde_json::Value;
use tar::EntryType;
use tempfile::TempDir;

use crate::fixture::{cached, engine, failures, pair, ran, write};

/// When all files of a project were changed last, in seconds since 1970: 2020-09-13T12:26:40Z.
pub const CHANGED: u64 = 1_600_000_000;

/// A file, folder or link of an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    kind: EntryType,
    mode: u32,
    owner: (u64, u64),
    /// Seconds since 1970.
    mtime: u64,
    content: Vec<u8>,
    link: String,
}

impl Entry {
    /// One line: the kind's mark, mode, owner, and the text or what the link points to.
    fn show(&self, path: &str) -> String {
        let (uid, gid) = self.owner;
        match self.kind {
            EntryType::Directory => format!("{path}/ {:o} {uid}:{gid}\n", self.mode),
            EntryType::Symlink => format!("{path} -> {} {uid}:{gid}\n", self.link),
            _ => {
                let text = String::from_utf8_lossy(&self.content);
                let text = text.trim_end().replace('\n', "|");
                format!("{path} {:o} {uid}:{gid} {text}", self.mode)
                    .trim_end()
                    .to_owned()
                    + "\n"
            }
        }
    }
}

/// An image with its files, and the build that made it.
#[derive(Debug)]
pub struct Image {
    pub files: BTreeMap<String, Entry>,
    pub config: Value,
    pub built: Built,
}

impl Image {
    /// Builds and reads the result.
    pub fn build(engine: &Engine, build: Build) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let tar = folder.path().join("image.tar");
        let built = build.oci(&tar).run_ok(engine)?;
        let image = OciImage::open(&tar)?;
        let mut files = BTreeMap::new();
        for layer in &image.manifest.layers {
            let blob = File::open(image.blob(&layer.digest)?)?;
            ensure!(layer.media_type.ends_with("gzip"), "{}", layer.media_type);
            apply(MultiGzDecoder::new(blob), &mut files)?;
        }
        let config = image.config;
        Ok(Self { files, config, built })
    }

    /// What is at a path and below, one line each; see [`Entry::show`]. Folders end in `/`, and `|` is a line's end.
    pub fn show(&self, path: &str) -> String {
        let below = format!("{path}/");
        let here = self
            .files
            .iter()
            .filter(|(name, _)| *name == path || name.starts_with(&below));
        here.map(|(name, entry)| entry.show(name)).collect()
    }

    /// The text of a file, with its line ends.
    pub fn text(&self, path: &str) -> Result<String> {
        Ok(String::from_utf8_lossy(&self.entry(path)?.content).into_owned())
    }

    /// The lines of a text file.
    pub fn lines(&self, path: &str) -> Result<Vec<String>> {
        Ok(self.text(path)?.lines().map(str::to_owned).collect())
    }

    /// When a file was changed last, in seconds since 1970.
    pub fn mtime(&self, path: &str) -> Result<u64> {
        Ok(self.entry(path)?.mtime)
    }

    /// The digests of its layers, from the bottom.
    pub fn layers(&self) -> Vec<String> {
        let ids = self.config["rootfs"]["diff_ids"].as_array();
        ids.into_iter().flatten().map(Value::to_string).collect()
    }

    fn entry(&self, path: &str) -> Result<&Entry> {
        let names = || self.files.keys().cloned().collect::<Vec<_>>().join(" ");
        self.files
            .get(path)
            .with_context(|| format!("no {path} among {}", names()))
    }

    /// The config without the times of this very build.
    fn lasting_config(&self) -> Value {
        let mut config = self.config.clone();
        config["created"] = Value::Null;
        for line in config["history"].as_array_mut().into_iter().flatten() {
            line["created"] = Value::Null;
        }
        config
    }
}

/// Puts a layer over files.
fn apply(layer: impl Read, files: &mut BTreeMap<String, Entry>) -> Result<()> {
    for entry in tar::Archive::new(layer).entries()? {
        let mut entry = entry?;
        let path = entry.path()?.to_string_lossy().trim_matches('/').to_owned();
        let (parent, name) = path.rsplit_once('/').unwrap_or(("", &path));
        if let Some(gone) = name.strip_prefix(".wh.") {
            ensure!(gone != ".wh..opq", "an opaque folder at {path}");
            let gone = format!("{parent}/{gone}");
            remove(gone.trim_matches('/'), files);
            continue;
        }
        let link = entry
            .link_name()?
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let mut content = Vec::new();
        entry.read_to_end(&mut content)?;
        let header = entry.header();
        let kind = header.entry_type();
        if kind == EntryType::Link {
            let first = files
                .get(link.trim_matches('/'))
                .context("a link to nothing")?
                .clone();
            files.insert(path, first);
            continue;
        }
        if kind != EntryType::Directory {
            remove(&path, files);
        }
        let entry = Entry {
            kind,
            mode: header.mode()? & 0o7777,
            owner: (header.uid()?, header.gid()?),
            mtime: header.mtime()?,
            content,
            link,
        };
        files.insert(path, entry);
    }
    Ok(())
}

fn remove(path: &str, files: &mut BTreeMap<String, Entry>) {
    let below = format!("{path}/");
    files.retain(|name, _| name != path && !name.starts_with(&below));
}

/// A folder with these files, each path with its text; all of them are of the same modes and times everywhere.
pub fn project(files: &[(&str, &str)]) -> Result<TempDir> {
    let folder = tempfile::tempdir()?;
    for (path, text) in files {
        write(folder.path(), path, text.as_bytes())?;
    }
    settle(folder.path())?;
    Ok(folder)
}

/// A folder with only a Dockerfile in it.
pub fn dockerfile(text: &str) -> Result<TempDir> {
    project(&[("Dockerfile", text)])
}

/// Gives all files of a folder a fixed time, and the modes that most have.
pub fn settle(folder: &Path) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let kind = entry.file_type()?;
        if kind.is_dir() {
            settle(&entry.path())?;
        } else if kind.is_file() {
            fs::set_permissions(entry.path(), Permissions::from_mode(0o644))?;
            set_time(&entry.path())?;
        }
    }
    fs::set_permissions(folder, Permissions::from_mode(0o755))?;
    set_time(folder)
}

fn set_time(path: &Path) -> Result<()> {
    let time = SystemTime::UNIX_EPOCH + Duration::from_secs(CHANGED);
    Ok(File::open(path)?.set_times(FileTimes::new().set_modified(time))?)
}

/// Builds with Plimsoll and then with the reference; the images are the same, and the second build runs no step.
///
/// Steps that run at the same time in another test's build look as if they ran here, so no two tests share a step. What
/// asks a server for the files of an ADD is called like the ADD itself; it asks each time, and the ADD need not run.
pub fn same(folder: &Path, change: impl Fn(Build) -> Build) -> Result<Image> {
    let [ours, reference] = both(folder, change)?;
    let (mut again, known) = (ran(&reference.built.record), cached(&reference.built.record));
    again.retain(|step| !known.contains(step));
    ensure!(again.is_empty(), "the reference found no cache for {again:#?}");
    Ok(ours)
}

/// The image that each frontend makes, with the same files and the same config.
fn both(folder: &Path, change: impl Fn(Build) -> Build) -> Result<[Image; 2]> {
    let engine = engine()?;
    let [ours, reference] = pair(folder).map(change);
    let ours = Image::build(engine, ours).context("by Plimsoll")?;
    let reference = Image::build(engine, reference).context("by the reference")?;
    difference(&ours.files, &reference.files)?;
    let (a, b) = (ours.lasting_config(), reference.lasting_config());
    ensure!(a == b, "the config is\n{a:#}\nand the reference's\n{b:#}");
    Ok([ours, reference])
}

/// Names the first file that is not the same in both.
fn difference(ours: &BTreeMap<String, Entry>, reference: &BTreeMap<String, Entry>) -> Result<()> {
    for (path, entry) in ours {
        match reference.get(path) {
            None => bail!("only ours has {}", entry.show(path)),
            Some(other) => ensure!(
                entry == other,
                "ours is {}and the reference's {}({} and {})",
                entry.show(path),
                other.show(path),
                entry.mtime,
                other.mtime
            ),
        }
    }
    let missing = reference.keys().find(|path| !ours.contains_key(*path));
    ensure!(missing.is_none(), "only the reference has {missing:?}");
    Ok(())
}

/// Both refuse this; gives what Plimsoll says of it.
pub fn refused(folder: &Path, change: impl Fn(Build) -> Build) -> Result<String> {
    let [ours, _] = failures(folder, change)?;
    Ok(ours.stderr)
}

/// Both refuse a Dockerfile beside these files, and Plimsoll's words have `said` in them.
pub fn refused_with(text: &str, files: &[(&str, &str)], said: &str) -> Result<()> {
    let mut all = vec![("Dockerfile", text)];
    all.extend(files);
    let folder = project(&all)?;
    let words = refused(folder.path(), |build| build).with_context(|| text.to_owned())?;
    // What stands before it echoes the Dockerfile.
    let (_, error) = words.rsplit_once("error: ").with_context(|| words.clone())?;
    ensure!(error.contains(said), "{said} is not in\n{error}");
    Ok(())
}

#[test]
fn the_comparison_finds_what_differs() -> Result<()> {
    let entry = |mode: u32, mtime: u64| Entry {
        kind: EntryType::Regular,
        mode,
        owner: (0, 0),
        mtime,
        content: b"a\n".to_vec(),
        link: String::new(),
    };
    let files = |mode: u32, mtime: u64| BTreeMap::from([("a".to_owned(), entry(mode, mtime))]);
    difference(&files(0o644, 1), &files(0o644, 1))?;
    for (ours, reference) in [
        (files(0o644, 1), files(0o640, 1)),
        (files(0o644, 1), files(0o644, 2)),
        (files(0o644, 1), BTreeMap::new()),
        (BTreeMap::new(), files(0o644, 1)),
    ] {
        ensure!(
            difference(&ours, &reference).is_err(),
            "{ours:?} is {reference:?} to it"
        );
    }
    Ok(())
}
