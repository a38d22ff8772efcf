//! What can be wrong in a word.

use std::collections::BTreeSet;
use std::fmt;

use crate::budget::Exceeded;

/// A word that cannot be expanded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpandError {
    /// The whole word.
    pub word: Box<str>,
    /// What is wrong in it.
    pub kind: ExpandErrorKind,
    /// The variables asked for so far that are set.
    pub matched: BTreeSet<String>,
    /// The variables asked for so far that are not set.
    pub unmatched: BTreeSet<String>,
}

/// What is wrong in a word.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ExpandErrorKind {
    /// A `'` or `"` that is not closed.
    UnclosedQuote(char),
    /// A `${` that is not closed.
    MissingBrace,
    /// No second `/` in `${v/pattern/replacement}`.
    MissingSlash,
    /// `${}` or the like.
    BadSubstitution,
    /// Something behind the name in `${name…}` that is not supported.
    UnsupportedModifier(String),
    /// `${name?message}`: the variable must be set.
    RequiredUnset {
        /// The variable.
        name: String,
        /// The message of the file's author; may be empty.
        message: String,
    },
    /// `${name:?message}`: the variable must not be empty.
    RequiredEmpty {
        /// The variable.
        name: String,
        /// The message of the file's author; may be empty.
        message: String,
    },
    /// A pattern with an escape that means nothing; None at the pattern's end.
    InvalidPattern {
        /// The pattern.
        pattern: String,
        /// What stands behind the escape character.
        escaped: Option<char>,
    },
    /// The text, or the work it takes, passes the budget.
    Exceeded(Exceeded),
}

impl From<Exceeded> for ExpandErrorKind {
    fn from(exceeded: Exceeded) -> Self {
        Self::Exceeded(exceeded)
    }
}

impl fmt::Display for ExpandErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exceeded(exceeded) => exceeded.fmt(f),
            Self::UnclosedQuote(quote) => write!(f, "the quote {quote} is opened but never closed"),
            Self::MissingBrace => f.write_str("${ is opened but its } is missing"),
            Self::MissingSlash => f.write_str("${name/pattern/replacement} needs its second /"),
            Self::BadSubstitution => f.write_str("${ must be followed by the name of a variable"),
            Self::UnsupportedModifier(text) => write!(
                f,
                "{text} is no operator behind a variable's name; there are :- - :+ + :? ? # ## % %% / and //"
            ),
            Self::RequiredUnset { name, message } if message.is_empty() => {
                write!(f, "the variable {name} must be set, and it is not")
            }
            Self::RequiredEmpty { name, message } if message.is_empty() => {
                write!(f, "the variable {name} must not be empty, and it is")
            }
            Self::RequiredUnset { name, message } | Self::RequiredEmpty { name, message } => {
                write!(f, "{name}: {message}")
            }
            Self::InvalidPattern {
                pattern,
                escaped: Some(ch),
            } => {
                write!(
                    f,
                    "in the pattern {pattern:?} a backslash may stand before * ? \\ / and }}, not before {ch:?}"
                )
            }
            Self::InvalidPattern {
                pattern,
                escaped: None,
            } => {
                write!(
                    f,
                    "the pattern {pattern:?} ends with a backslash; write \\\\ for a backslash itself"
                )
            }
        }
    }
}

/// How many characters of a word a message shows.
const SHOWN: usize = 120;

impl fmt::Display for ExpandError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A word can be as long as a line; its beginning shows which one it is.
        match self.word.char_indices().nth(SHOWN) {
            Some((end, _)) => write!(f, "cannot expand {:?}…: {}", &self.word[..end], self.kind),
            None => write!(f, "cannot expand {:?}: {}", self.word, self.kind),
        }
    }
}

impl std::error::Error for ExpandError {}
