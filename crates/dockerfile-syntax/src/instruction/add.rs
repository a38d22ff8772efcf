//! `ADD`

use super::sources::Sources;

/// `ADD [flags] source… dest`
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Add {
    /// Sources and destination.
    pub sources: Sources,
    /// `--chown`, not expanded; empty when not given.
    pub chown: String,
    /// `--chmod`, not expanded; empty when not given.
    pub chmod: String,
    /// `--checksum`, not expanded; empty when not given.
    pub checksum: String,
    /// `--link`
    pub link: bool,
    /// `--keep-git-dir`, when given.
    pub keep_git_dir: Option<bool>,
    /// `--unpack`, when given.
    pub unpack: Option<bool>,
    /// Each `--exclude`.
    pub exclude: Vec<String>,
}
