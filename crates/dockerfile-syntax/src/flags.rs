//! Flags: `--name=value`.
//!
//! Names are case-sensitive. A flag with a value needs its `=`; a boolean may stand alone, or have `=true` or `=false`
//! in any case. Only list flags may be repeated.

use std::borrow::Cow;

use crate::error::{Fault, SyntaxErrorKind};
use crate::span::Span;
use crate::suggest;
use crate::word::{Word, owned_already};

/// What a flag takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Bool,
    Text,
    List,
}

/// The flags that an instruction knows.
pub(crate) type Known = &'static [(&'static str, Kind)];

/// A boolean flag of the dialect.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Switch {
    /// It stands alone or has `=true`.
    pub is_on: bool,
    /// All of the flag, where it is given.
    pub span: Option<Span>,
}

owned_already!(Switch);

/// A flag as written.
#[derive(Debug, Clone)]
pub(crate) struct Flag<'a> {
    /// The name, without dashes.
    pub(crate) name: Cow<'a, str>,
    /// What stands behind `=`.
    pub(crate) value: Option<Word<'a>>,
    /// All of it.
    pub(crate) span: Span,
}

/// The flags that an instruction was given; all of them are known.
#[derive(Debug)]
pub(crate) struct Flags<'a> {
    given: Vec<Flag<'a>>,
}

impl<'a> Flags<'a> {
    /// Checks flags against those that the instruction knows.
    ///
    /// `added` are those of the dialect, known where it is on.
    pub(crate) fn check(
        given: Vec<Flag<'a>>,
        (known, added): (Known, Known),
        is_dialect: bool,
    ) -> Result<Self, Fault> {
        let all: Cow<'static, [(&str, Kind)]> = match is_dialect && !added.is_empty() {
            true => [known, added].concat().into(),
            false => known.into(),
        };
        for (index, flag) in given.iter().enumerate() {
            check(flag, &given[..index], &all).map_err(|mut fault| {
                if let SyntaxErrorKind::UnknownFlag { is_addition, .. } = &mut fault.kind {
                    *is_addition = added.iter().any(|(added, _)| *added == flag.name);
                }
                fault
            })?;
        }
        Ok(Self { given })
    }

    /// The value of a flag, unless it is empty or not given.
    pub(crate) fn text(&mut self, name: &str) -> Option<Word<'a>> {
        self.any_text(name).filter(|value| !value.is_empty())
    }

    /// The value of a flag, which may be empty.
    pub(crate) fn any_text(&mut self, name: &str) -> Option<Word<'a>> {
        let flag = self.given.iter_mut().find(|flag| flag.name == name)?;
        flag.value.take()
    }

    /// What `read` makes of the values of a list flag.
    pub(crate) fn list<T, E>(
        &mut self,
        name: &str,
        read: impl Fn(Word<'a>) -> Result<T, E>,
    ) -> Result<Vec<T>, E> {
        let is_named = |flag: &Flag<'a>| flag.name == name;
        // Counted first, so that they take no more room than they need.
        let count = self.given.iter().filter(|flag| is_named(flag)).count();
        let mut values = Vec::with_capacity(count);
        for flag in self.given.iter_mut().filter(|flag| is_named(flag)) {
            if let Some(value) = flag.value.take() {
                values.push(read(value)?);
            }
        }
        Ok(values)
    }

    /// A boolean flag with its place.
    pub(crate) fn switch(&self, name: &str) -> Switch {
        let flag = self.given.iter().find(|flag| flag.name == name);
        Switch {
            is_on: self.bool(name).unwrap_or(false),
            span: flag.map(|flag| flag.span),
        }
    }

    /// The places of all flags of a name.
    pub(crate) fn spans(&self, name: &str) -> Vec<Span> {
        let named = self.given.iter().filter(|flag| flag.name == name);
        named.map(|flag| flag.span).collect()
    }

    /// The value of a boolean flag, when given.
    pub(crate) fn bool(&self, name: &str) -> Option<bool> {
        let flag = self.given.iter().find(|flag| flag.name == name)?;
        let value = flag.value.as_ref();
        Some(value.is_none_or(|value| value.eq_ignore_ascii_case("true")))
    }
}

fn no_value(flag: &Flag<'_>) -> Fault {
    SyntaxErrorKind::FlagNoValue {
        flag: flag.name.to_string(),
        next: None,
    }
    .on(flag.span)
}

fn check(flag: &Flag<'_>, earlier: &[Flag<'_>], known: &[(&str, Kind)]) -> Result<(), Fault> {
    let name = || flag.name.to_string();
    let Some((_, kind)) = known.iter().find(|(known, _)| *known == flag.name) else {
        let names: Vec<&str> = known.iter().map(|(name, _)| *name).collect();
        let suggestion = suggest::nearest(&flag.name, &names, true);
        return Err(SyntaxErrorKind::UnknownFlag {
            flag: name(),
            suggestion,
            is_addition: false,
        }
        .on(flag.span));
    };
    if *kind != Kind::List && earlier.iter().any(|other| other.name == flag.name) {
        return Err(SyntaxErrorKind::DuplicateFlag { flag: name() }.on(flag.span));
    }
    match (kind, &flag.value) {
        (Kind::Text | Kind::List, None) => Err(no_value(flag)),
        (Kind::Bool, Some(value)) if value.is_empty() => Err(no_value(flag)),
        (Kind::Bool, Some(value))
            if !["true", "false"]
                .iter()
                .any(|word| value.eq_ignore_ascii_case(word)) =>
        {
            Err(SyntaxErrorKind::FlagNotBool {
                flag: name(),
                value: value.to_string(),
            }
            .on(value.span))
        }
        (Kind::Bool | Kind::Text | Kind::List, _) => Ok(()),
    }
}
