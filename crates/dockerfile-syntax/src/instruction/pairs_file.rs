//! `ENV --file=path [--from=stage]`, and so `ARG` and `LABEL`, of the dialect: the pairs of a file as if they stood here.

use crate::error::{Fault, SyntaxErrorKind};
use crate::flags::{Kind, Known};
use crate::parts::Parts;
use crate::word::{Word, into_owned, owned_already};

/// The flag that makes it one.
const FILE: &str = "file";
const ADDED: Known = &[(FILE, Kind::Text), ("from", Kind::Text)];

/// An instruction that has its pairs from a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PairsFile<'a> {
    /// Which instruction it is.
    pub of: PairsOf,
    /// The file, not expanded, not empty.
    pub path: Word<'a>,
    /// The stage that has it, never expanded; that is the build context where it is not given or empty.
    pub from: Option<Word<'a>>,
}

into_owned!(PairsFile { of, path, from });

/// An instruction of pairs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PairsOf {
    /// `ARG`
    Arg,
    /// `ENV`
    Env,
    /// `LABEL`
    Label,
}

owned_already!(PairsOf);

impl PairsOf {
    /// The instruction's name in upper case.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Arg => "ARG",
            Self::Env => "ENV",
            Self::Label => "LABEL",
        }
    }
}

/// What the flags of an instruction say of a file, if they name one. There are no other flags.
pub(super) fn parse<'a>(parts: &mut Parts<'_, 'a>, of: PairsOf) -> Result<Option<PairsFile<'a>>, Fault> {
    let first = parts.flags.first().map(|flag| flag.span);
    let mut flags = parts.flags_and(&[], ADDED)?;
    let (path, from) = (flags.text(FILE), flags.text("from"));
    let wrong = |has_file| {
        let kind = SyntaxErrorKind::PairsFile {
            instruction: of.name(),
            has_file,
        };
        first.map_or_else(|| Fault::from(kind.clone()), |span| kind.clone().on(span))
    };
    match (path, from) {
        (None, None) => Ok(None),
        (None, Some(_)) => Err(wrong(false)),
        (Some(_), _) if !parts.args.words().is_empty() || parts.args.has_pairs() => Err(wrong(true)),
        (Some(path), from) => Ok(Some(PairsFile { of, path, from })),
    }
}

/// Whether a flag names a file.
pub(super) fn is_asked_for(parts: &Parts<'_, '_>) -> bool {
    parts.flags.iter().any(|flag| flag.name == FILE)
}
