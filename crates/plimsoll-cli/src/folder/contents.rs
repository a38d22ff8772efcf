//! Digests of files: what is in them and their permissions, and not when they were changed, as in BuildKit's own.

use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::MetadataExt;

use sha2::{Digest, Sha256};

use dockerfile_compile::view::context::{DIGITS, Entry, Kind};

use super::Folder;

/// What is read at once.
const CHUNK: usize = 128 << 10;
/// The bits of a mode that say who may do what.
const PERMISSIONS: u32 = 0o7777;

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
        if !matches!(entry.kind, Kind::File(_)) {
            hash.update(entry.kind.digest_head(0));
            return Ok(short(&hash.finalize()));
        }
        let mut file = File::open(self.root.join(&entry.path))?;
        hash.update(entry.kind.digest_head(file.metadata()?.mode() & PERMISSIONS));
        let mut chunk = vec![0; CHUNK];
        loop {
            match file.read(&mut chunk)? {
                0 => break,
                read => hash.update(chunk.get(..read).unwrap_or_default()),
            }
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
