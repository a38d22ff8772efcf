//! One pattern: `*` and `?` within a directory, `**` across them, brackets, and `\` before a character.

use super::regex::{Regex, Sets};

/// A compiled pattern.
#[derive(Debug, Clone)]
pub(super) enum Pattern {
    /// Only the path that is the pattern.
    Exact(String),
    /// All paths that begin so.
    Prefix(String),
    /// All paths that end so; with a slash before it, also the path that is the rest.
    Suffix(String),
    /// What an expression says.
    Regex(Regex),
    /// A pattern that cannot be read, which is an error when it is asked.
    Bad,
}

impl Pattern {
    /// Reads a cleaned pattern without its `!`.
    pub(super) fn new(text: &str) -> Self {
        let mut regex = String::from("^");
        let mut kind = Kind::Exact;
        // A byte order mark at its beginning does not count, but only here.
        let mut chars = text.strip_prefix('\u{feff}').unwrap_or(text).chars().peekable();
        let mut first = true;
        while let Some(ch) = chars.next() {
            match ch {
                '*' if chars.peek() == Some(&'*') => {
                    chars.next();
                    chars.next_if_eq(&'/');
                    if chars.peek().is_some() {
                        regex.push_str("(.*/)?");
                        kind = Kind::Regex;
                    } else if kind == Kind::Exact {
                        kind = Kind::Prefix;
                    } else {
                        regex.push_str(".*");
                        kind = Kind::Regex;
                    }
                    if first {
                        kind = Kind::Suffix;
                    }
                }
                '*' => {
                    regex.push_str("[^/]*");
                    kind = Kind::Regex;
                }
                '?' => {
                    regex.push_str("[^/]");
                    kind = Kind::Regex;
                }
                // Not | { and }: the reference means to, but does not escape them.
                '.' | '+' | '(' | ')' | '$' => regex.extend(['\\', ch]),
                '\\' => {
                    regex.push('\\');
                    if let Some(escaped) = chars.next() {
                        regex.push(escaped);
                        kind = Kind::Regex;
                    }
                }
                '[' | ']' => {
                    regex.push(ch);
                    kind = Kind::Regex;
                }
                plain => regex.push(plain),
            }
            first = false;
        }
        match kind {
            Kind::Exact => Self::Exact(text.to_owned()),
            Kind::Prefix => Self::Prefix(text.strip_suffix("**").unwrap_or(text).to_owned()),
            Kind::Suffix => Self::Suffix(text.strip_prefix("**").unwrap_or(text).to_owned()),
            Kind::Regex => {
                regex.push('$');
                Regex::new(&regex).map_or(Self::Bad, Self::Regex)
            }
        }
    }

    /// What it takes in memory, about.
    pub(super) fn weight(&self) -> usize {
        const RULE_BYTES: usize = 64;
        const STEP_BYTES: usize = 64;
        match self {
            Self::Regex(regex) => RULE_BYTES + regex.len() * STEP_BYTES,
            _ => RULE_BYTES,
        }
    }

    /// Whether the pattern matches a path; None when it cannot be read.
    pub(super) fn is_match(&self, path: &str, sets: &mut Sets) -> Option<bool> {
        Some(match self {
            Self::Exact(text) => path == text,
            Self::Prefix(text) => path.starts_with(text),
            Self::Suffix(text) => path.ends_with(text) || text.strip_prefix('/') == Some(path),
            Self::Regex(regex) => regex.is_match(path, sets),
            Self::Bad => return None,
        })
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Exact,
    Prefix,
    Suffix,
    Regex,
}
