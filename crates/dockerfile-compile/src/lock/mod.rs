//! The lock file: what each source of a Dockerfile was when somebody looked, so that tomorrow's build is today's.
//!
//! docs/lock.md has the grammar. Here are the values, and what is found in them; [`parse`] reads them, [`print`] writes
//! them.

mod parse;
mod print;

use std::collections::{BTreeMap, BTreeSet};

use llb_graph::{Platform, Reference, collect};

use crate::safe::redact;

pub use parse::LockError;

/// What a source is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SourceKind {
    /// An image of a registry, pinned by the digest of its index or manifest.
    Image,
    /// A download, pinned by the digest of its content.
    Http,
    /// A git repository, pinned by a commit.
    Git,
}

impl SourceKind {
    const ALL: [Self; 3] = [Self::Image, Self::Http, Self::Git];

    /// The word at the start of a line.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Image => "image",
            Self::Http => "http",
            Self::Git => "git",
        }
    }

    /// What a pin of it is called.
    #[must_use]
    pub fn pin_name(self) -> &'static str {
        match self {
            Self::Image => "digest",
            Self::Http => "checksum",
            Self::Git => "commit",
        }
    }
}

/// A source that a build reaches, and what was found out about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundSource {
    /// What it is.
    pub kind: SourceKind,
    /// Its name in a lock: [`image_name`] or [`url_name`].
    pub name: String,
    /// What it is pinned to, or why that could not be found out.
    pub pin: Result<String, String>,
    /// The line of the Dockerfile that names it.
    pub line: String,
}

/// One source of a lock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What it is.
    pub kind: SourceKind,
    /// Its name, with its variables filled in and without credentials.
    pub name: String,
    /// Its digest, checksum or commit; or why that is not known, which a file has as a comment only.
    pub pin: Result<String, String>,
    /// The platforms that it was looked up for, as the file writes them; none stands for all of the file.
    pub platforms: Vec<String>,
    /// The lines of the Dockerfile that name it; unknown where the lock was read.
    pub lines: Vec<String>,
}

/// A lock file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lock {
    /// The platforms that it was made for.
    pub platforms: Vec<String>,
    /// Its sources, sorted.
    pub entries: Vec<Entry>,
}

/// A lock that a build goes by.
#[derive(Clone, Debug)]
pub struct LockInUse {
    /// What it says.
    pub lock: Lock,
    /// The name of the file.
    pub filename: String,
    /// Whether a source that it lacks is an error.
    pub is_required: bool,
}

/// The name of an image in a lock: with registry and tag. `None` where the name has its digest already.
#[must_use]
pub fn image_name(reference: &Reference) -> Option<String> {
    match reference.digest() {
        Some(_) => None,
        None => Some(reference.to_string()),
    }
}

/// The name of a download or repository in a lock: as written, with its credentials masked and blanks escaped.
#[must_use]
pub fn url_name(url: &str) -> String {
    let mut name = String::with_capacity(url.len());
    for c in redact(url).chars() {
        match c.is_whitespace() || c.is_control() {
            true => {
                let mut bytes = [0; 4];
                for byte in c.encode_utf8(&mut bytes).bytes() {
                    name.push_str(&format!("%{byte:02X}"));
                }
            }
            false => name.push(c),
        }
    }
    name
}

/// How a lock writes a platform.
#[must_use]
pub fn platform_name(platform: &Platform) -> String {
    platform.normalize().format_all()
}

/// Whether a reference of a repository is a whole commit.
#[must_use]
pub fn is_commit(text: &str) -> bool {
    let is_hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    matches!(text.len(), 40 | 64) && text.bytes().all(is_hex)
}

impl Lock {
    /// Puts together what was found on each platform.
    #[must_use]
    pub fn of(found: &[(String, Vec<FoundSource>)]) -> Self {
        type Key<'f> = (SourceKind, &'f str, &'f Result<String, String>);
        let mut merged: BTreeMap<Key<'_>, (BTreeSet<&str>, Vec<&str>)> = BTreeMap::new();
        for (platform, sources) in found {
            let mut known: BTreeMap<(SourceKind, &str), &Result<String, String>> = BTreeMap::new();
            for source in sources {
                // What moves while it is looked up counts as it was first.
                let pin = *known.entry((source.kind, &source.name)).or_insert(&source.pin);
                let (platforms, lines) = merged.entry((source.kind, &source.name, pin)).or_default();
                platforms.insert(platform);
                if !lines.contains(&source.line.as_str()) {
                    lines.push(&source.line);
                }
            }
        }
        let platforms = collect::set(found.iter().map(|(platform, _)| platform.as_str()));
        let owned = |texts: &BTreeSet<&str>| texts.iter().map(|text| (*text).to_owned()).collect();
        let entries = merged.into_iter().map(|((kind, name, pin), (on, lines))| Entry {
            kind,
            name: name.to_owned(),
            pin: pin.clone(),
            platforms: if on == platforms { Vec::new() } else { owned(&on) },
            lines: lines.into_iter().map(str::to_owned).collect(),
        });
        Self {
            entries: entries.collect(),
            platforms: owned(&platforms),
        }
    }

    /// What a source is pinned to for a platform, if that is known.
    #[must_use]
    pub fn pin(&self, kind: SourceKind, name: &str, platform: &str) -> Option<&str> {
        self.entries_of(kind, name)
            .iter()
            .find(|entry| entry.is_for(platform))
            .and_then(|entry| entry.pin.as_deref().ok())
    }

    /// All entries of one source; they stand side by side.
    #[must_use]
    pub fn entries_of(&self, kind: SourceKind, name: &str) -> &[Entry] {
        let key = |entry: &Entry| (entry.kind, entry.name.as_str()).cmp(&(kind, name));
        let start = self.entries.partition_point(|entry| key(entry).is_lt());
        let rest = &self.entries[start..];
        &rest[..rest.partition_point(|entry| key(entry).is_eq())]
    }
}

impl Entry {
    /// Whether it holds for a platform.
    #[must_use]
    pub fn is_for(&self, platform: &str) -> bool {
        self.platforms.is_empty() || self.platforms.iter().any(|known| known == platform)
    }
}

impl LockInUse {
    /// What a source is pinned to for a platform; `None` where the lock lacks it and need not have it.
    ///
    /// # Errors
    /// Says what to do where the lock must have it.
    pub fn find(&self, kind: SourceKind, name: &str, platform: &str) -> Result<Option<&str>, String> {
        let pin = self.lock.pin(kind, name, platform);
        if pin.is_some() || !self.is_required {
            return Ok(pin);
        }
        let kind = kind.as_str();
        let on = match self.lock.platforms.iter().any(|known| known == platform) {
            true => String::new(),
            false => format!(" for {platform}"),
        };
        Err(format!(
            "{kind} `{name}` is not in {}{on}, which this build requires: add it with `plimsoll lock --update {name}`, or write its {} here",
            self.filename,
            match kind {
                "image" => "digest behind the name",
                "http" => "digest as --checksum",
                _ => "commit behind #",
            },
        ))
    }
}

#[cfg(test)]
mod tests;
