//! `$name` and `${name…}`.

use std::borrow::Cow;

use super::lexer::Machine;
use super::{ExpandErrorKind, letters, pattern};
use crate::budget::Budget;

/// A `${name…}` whose word or pattern is being read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Dollar<'a> {
    name: &'a str,
    operator: Operator,
    /// Where its result begins in the output.
    start: usize,
    /// Where the word or pattern begins in the output.
    inner: usize,
    /// Whether the reference is written out again, because the variable is not set.
    verbatim: bool,
}

#[derive(Debug, Clone, Copy)]
enum Operator {
    /// `-`, `+`, `?`, `#`, `%`; or another character, for which there is an error in the end.
    Plain {
        /// The operator.
        ch: Option<char>,
        /// Whether a `:` stands before it.
        colon: bool,
    },
    /// The pattern of `/` or `//`.
    Pattern {
        /// Whether it is `//`.
        all: bool,
    },
    /// The replacement of `/` or `//`.
    Replacement {
        /// Whether it is `//`.
        all: bool,
        /// Where the pattern ends in the output.
        pattern_end: usize,
    },
}

impl Dollar<'_> {
    /// What is wrong when the word ends in here.
    pub(super) fn unclosed(&self) -> ExpandErrorKind {
        match self.operator {
            Operator::Pattern { .. } => ExpandErrorKind::MissingSlash,
            _ => ExpandErrorKind::MissingBrace,
        }
    }
}

/// The parameters that a shell sets itself; here they are never set.
fn is_special(ch: char) -> bool {
    matches!(ch, '@' | '*' | '#' | '?' | '-' | '$' | '!')
}

/// How an operator is shown; the end of the word as U+FFFD.
fn operator_text(colon: bool, ch: Option<char>) -> String {
    let mut text = String::from(if colon { ":" } else { "" });
    text.push(ch.unwrap_or(char::REPLACEMENT_CHARACTER));
    text
}

impl<'a> Machine<'a> {
    /// Reads a reference, or its beginning when a word or pattern follows.
    pub(super) fn dollar(&mut self) -> Result<(), ExpandErrorKind> {
        let start = self.out.len();
        self.next();
        if self.peek() != Some('{') {
            let name = self.name();
            if name.is_empty() {
                self.out.push('$');
            } else {
                self.variable(name, "$", "")?;
            }
            self.split_word(start);
            return Ok(());
        }
        self.next();
        match self.peek() {
            None => return Err(ExpandErrorKind::MissingBrace),
            Some('{' | '}' | ':') => return Err(ExpandErrorKind::BadSubstitution),
            Some(_) => {}
        }
        let name = self.name();
        match self.next() {
            Some('}') => {
                self.variable(name, "${", "}")?;
                self.split_word(start);
                Ok(())
            }
            Some(':') => {
                let ch = self.next();
                if let Some('#' | '%') = ch {
                    return Err(ExpandErrorKind::UnsupportedModifier(operator_text(true, ch)));
                }
                self.begin_operator(name, start, ch, true)
            }
            ch @ Some('+' | '-' | '?' | '#' | '%') => self.begin_operator(name, start, ch, false),
            Some('/') => {
                let all = self.peek() == Some('/');
                if all {
                    self.next();
                }
                let operator = Operator::Pattern { all };
                let dollar = self.begin_dollar(name, start, operator, "/");
                Ok(self.begin_inner(dollar, '/', true)?)
            }
            None => Err(ExpandErrorKind::MissingBrace),
            other => Err(ExpandErrorKind::UnsupportedModifier(operator_text(false, other))),
        }
    }

    /// Writes a plain reference's value.
    fn variable(&mut self, name: &str, before: &str, after: &str) -> Result<(), ExpandErrorKind> {
        match self.look_up(name) {
            Some(value) => {
                self.make_room(value.len())?;
                self.out.push_str(value);
            }
            None if self.lexer.skip_unset_env => {
                self.out.push_str(before);
                self.out.push_str(name);
                self.out.push_str(after);
            }
            None => {}
        }
        Ok(())
    }

    fn begin_operator(
        &mut self,
        name: &'a str,
        start: usize,
        ch: Option<char>,
        colon: bool,
    ) -> Result<(), ExpandErrorKind> {
        let operator = Operator::Plain { ch, colon };
        let raw = matches!(ch, Some('#' | '%'));
        let dollar = self.begin_dollar(name, start, operator, &operator_text(colon, ch));
        Ok(self.begin_inner(dollar, '}', raw)?)
    }

    /// Where the variable is not set and references stay, everything up to the inner text is written at once.
    fn begin_dollar(&mut self, name: &'a str, start: usize, operator: Operator, text: &str) -> Dollar<'a> {
        let verbatim = self.lexer.skip_unset_env && self.env.get(name).is_none();
        if verbatim {
            self.out.push_str("${");
            self.out.push_str(name);
            self.out.push_str(text);
        }
        Dollar {
            name,
            operator,
            start,
            inner: self.out.len(),
            verbatim,
        }
    }

    /// Ends a word or pattern; its text is all that was written since `dollar.inner`.
    pub(super) fn finish_dollar(&mut self, dollar: Dollar<'a>) -> Result<(), ExpandErrorKind> {
        if let Operator::Pattern { all } = dollar.operator {
            let pattern_end = self.out.len();
            if dollar.verbatim {
                self.out.push('/');
            }
            let operator = Operator::Replacement { all, pattern_end };
            return Ok(self.begin_inner(Dollar { operator, ..dollar }, '}', true)?);
        }
        let value = self.look_up(dollar.name);
        let start = dollar.start;
        if dollar.verbatim {
            self.out.push('}');
        } else if let Some(result) = self.result(dollar, value)? {
            self.out.truncate(start);
            self.make_room(result.len())?;
            self.out.push_str(&result);
        }
        self.split_word(start);
        Ok(())
    }

    /// The result of a finished reference; None when it is the word that is written already.
    fn result<'v>(
        &self,
        dollar: Dollar<'_>,
        value: Option<&'v str>,
    ) -> Result<Option<Cow<'v, str>>, ExpandErrorKind> {
        let budget = self.budget;
        let inner = &self.out[dollar.inner..];
        match dollar.operator {
            Operator::Plain { ch, colon } => plain_result(dollar.name, (ch, colon), (inner, value), budget),
            Operator::Replacement { all, pattern_end } => {
                let (pattern, with) = inner.split_at(pattern_end - dollar.inner);
                let value = value.unwrap_or_default();
                let matcher =
                    pattern::Pattern::new(pattern, true).map_err(|wrong| wrong.in_pattern(pattern))?;
                let replaced = if all {
                    matcher.replace_all(value, with, budget)
                } else {
                    matcher.replace_first(value, with, budget)
                };
                Ok(Some(replaced?.into()))
            }
            // Never finished as such: its replacement is.
            Operator::Pattern { .. } => Ok(Some(Cow::default())),
        }
    }

    /// Reads a name: letters, digits and `_`; only digits if it begins with one; or one special parameter.
    fn name(&mut self) -> &'a str {
        let text = self.rest();
        let is_letter = |ch: char| ch == '_' || letters::is_letter(ch) || letters::is_digit(ch);
        let length = match text.chars().next() {
            Some(ch) if letters::is_digit(ch) => text.find(|ch| !letters::is_digit(ch)),
            Some(ch) if is_special(ch) => Some(ch.len_utf8()),
            _ => text.find(|ch| !is_letter(ch)),
        };
        self.take(length.unwrap_or(text.len()))
    }
}

/// The result of `-`, `+`, `?`, `#` and `%`; None when it is the word itself.
fn plain_result<'v>(
    name: &str,
    (ch, colon): (Option<char>, bool),
    (word, value): (&str, Option<&'v str>),
    budget: &Budget,
) -> Result<Option<Cow<'v, str>>, ExpandErrorKind> {
    let missing = value.is_none_or(|value| colon && value.is_empty());
    match ch {
        Some('-') => Ok(if missing { None } else { value.map(Cow::Borrowed) }),
        Some('+') => Ok(missing.then(Cow::default)),
        Some('?') if missing => {
            let message = word.to_owned();
            let name = name.to_owned();
            Err(match value {
                None => ExpandErrorKind::RequiredUnset { name, message },
                Some(_) => ExpandErrorKind::RequiredEmpty { name, message },
            })
        }
        Some('?') => Ok(value.map(Cow::Borrowed)),
        Some(ch @ ('#' | '%')) => {
            let (pattern, greedy) = word
                .strip_prefix(ch)
                .map_or((word, false), |longest| (longest, true));
            let trim = if ch == '#' {
                pattern::trim_prefix
            } else {
                pattern::trim_suffix
            };
            let left = trim(pattern, value.unwrap_or_default(), greedy, budget);
            Ok(Some(left.map_err(|wrong| wrong.in_pattern(pattern))?.into()))
        }
        other => Err(ExpandErrorKind::UnsupportedModifier(operator_text(colon, other))),
    }
}
