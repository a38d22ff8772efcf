//! Patterns of `${name#pattern}` and its kin: `*`, `?` and plain characters.
//!
//! The matcher runs all possibilities side by side, most preferred first, so its time is the product of the two
//! lengths at worst, and of several matches it finds the one that a backtracking matcher would find first.

use super::{ExpandErrorKind, letters};
use crate::budget::{Budget, Exceeded};
use std::ops::Range;

/// The most bytes of a pattern, its variables filled in: 1 MiB. It has to be taken apart before it matches anything.
const MAX_PATTERN: usize = 1 << 20;

/// Why a pattern is of no use.
#[derive(Debug)]
pub(super) enum Wrong {
    /// An escape that means nothing: what follows the backslash, None at the pattern's end.
    Escape(Option<char>),
    /// It, or what it takes to match it, is too large.
    Exceeded(Exceeded),
}

impl Wrong {
    /// The error of a word that has this pattern.
    pub(super) fn in_pattern(self, pattern: &str) -> ExpandErrorKind {
        match self {
            Self::Escape(escaped) => ExpandErrorKind::InvalidPattern {
                pattern: pattern.to_owned(),
                escaped,
            },
            Self::Exceeded(exceeded) => exceeded.into(),
        }
    }
}

impl From<Exceeded> for Wrong {
    fn from(exceeded: Exceeded) -> Self {
        Self::Exceeded(exceeded)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Token {
    /// Any text within a line.
    Star,
    /// Any character but a line feed.
    Any,
    /// This character.
    Plain(char),
}

/// A pattern ready for matching.
#[derive(Debug)]
pub(super) struct Pattern {
    tokens: Vec<Token>,
    /// Whether `*` takes as much as it can, or as little.
    greedy: bool,
}

impl Pattern {
    /// Reads a pattern.
    pub(super) fn new(text: &str, greedy: bool) -> Result<Self, Wrong> {
        check_length(text)?;
        let mut tokens = Vec::new();
        let mut chars = text.strip_prefix('\u{feff}').unwrap_or(text).chars().peekable();
        while let Some(ch) = chars.next() {
            match ch {
                '*' if tokens.last() == Some(&Token::Star) => {}
                '*' => tokens.push(Token::Star),
                '?' => tokens.push(Token::Any),
                // These two are escaped for the sake of `${…}`, the backslash is no part of the pattern.
                '\\' if matches!(chars.peek(), Some('}' | '/')) => {}
                '\\' => match chars.next() {
                    Some(plain @ ('*' | '?' | '\\')) => tokens.push(Token::Plain(plain)),
                    other => return Err(Wrong::Escape(other)),
                },
                plain => tokens.push(Token::Plain(plain)),
            }
        }
        Ok(Self { tokens, greedy })
    }

    /// The length of the match that `text` begins with.
    fn prefix(&self, text: &str, budget: &Budget) -> Result<Option<usize>, Exceeded> {
        let found = self.find_from(text, 0, true, budget)?;
        Ok(found.map(|found| found.end))
    }

    /// The first match at or behind `from`.
    fn find_from(
        &self,
        text: &str,
        from: usize,
        anchored: bool,
        budget: &Budget,
    ) -> Result<Option<Range<usize>>, Exceeded> {
        budget.spend_steps(self.tokens.len())?;
        let mut search = Search {
            pattern: self,
            now: Vec::new(),
            seen: vec![0; self.tokens.len() + 1],
            step: 0,
        };
        let mut best = None;
        let mut threads = Vec::new();
        let mut positions = text[from..].char_indices().map(|(at, ch)| (from + at, Some(ch)));
        let mut end = Some((text.len(), None));
        while let Some((at, ch)) = positions.next().or_else(|| end.take()) {
            search.begin_step();
            for (token, start) in threads.drain(..) {
                search.enter(token, start);
            }
            if best.is_none() && (!anchored || at == from) {
                search.enter(0, at);
            }
            budget.spend_steps(search.now.len())?;
            for (token, start) in search.now.drain(..) {
                let Some(&wanted) = self.tokens.get(token) else {
                    // What follows is less preferred.
                    best = Some(start..at);
                    break;
                };
                match (wanted, ch) {
                    (Token::Star, Some(ch)) if ch != '\n' => threads.push((token, start)),
                    (Token::Any, Some(ch)) if ch != '\n' => threads.push((token + 1, start)),
                    (Token::Plain(plain), Some(ch)) if ch == plain => threads.push((token + 1, start)),
                    _ => {}
                }
            }
            if threads.is_empty() && (best.is_some() || anchored) {
                break;
            }
        }
        Ok(best)
    }

    /// `text` with its first match replaced by `with`, literally.
    pub(super) fn replace_first(&self, text: &str, with: &str, budget: &Budget) -> Result<String, Exceeded> {
        let Some(found) = self.find_from(text, 0, false, budget)? else {
            return Ok(text.to_owned());
        };
        budget.check(text.len() - found.len() + with.len())?;
        Ok([&text[..found.start], with, &text[found.end..]].concat())
    }

    /// `text` with each match replaced by what `template` says: `$0` is the match, `$$` a dollar, and any other
    /// `$name` or `${name}` nothing.
    pub(super) fn replace_all(
        &self,
        text: &str,
        template: &str,
        budget: &Budget,
    ) -> Result<String, Exceeded> {
        let mut out = String::new();
        let (mut copied, mut from) = (0, 0);
        while from <= text.len()
            && let Some(found) = self.find_from(text, from, false, budget)?
        {
            out.push_str(&text[copied..found.start]);
            if found.end > copied || found.start == 0 {
                fill(template, &text[found.clone()], &mut out, budget)?;
            }
            copied = found.end;
            let width = text[from..].chars().next().map_or(1, char::len_utf8);
            from = if from + width > found.end {
                from + width
            } else {
                found.end
            };
        }
        out.push_str(&text[copied..]);
        Ok(out)
    }
}

/// The threads of one position.
struct Search<'a> {
    pattern: &'a Pattern,
    /// Token and start of each thread, most preferred first.
    now: Vec<(usize, usize)>,
    /// The step in which a token was entered last.
    seen: Vec<usize>,
    step: usize,
}

impl Search<'_> {
    fn begin_step(&mut self) {
        self.step += 1;
        self.now.clear();
    }

    /// Adds a thread, and for a star also the one that leaves it.
    fn enter(&mut self, token: usize, start: usize) {
        if self.seen[token] == self.step {
            return;
        }
        let star = self.pattern.tokens.get(token) == Some(&Token::Star);
        if star && !self.pattern.greedy {
            self.enter_plain(token + 1, start);
        }
        self.enter_plain(token, start);
        if star && self.pattern.greedy {
            self.enter_plain(token + 1, start);
        }
    }

    fn enter_plain(&mut self, token: usize, start: usize) {
        if self.seen[token] != self.step {
            self.seen[token] = self.step;
            self.now.push((token, start));
        }
    }
}

/// Writes a template of `replace_all`.
fn fill(template: &str, found: &str, out: &mut String, budget: &Budget) -> Result<(), Exceeded> {
    budget.check(out.len() + template.len())?;
    let mut rest = template;
    while let Some((head, tail)) = rest.split_once('$') {
        out.push_str(head);
        if let Some(tail) = tail.strip_prefix('$') {
            out.push('$');
            rest = tail;
            continue;
        }
        let braced = tail.strip_prefix('{');
        let text = braced.unwrap_or(tail);
        let is_name = |ch: char| ch == '_' || letters::is_letter(ch) || letters::is_digit(ch);
        let (name, after) = text.split_at(text.find(|ch| !is_name(ch)).unwrap_or(text.len()));
        let after = if braced.is_some() {
            after.strip_prefix('}')
        } else {
            Some(after)
        };
        match after {
            Some(after) if !name.is_empty() => {
                if name == "0" {
                    budget.check(out.len() + found.len() + rest.len())?;
                    out.push_str(found);
                }
                rest = after;
            }
            _ => {
                out.push('$');
                rest = tail;
            }
        }
    }
    out.push_str(rest);
    Ok(())
}

/// `value` without the beginning that matches.
pub(super) fn trim_prefix(
    pattern: &str,
    value: &str,
    greedy: bool,
    budget: &Budget,
) -> Result<String, Wrong> {
    let pattern = Pattern::new(pattern, greedy)?;
    Ok(value[pattern.prefix(value, budget)?.unwrap_or(0)..].to_owned())
}

/// `value` without the end that matches: the beginning of the reversed value.
pub(super) fn trim_suffix(
    pattern: &str,
    value: &str,
    greedy: bool,
    budget: &Budget,
) -> Result<String, Wrong> {
    check_length(pattern)?;
    let reversed: String = value.chars().rev().collect();
    let left = trim_prefix(&reverse_pattern(pattern), &reversed, greedy, budget)?;
    Ok(left.chars().rev().collect())
}

fn check_length(pattern: &str) -> Result<(), Exceeded> {
    if pattern.len() > MAX_PATTERN {
        return Err(Exceeded::Steps);
    }
    Ok(())
}

/// Reverses a pattern, but keeps a backslash before the character that it escapes.
fn reverse_pattern(pattern: &str) -> String {
    let mut groups: Vec<&str> = Vec::new();
    let mut rest = pattern;
    while let Some(first) = rest.chars().next() {
        let mut len = first.len_utf8();
        if first == '\\' {
            len += rest[len..].chars().next().map_or(0, char::len_utf8);
        }
        let (group, tail) = rest.split_at(len);
        groups.push(group);
        rest = tail;
    }
    groups.into_iter().rev().collect()
}
