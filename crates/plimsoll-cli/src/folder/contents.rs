//! Digests of files: what is in them and their permissions, and not when they were changed, as in BuildKit's own.

use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::MetadataExt;

use sha2::{Digest, Sha256};

use dockerfile_compile::view::context::{Entry, Kind};

use super::Folder;

/// What is read at once.
const CHUNK: usize = 128 << 10;
/// The bits of a mode that say who may do what.
const PERMISSIONS: u32 = 0o7777;
/// The hexadecimal digits that are kept.
const DIGITS: usize = 16;

impl Folder {
    /// The digest of an entry, by its place. A large file is never in memory as a whole.
    pub(crate) fn digest(&self, at: usize) -> String {
        if let Some(known) = self.digests.borrow().get(&at) {
            return known.clone();
        }
        let Some(entry) = self.tree.entries().get(at) else {
            return String::new();
        };
        // What can't be read is told once, and is like nothing else.
        let digest = self.read(entry).unwrap_or_else(|_| "unreadable".to_owned());
        self.digests.borrow_mut().insert(at, digest.clone());
        digest
    }

    fn read(&self, entry: &Entry) -> io::Result<String> {
        let mut hash = Sha256::new();
        match &entry.kind {
            Kind::File(_) => {
                let mut file = File::open(self.root.join(&entry.path))?;
                hash.update(format!("file {:o}\n", file.metadata()?.mode() & PERMISSIONS));
                let mut chunk = vec![0; CHUNK];
                loop {
                    match file.read(&mut chunk)? {
                        0 => break,
                        read => hash.update(chunk.get(..read).unwrap_or_default()),
                    }
                }
            }
            Kind::Link(target) => hash.update(format!("link {target}")),
            Kind::Folder => hash.update("folder"),
            Kind::Other => hash.update("other"),
        }
        Ok(short(&hash.finalize()))
    }
}

/// The digest of several digests.
pub(crate) fn together<'d>(digests: impl Iterator<Item = &'d str>) -> String {
    let mut hash = Sha256::new();
    for digest in digests {
        hash.update(digest);
        hash.update("\n");
    }
    short(&hash.finalize())
}

fn short(digest: &[u8]) -> String {
    let digits: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    digits.chars().take(DIGITS).collect()
}
