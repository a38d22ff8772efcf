//! `COPY`

use super::sources::Sources;

/// `COPY [flags] source… dest`
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Copy {
    /// Sources and destination.
    pub sources: Sources,
    /// `--from`, never expanded; empty when not given.
    pub from: String,
    /// `--chown`, not expanded; empty when not given.
    pub chown: String,
    /// `--chmod`, not expanded; empty when not given.
    pub chmod: String,
    /// `--link`
    pub link: bool,
    /// `--parents`
    pub parents: bool,
    /// Each `--exclude`.
    pub exclude: Vec<String>,
}
