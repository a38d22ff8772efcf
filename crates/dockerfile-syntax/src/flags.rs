//! Flags: `--name=value`.
//!
//! Names are case-sensitive. A flag with a value needs its `=`; a boolean may stand alone, or have `=true` or `=false`
//! in any case. Only list flags may be repeated.

use crate::error::SyntaxErrorKind;
use crate::request::{Fault, Word};
use crate::span::Span;
use crate::suggest;
use crate::text;

/// What a flag takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Bool,
    Text,
    List,
}

/// The flags that an instruction knows.
pub(crate) type Known = &'static [(&'static str, Kind)];

/// The flags that it was given.
#[derive(Debug, Default)]
pub(crate) struct Flags {
    given: Vec<(&'static str, String, Span)>,
}

impl Flags {
    /// Checks flags against those that the instruction knows.
    pub(crate) fn parse(words: &[Word], known: Known) -> Result<Self, Fault> {
        let mut flags = Self::default();
        for word in words {
            let read = flags.read(&word.text, known);
            let (name, value) = read.map_err(|kind| kind.on(word.span))?;
            flags.given.push((name, value, word.span));
        }
        Ok(flags)
    }

    fn read(&self, word: &str, known: Known) -> Result<(&'static str, String), SyntaxErrorKind> {
        let (flag, value) = word
            .split_once('=')
            .map_or((word, None), |(flag, value)| (flag, Some(value)));
        let flag = flag.strip_prefix("--").unwrap_or(flag);
        let Some((name, kind)) = known.iter().find(|(name, _)| *name == flag) else {
            let names: Vec<&str> = known.iter().map(|(name, _)| *name).collect();
            let suggestion = suggest::nearest(flag, &names, true);
            return Err(SyntaxErrorKind::UnknownFlag {
                flag: flag.to_owned(),
                suggestion,
            });
        };
        let flag = || flag.to_owned();
        if *kind != Kind::List && self.span(name).is_some() {
            return Err(SyntaxErrorKind::DuplicateFlag { flag: flag() });
        }
        match (kind, value) {
            (Kind::Bool, None) => Ok((name, "true".to_owned())),
            (Kind::Bool, Some("")) | (Kind::Text | Kind::List, None) => {
                Err(SyntaxErrorKind::FlagNoValue { flag: flag() })
            }
            (Kind::Bool, Some(value)) => match text::lower(value) {
                lower if lower == "true" || lower == "false" => Ok((name, lower)),
                _ => Err(SyntaxErrorKind::FlagNotBool {
                    flag: flag(),
                    value: value.to_owned(),
                }),
            },
            (Kind::Text | Kind::List, Some(value)) => Ok((name, value.to_owned())),
        }
    }

    /// The value of a flag, empty when not given.
    pub(crate) fn text(&self, name: &str) -> String {
        self.list(name).pop().unwrap_or_default()
    }

    /// The values of a list flag.
    pub(crate) fn list(&self, name: &str) -> Vec<String> {
        self.all(name).map(|(value, _)| value.to_owned()).collect()
    }

    /// The values of a list flag with their places.
    pub(crate) fn all(&self, name: &str) -> impl Iterator<Item = (&str, Span)> {
        self.given
            .iter()
            .filter(move |given| given.0 == name)
            .map(|given| (given.1.as_str(), given.2))
    }

    /// The value of a boolean flag, when given.
    pub(crate) fn bool(&self, name: &str) -> Option<bool> {
        self.all(name).next().map(|(value, _)| value == "true")
    }

    /// The place of a flag, when given.
    pub(crate) fn span(&self, name: &str) -> Option<Span> {
        self.all(name).next().map(|(_, span)| span)
    }

    /// The names of the flags given, sorted, each once.
    pub(crate) fn used(&self) -> Vec<&'static str> {
        let mut names: Vec<&'static str> = self.given.iter().map(|given| given.0).collect();
        names.sort_unstable();
        names.dedup();
        names
    }
}
