//! `COPY [flags] source… dest`, also with sources and destination as a JSON array.
//!
//! Flags: `--from=`, `--chown=`, `--chmod=`, `--link`, `--parents`, `--exclude=` (may be repeated).

use super::InstructionKind;
use super::sources::{self, Sources};
use crate::error::SyntaxErrorKind;
use crate::flags::{Flags, Kind, Known};
use crate::request::{Fault, Request, Shape};

pub(super) const SHAPE: Shape = Shape::List;

const FLAGS: Known = &[
    ("from", Kind::Text),
    ("chown", Kind::Text),
    ("chmod", Kind::Text),
    ("link", Kind::Bool),
    ("parents", Kind::Bool),
    ("exclude", Kind::List),
];

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

pub(super) fn parse(request: &Request<'_>) -> Result<InstructionKind, Fault> {
    if request.args.words.len() < 2 {
        return Err(SyntaxErrorKind::NoDestination { instruction: "COPY" }.into());
    }
    let flags = Flags::parse(&request.head.flags, FLAGS)?;
    Ok(InstructionKind::Copy(Copy {
        sources: sources::parse(request, "COPY")?,
        from: flags.text("from"),
        chown: flags.text("chown"),
        chmod: flags.text("chmod"),
        link: flags.bool("link").unwrap_or(false),
        parents: flags.bool("parents").unwrap_or(false),
        exclude: flags.list("exclude"),
    }))
}
