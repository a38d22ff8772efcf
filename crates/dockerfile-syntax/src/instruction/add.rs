//! `ADD [flags] source… dest`, also with sources and destination as a JSON array.
//!
//! Flags: `--chown=`, `--chmod=`, `--link`, `--keep-git-dir`, `--checksum=`, `--unpack`, `--exclude=` (may be repeated).

use super::InstructionKind;
use super::sources::{self, Sources};
use crate::error::SyntaxErrorKind;
use crate::flags::{Flags, Kind, Known};
use crate::request::{Fault, Request, Shape};

pub(super) const SHAPE: Shape = Shape::List;

const FLAGS: Known = &[
    ("chown", Kind::Text),
    ("chmod", Kind::Text),
    ("link", Kind::Bool),
    ("keep-git-dir", Kind::Bool),
    ("checksum", Kind::Text),
    ("unpack", Kind::Bool),
    ("exclude", Kind::List),
];

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

pub(super) fn parse(request: &Request<'_>) -> Result<InstructionKind, Fault> {
    if request.args.words.len() < 2 {
        return Err(SyntaxErrorKind::NoDestination { instruction: "ADD" }.into());
    }
    let flags = Flags::parse(&request.head.flags, FLAGS)?;
    Ok(InstructionKind::Add(Add {
        sources: sources::parse(request, "ADD")?,
        chown: flags.text("chown"),
        chmod: flags.text("chmod"),
        checksum: flags.text("checksum"),
        link: flags.bool("link").unwrap_or(false),
        keep_git_dir: flags.bool("keep-git-dir"),
        unpack: flags.bool("unpack"),
        exclude: flags.list("exclude"),
    }))
}
