//! What `RUN`, `CMD` and `ENTRYPOINT` share: a command in shell form or as a JSON array.

use crate::parts::Args;
use crate::word::{IntoOwned, Word};

/// A command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CommandLine<'a> {
    /// A text for the shell; empty without any.
    Shell(Word<'a>),
    /// The words of a JSON array.
    Exec(Vec<Word<'a>>),
}

impl<'a> CommandLine<'a> {
    pub(super) fn of(args: Args<'a>) -> Self {
        match args {
            Args::Json(words) => Self::Exec(words),
            Args::Text(text) => Self::Shell(text.unwrap_or_default()),
            other => Self::Exec(other.into_words()),
        }
    }
}

impl IntoOwned for CommandLine<'_> {
    type Owned = CommandLine<'static>;

    fn into_owned(self) -> Self::Owned {
        match self {
            Self::Shell(text) => CommandLine::Shell(text.into_owned()),
            Self::Exec(words) => CommandLine::Exec(words.into_owned()),
        }
    }
}
