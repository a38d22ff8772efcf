//! What is in a folder, as a build gets it: walked once, in order, with what the ignore file keeps out.

mod contents;
mod ignored;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::FileTypeExt;
use std::path::{Path, PathBuf};

use dockerfile_compile::view::context::{Entry, Kind, Tree};

pub(crate) use contents::together;
pub(crate) use ignored::Ignored;

/// More entries than this are not looked at.
const MOST_ENTRIES: usize = 2_000_000;

/// A folder.
pub(crate) struct Folder {
    root: PathBuf,
    pub(crate) tree: Tree,
    /// What keeps some of it out.
    pub(crate) ignored: Ignored,
    /// There is more that was not looked at.
    pub(crate) is_cut: bool,
    /// What could not be read.
    pub(crate) unread: Vec<String>,
    /// By place among the entries, what was computed.
    digests: RefCell<BTreeMap<usize, String>>,
}

impl Folder {
    /// Walks a folder. What the ignore file keeps out is looked into only if `all` is wanted, or if the file takes
    /// something back.
    pub(crate) fn walk(root: &Path, ignored: Ignored, all: bool) -> Self {
        let mut entries = Vec::new();
        let mut unread = Vec::new();
        let mut open = vec![String::new()];
        let mut is_cut = false;
        while let Some(below) = open.pop() {
            if entries.len() >= MOST_ENTRIES {
                is_cut = true;
                break;
            }
            let first = entries.len();
            if let Err(error) = list((root, &below), &ignored, &mut entries) {
                unread.push(format!("{}: {error}", root.join(&below).display()));
            }
            let folders = entries.iter().skip(first);
            let folders = folders.filter(|entry| entry.kind == Kind::Folder);
            let wanted = folders.filter(|entry| all || entry.ignored.is_none() || ignored.takes_back());
            open.extend(wanted.map(|entry| entry.path.clone()));
        }
        Self {
            root: root.to_owned(),
            tree: Tree::new(entries),
            ignored,
            is_cut,
            unread,
            digests: RefCell::new(BTreeMap::new()),
        }
    }
}

/// Adds what is in the folder `below` the root.
fn list((root, below): (&Path, &str), ignored: &Ignored, entries: &mut Vec<Entry>) -> std::io::Result<()> {
    for entry in fs::read_dir(root.join(below))? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = match below {
            "" => name,
            below => format!("{below}/{name}"),
        };
        // It may be gone by now.
        let Ok(about) = entry.metadata() else { continue };
        let kind = about.file_type();
        let kind = if kind.is_dir() {
            Kind::Folder
        } else if kind.is_symlink() {
            let target = fs::read_link(entry.path()).unwrap_or_default();
            Kind::Link(target.to_string_lossy().into_owned())
        } else if kind.is_fifo() || kind.is_socket() || kind.is_block_device() || kind.is_char_device() {
            Kind::Other
        } else {
            Kind::File(about.len())
        };
        entries.push(Entry {
            ignored: ignored.line(&path),
            path,
            kind,
        });
    }
    Ok(())
}
