//! The cache folder: what is made once for a version and then serves every clone and every run.

use std::env;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

use crate::Progress;

/// The folder: `$XDG_CACHE_HOME/plimsoll`, or `~/.cache/plimsoll`; it is made when missing.
pub fn folder() -> Result<PathBuf> {
    let base = match env::var_os("XDG_CACHE_HOME").filter(|value| !value.is_empty()) {
        Some(value) => PathBuf::from(value),
        None => PathBuf::from(env::var_os("HOME").context("HOME is not set: set it, or XDG_CACHE_HOME")?)
            .join(".cache"),
    };
    let folder = base.join("plimsoll");
    fs::create_dir_all(&folder)
        .with_context(|| format!("could not make the cache folder {}", folder.display()))?;
    Ok(folder)
}

/// A short key for a set of texts: equal texts give equal keys.
pub fn key(parts: &[&[u8]]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    let digest = hash.finalize();
    digest[..8].iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Gives the cached folder `name`, made by `make` when it is not there yet.
///
/// `make` fills an empty folder, which gets its name only when complete; so an interrupt leaves nothing half-made. Two
/// processes that want the same folder at once do not both make it.
pub fn once(
    name: &str,
    progress: &mut dyn Progress,
    make: impl FnOnce(&Path, &mut dyn Progress) -> Result<()>,
) -> Result<PathBuf> {
    let done = folder()?.join(name);
    if done.is_dir() {
        return Ok(done);
    }
    let _lock = lock(name, progress)?;
    if done.is_dir() {
        return Ok(done);
    }
    let partial = folder()?.join(format!("{name}.partial"));
    if partial.exists() {
        fs::remove_dir_all(&partial).with_context(|| format!("could not remove {}", partial.display()))?;
    }
    fs::create_dir_all(&partial).with_context(|| format!("could not make {}", partial.display()))?;
    if let Err(error) = make(&partial, progress) {
        // The first error is the one to tell; what is left is removed by the next attempt at the latest.
        let _ = fs::remove_dir_all(&partial);
        return Err(error);
    }
    fs::rename(&partial, &done).with_context(|| format!("could not complete {}", done.display()))?;
    Ok(done)
}

/// Takes the lock `name` among all processes of this user; it is given back when the file is dropped.
pub fn lock(name: &str, progress: &mut dyn Progress) -> Result<File> {
    let path = folder()?.join(format!("{name}.lock"));
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent)?;
    }
    let file = File::create(&path).with_context(|| format!("could not make {}", path.display()))?;
    if file.try_lock().is_err() {
        progress.step(&format!("waiting for another process that makes {name}"));
        file.lock()
            .with_context(|| format!("could not lock {}", path.display()))?;
    }
    Ok(file)
}
