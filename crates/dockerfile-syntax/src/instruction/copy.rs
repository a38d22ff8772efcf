//! `COPY [flags] source… dest`, also with sources and destination as a JSON array.
//!
//! Flags: `--from=`, `--chown=`, `--chmod=`, `--link`, `--parents`, `--exclude=` (may be repeated).

use super::InstructionKind;
use super::sources::{self, Sources};
use crate::error::{Fault, SyntaxErrorKind};
use crate::flags::{Kind, Known};
use crate::parts::Parts;
use crate::shape::Shape;
use crate::word::{Word, into_owned};

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
pub struct CopyInstruction<'a> {
    /// Sources and destination.
    pub sources: Sources<'a>,
    /// `--from`, never expanded; None when not given or empty.
    pub from: Option<Word<'a>>,
    /// `--chown`, not expanded; None when not given or empty.
    pub chown: Option<Word<'a>>,
    /// `--chmod`, not expanded; None when not given or empty.
    pub chmod: Option<Word<'a>>,
    /// `--link`
    pub link: bool,
    /// `--parents`
    pub parents: bool,
    /// Each `--exclude`.
    pub exclude: Vec<Word<'a>>,
}

into_owned!(CopyInstruction {
    sources,
    from,
    chown,
    chmod,
    link,
    parents,
    exclude
});

pub(super) fn parse<'a>(mut parts: Parts<'_, 'a>) -> Result<InstructionKind<'a>, Fault> {
    if parts.args.words().len() < 2 {
        return Err(SyntaxErrorKind::NoDestination { instruction: "COPY" }.into());
    }
    let mut flags = parts.flags(FLAGS)?;
    Ok(InstructionKind::Copy(Box::new(CopyInstruction {
        sources: sources::parse(parts, "COPY")?,
        from: flags.text("from"),
        chown: flags.text("chown"),
        chmod: flags.text("chmod"),
        link: flags.bool("link").unwrap_or(false),
        parents: flags.bool("parents").unwrap_or(false),
        exclude: flags.list("exclude", Ok::<_, Fault>)?,
    })))
}
