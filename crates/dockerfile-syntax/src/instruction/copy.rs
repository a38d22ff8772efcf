//! `COPY [flags] source… dest`, also with sources and destination as a JSON array.
//!
//! Flags: `--from=`, `--chown=`, `--chmod=`, `--link`, `--parents`, `--exclude=` (may be repeated).
//! In the dialect also `--if-exists` and `--no-cache`.

use super::InstructionKind;
use super::sources::{self, Sources};
use crate::error::{Fault, SyntaxErrorKind};
use crate::flags::{Kind, Known, Switch};
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

/// Those of the dialect.
const ADDED: Known = &[("if-exists", Kind::Bool), ("no-cache", Kind::Bool)];

/// `COPY [flags] source… dest`
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CopyInstruction<'a> {
    /// Sources and destination.
    pub sources: Sources<'a>,
    /// `--from`, expanded in the dialect alone; None when not given or empty.
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
    /// `--if-exists`, of the dialect: sources that are not there are left out.
    pub if_exists: Switch,
    /// `--no-cache`, of the dialect: this step always runs.
    pub no_cache: Switch,
}

into_owned!(CopyInstruction {
    sources,
    from,
    chown,
    chmod,
    link,
    parents,
    exclude,
    if_exists,
    no_cache
});

pub(super) fn parse<'a>(mut parts: Parts<'_, 'a>) -> Result<InstructionKind<'a>, Fault> {
    if parts.args.words().len() < 2 {
        return Err(SyntaxErrorKind::NoDestination { instruction: "COPY" }.into());
    }
    let mut flags = parts.flags_and(FLAGS, ADDED)?;
    Ok(InstructionKind::Copy(Box::new(CopyInstruction {
        sources: sources::parse(parts, "COPY")?,
        from: flags.text("from"),
        chown: flags.text("chown"),
        chmod: flags.text("chmod"),
        link: flags.bool("link").unwrap_or(false),
        parents: flags.bool("parents").unwrap_or(false),
        exclude: flags.list("exclude", Ok::<_, Fault>)?,
        if_exists: flags.switch("if-exists"),
        no_cache: flags.switch("no-cache"),
    })))
}
