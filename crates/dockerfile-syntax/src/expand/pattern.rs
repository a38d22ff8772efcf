//! Patterns of `${name#pattern}` and its kin: `*`, `?` and plain characters.
//!
//! The matcher runs all possibilities side by side, most preferred first, so its time is the product of the two
//! lengths at worst, and of several matches it finds the one that a backtracking matcher would find first.

use super::letters;
use std::ops::Range;

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
    /// Reads a pattern. The error is what follows a backslash and may not; None for the pattern's end.
    pub(super) fn new(text: &str, greedy: bool) -> Result<Self, Option<char>> {
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
                    other => return Err(other),
                },
                plain => tokens.push(Token::Plain(plain)),
            }
        }
        Ok(Self { tokens, greedy })
    }

    /// The length of the match that `text` begins with.
    fn prefix(&self, text: &str) -> Option<usize> {
        self.find_from(text, 0, true).map(|found| found.end)
    }

    /// The first match at or behind `from`.
    fn find_from(&self, text: &str, from: usize, anchored: bool) -> Option<Range<usize>> {
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
            for (token, start) in std::mem::take(&mut search.now) {
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
        best
    }

    /// `text` with its first match replaced by `with`, literally.
    pub(super) fn replace_first(&self, text: &str, with: &str) -> String {
        match self.find_from(text, 0, false) {
            Some(found) => [&text[..found.start], with, &text[found.end..]].concat(),
            None => text.to_owned(),
        }
    }

    /// `text` with each match replaced by what `template` says: `$0` is the match, `$$` a dollar, and any other
    /// `$name` or `${name}` nothing.
    pub(super) fn replace_all(&self, text: &str, template: &str) -> String {
        let mut out = String::new();
        let (mut copied, mut from) = (0, 0);
        while let Some(found) = (from <= text.len())
            .then(|| self.find_from(text, from, false))
            .flatten()
        {
            out.push_str(&text[copied..found.start]);
            if found.end > copied || found.start == 0 {
                fill(template, &text[found.clone()], &mut out);
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
        out
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
fn fill(template: &str, found: &str, out: &mut String) {
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
}

/// `value` without the beginning that matches.
pub(super) fn trim_prefix(pattern: &str, value: &str, greedy: bool) -> Result<String, Option<char>> {
    let pattern = Pattern::new(pattern, greedy)?;
    Ok(value[pattern.prefix(value).unwrap_or(0)..].to_owned())
}

/// `value` without the end that matches: the beginning of the reversed value.
pub(super) fn trim_suffix(pattern: &str, value: &str, greedy: bool) -> Result<String, Option<char>> {
    let reversed: String = value.chars().rev().collect();
    let left = trim_prefix(&reverse_pattern(pattern), &reversed, greedy)?;
    Ok(left.chars().rev().collect())
}

/// Reverses a pattern, but keeps a backslash before the character that it escapes.
fn reverse_pattern(pattern: &str) -> String {
    let chars: Vec<char> = pattern.chars().collect();
    let mut groups: Vec<&[char]> = Vec::new();
    let mut rest = chars.as_slice();
    while !rest.is_empty() {
        let len = if rest[0] == '\\' && rest.len() > 1 { 2 } else { 1 };
        let (group, tail) = rest.split_at(len);
        groups.push(group);
        rest = tail;
    }
    groups.into_iter().rev().flatten().collect()
}
