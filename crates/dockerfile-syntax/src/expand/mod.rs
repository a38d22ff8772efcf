//! Expansion of variables in words, as a shell does it, without a shell.
//!
//! | form | result |
//! |---|---|
//! | `$name` `${name}` | the value, or nothing |
//! | `${name-word}` `${name:-word}` | the word if the variable is not set (or empty) |
//! | `${name+word}` `${name:+word}` | the word if the variable is set (and not empty) |
//! | `${name?word}` `${name:?word}` | an error if the variable is not set (or empty) |
//! | `${name#pattern}` `${name##pattern}` | the value without its shortest (longest) beginning of that pattern |
//! | `${name%pattern}` `${name%%pattern}` | the value without its shortest (longest) end of that pattern |
//! | `${name/pattern/word}` `${name//pattern/word}` | the value with the first (each) match replaced |
//!
//! In a pattern `*` is any text and `?` any character of one line; there are no brackets. Words and patterns may hold
//! references in turn, to any depth: the lexer keeps its own stack.

mod dollar;
mod env;
mod error;
mod letters;
mod lexer;
mod pattern;
mod words;

use words::Words;

pub use env::{Env, NoEnv};
pub use error::{ExpandError, ExpandErrorKind};

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::ops::Range;

use crate::budget::Budget;
use crate::text;

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
    /// Which of the variables asked for are listed.
    pub listed: Listed,
}

/// Which of the variables that words ask for are listed in the result; few callers want to know all.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Listed {
    /// Those that are set, and those that are not.
    #[default]
    All,
    /// Those that are not set.
    Unmatched,
    /// None.
    Nothing,
}

/// A word with its variables expanded.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Expanded<'w> {
    /// The text: the word itself, where nothing in it has a meaning.
    pub text: Cow<'w, str>,
    /// The variables asked for that are set.
    pub matched: BTreeSet<String>,
    /// The variables asked for that are not set.
    pub unmatched: BTreeSet<String>,
}

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
            listed: Listed::All,
        }
    }

    /// Expands a word into one text; blanks in it stay.
    ///
    /// ```
    /// use std::collections::BTreeMap;
    ///
    /// use dockerfile_syntax::Budget;
    /// use dockerfile_syntax::expand::Lexer;
    ///
    /// let env = BTreeMap::from([("NAME".to_owned(), "a b".to_owned())]);
    /// let expanded = Lexer::new('\\').process_word("$NAME/${TAG:-latest}", &env, &Budget::new())?;
    /// assert_eq!(expanded.text, "a b/latest");
    /// assert!(expanded.unmatched.contains("TAG"));
    /// # Ok::<(), dockerfile_syntax::expand::ExpandError>(())
    /// ```
    ///
    /// # Errors
    /// The first thing that is wrong in the word, or what passes the budget.
    pub fn process_word<'w>(
        &self,
        word: &'w str,
        env: &dyn Env,
        budget: &Budget,
    ) -> Result<Expanded<'w>, ExpandError> {
        if self.is_plain(word) && budget.spend(word.len()).is_ok() {
            return Ok(Expanded {
                text: Cow::Borrowed(word),
                ..Expanded::default()
            });
        }
        lexer::run(*self, word, (env, budget), None).map(|done| Expanded {
            text: Cow::Owned(done.text),
            matched: done.matched,
            unmatched: done.unmatched,
        })
    }

    /// Whether nothing in a word has a meaning.
    fn is_plain(&self, word: &str) -> bool {
        let Some(escape) = self.ascii_escape() else {
            return false;
        };
        let special = match self.skip_process_quotes {
            true => text::find_any(word.as_bytes(), [b'$', escape]),
            false => text::find_any(word.as_bytes(), [b'$', escape, b'\'', b'"']),
        };
        special.is_none() && !word.starts_with('\u{feff}')
    }

    /// The escape character where it is one byte.
    fn ascii_escape(&self) -> Option<u8> {
        let escape = u8::try_from(self.escape).ok()?;
        escape.is_ascii().then_some(escape)
    }

    /// Expands a word and then splits it at blanks outside of quotes. Empty words fall away.
    ///
    /// As in the reference, text directly before a `${name…}` that holds a word or a pattern is lost from its word:
    /// `a${b:-c}` gives `c`.
    ///
    /// # Errors
    /// The first thing that is wrong in the word, or what passes the budget.
    pub fn process_words<'w>(
        &self,
        word: &'w str,
        env: &dyn Env,
        budget: &Budget,
    ) -> Result<Vec<Cow<'w, str>>, ExpandError> {
        let is_plain = self.is_plain(word) && text::find(word.as_bytes(), b'<').is_none();
        if is_plain && budget.spend(word.len()).is_ok() {
            let mut words = Vec::with_capacity(1);
            words.extend(word.split_whitespace().map(Cow::Borrowed));
            return Ok(words);
        }
        let words = self.process_words_in_place(word, env, budget)?;
        Ok(words.into_iter().map(|(word, _)| Cow::Owned(word)).collect())
    }

    /// [`Lexer::process_words`] with the range of the text that each word comes from.
    pub(crate) fn process_words_in_place(
        &self,
        word: &str,
        env: &dyn Env,
        budget: &Budget,
    ) -> Result<Vec<(String, Range<usize>)>, ExpandError> {
        lexer::run(*self, word, (env, budget), Some(Words::default())).map(|done| done.words)
    }
}
