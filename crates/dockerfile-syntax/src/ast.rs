//! The parsed file: immutable, typed, every part with its place.
//!
//! Text is what the file's bytes say. A byte that is not UTF-8 becomes U+FFFD, one for each byte, which is what the
//! reference puts out wherever it accepts such a byte; [`Meta::invalid_utf8`] remembers the first one of an
//! instruction, because a shell-form `RUN` must be refused for it (its text travels as a protobuf string).

use crate::dialect::Dialect;
use crate::directive::Directives;
use crate::instruction::{FromInstruction, Instruction};
use crate::meta::Meta;
use crate::span::LineRange;
use crate::word::{Word, into_owned};

/// A whole Dockerfile, or as much of it as could be read. It borrows its text from the file's bytes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Dockerfile<'a> {
    /// The parser directives above everything else.
    pub directives: Directives<'a>,
    /// What the line `# plimsoll=1` turns on, if it is there.
    pub dialect: Dialect,
    /// The escape character in force, `\` or `` ` ``.
    pub escape: char,
    /// The `ARG` instructions before the first `FROM`, and in the dialect each `INCLUDE` there.
    pub global_args: Vec<Instruction<'a>>,
    /// The stages in file order. Empty when the file has no `FROM`: that is for the caller to refuse.
    pub stages: Vec<Stage<'a>>,
    /// The lines on which instructions end that have a blank line between their continuation lines; deprecated, worth a
    /// warning. Heredocs of the instruction come behind that line.
    pub empty_continuations: Vec<usize>,
    /// The first instruction that is left out as it is wrong; the linter looks at it all the same.
    pub unreadable: Option<Unreadable<'a>>,
}

impl<'a> Dockerfile<'a> {
    /// Every instruction in file order, `FROM` apart: first the global `ARG`s, then stage by stage.
    pub fn instructions(&self) -> impl Iterator<Item = &Instruction<'a>> {
        self.global_args
            .iter()
            .chain(self.stages.iter().flat_map(|stage| stage.instructions.iter()))
    }

    /// The same file with copies of its texts.
    #[must_use]
    pub fn into_owned(self) -> Dockerfile<'static> {
        crate::word::IntoOwned::into_owned(self)
    }
}

/// A build stage: its `FROM` and what follows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stage<'a> {
    /// The `FROM` that begins the stage.
    pub from: Box<FromInstruction<'a>>,
    /// The instructions up to the next `FROM`, in file order.
    pub instructions: Vec<Instruction<'a>>,
}

/// An instruction that is wrong and left out, of which more may depend than itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gap {
    /// Its lines.
    pub lines: LineRange,
    /// What is missing without it.
    pub missing: Missing,
}

/// What is not known where an instruction is left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    /// What the stage stands on; an empty one stands in for it.
    Base,
    /// The same, and the stage's name.
    Stage,
    /// Variables from there on.
    Variables,
}

/// An instruction that has no typed form, or no place where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreadable<'a> {
    /// Its keyword, text, place and comments.
    pub meta: Meta<'a>,
    /// What follows the keyword and its flags, cut at blanks.
    pub words: Vec<Word<'a>>,
}

into_owned!(Dockerfile {
    directives,
    dialect,
    escape,
    global_args,
    stages,
    empty_continuations,
    unreadable
});
into_owned!(Stage { from, instructions });
into_owned!(Unreadable { meta, words });
