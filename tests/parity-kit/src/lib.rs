//! What the tests against the reference are made of.
//!
//! A request says what a frontend can learn from outside and an answer what it did, both in the JSON of the oracle
//! (`tests/oracle`). [`CaseFile`] is a request as a file with what must come of it, [`Oracle`] gives the reference's
//! answer, [`ours::answer`] this frontend's, [`compare`](compare::compare) tells where they differ, [`generate`]
//! makes requests up, and [`shrink`](shrink::shrink) makes them small. [`Picture`] draws what both say of a file.

mod bytes;
mod case_file;
pub mod compare;
mod escape;
mod expectation;
pub mod generate;
pub mod held;
mod oracle;
pub mod ours;
mod picture;
pub mod shrink;

pub use bytes::{dockerfile_of, set_dockerfile};
pub use case_file::{CaseFile, Section};
pub use compare::difference;
pub use expectation::{Expectations, expectations};
pub use oracle::Oracle;
pub use picture::Picture;

use std::fs;
use std::path::{Path, PathBuf};

/// All cases under a folder, sorted by path: the path from the folder without `.case`, and the file.
///
/// # Errors
/// Fails where a folder can't be read.
pub fn case_paths(folder: &Path) -> std::io::Result<Vec<(String, PathBuf)>> {
    let mut found = Vec::new();
    let mut left = vec![folder.to_owned()];
    while let Some(next) = left.pop() {
        for entry in fs::read_dir(next)? {
            let path = entry?.path();
            if path.is_dir() {
                left.push(path);
            } else if path.extension().is_some_and(|extension| extension == "case") {
                let name = path.strip_prefix(folder).unwrap_or(&path).with_extension("");
                found.push((name.to_string_lossy().into_owned(), path));
            }
        }
    }
    found.sort();
    Ok(found)
}
