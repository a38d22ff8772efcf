//! `ADD [flags] source… dest`, also with sources and destination as a JSON array.
//!
//! Flags: `--chown=`, `--chmod=`, `--link`, `--keep-git-dir`, `--checksum=`, `--unpack`, `--exclude=` (may be repeated).
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
    ("chown", Kind::Text),
    ("chmod", Kind::Text),
    ("link", Kind::Bool),
    ("keep-git-dir", Kind::Bool),
    ("checksum", Kind::Text),
    ("unpack", Kind::Bool),
    ("exclude", Kind::List),
];

/// Those of the dialect.
const ADDED: Known = &[("if-exists", Kind::Bool), ("no-cache", Kind::Bool)];

/// `ADD [flags] source… dest`
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AddInstruction<'a> {
    /// Sources and destination.
    pub sources: Sources<'a>,
    /// `--chown`, not expanded; None when not given or empty.
    pub chown: Option<Word<'a>>,
    /// `--chmod`, not expanded; None when not given or empty.
    pub chmod: Option<Word<'a>>,
    /// `--checksum`, not expanded; None when not given or empty.
    pub checksum: Option<Word<'a>>,
    /// `--link`
    pub link: bool,
    /// `--keep-git-dir`, when given.
    pub keep_git_dir: Option<bool>,
    /// `--unpack`, when given.
    pub unpack: Option<bool>,
    /// Each `--exclude`.
    pub exclude: Vec<Word<'a>>,
    /// `--if-exists`, of the dialect: sources that are not there are left out.
    pub if_exists: Switch,
    /// `--no-cache`, of the dialect: this step always runs.
    pub no_cache: Switch,
}

into_owned!(AddInstruction {
    sources,
    chown,
    chmod,
    checksum,
    link,
    keep_git_dir,
    unpack,
    exclude,
    if_exists,
    no_cache
});

pub(super) fn parse<'a>(mut parts: Parts<'_, 'a>) -> Result<InstructionKind<'a>, Fault> {
    if parts.args.words().len() < 2 {
        return Err(SyntaxErrorKind::NoDestination { instruction: "ADD" }.into());
    }
    let mut flags = parts.flags_and(FLAGS, ADDED)?;
    Ok(InstructionKind::Add(Box::new(AddInstruction {
        sources: sources::parse(parts, "ADD")?,
        chown: flags.text("chown"),
        chmod: flags.text("chmod"),
        checksum: flags.text("checksum"),
        link: flags.bool("link").unwrap_or(false),
        keep_git_dir: flags.bool("keep-git-dir"),
        unpack: flags.bool("unpack"),
        exclude: flags.list("exclude", Ok::<_, Fault>)?,
        if_exists: flags.switch("if-exists"),
        no_cache: flags.switch("no-cache"),
    })))
}
