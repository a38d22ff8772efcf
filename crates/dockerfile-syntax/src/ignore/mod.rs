//! `.dockerignore`: reading it, and matching paths against it.

mod class;
mod glob;
mod path;
mod pattern;
mod regex;

use crate::budget::{Budget, Exceeded};
use crate::line;
use crate::text;
use pattern::Pattern;
use regex::Sets;
use std::fmt;

/// Reads an ignore file: the patterns in file order, each trimmed, cleaned, without its leading `/`, with its `!`.
///
/// Lines that begin with `#` are comments; blanks before it make a pattern of it.
///
/// # Errors
/// A line that is too long.
pub fn parse(data: &[u8]) -> Result<Vec<String>, IgnoreError> {
    let mut patterns = Vec::new();
    for (index, line) in data.split_inclusive(|&byte| byte == b'\n').enumerate() {
        if line::too_long(line) {
            return Err(IgnoreError::LineTooLong { line: index + 1 });
        }
        let line = if index == 0 {
            line.strip_prefix(text::BOM).unwrap_or(line)
        } else {
            line
        };
        if line.starts_with(b"#") {
            continue;
        }
        let line = text::lossy(text::trim(line));
        if line.is_empty() {
            continue;
        }
        let (mark, pattern) = line
            .strip_prefix('!')
            .map_or(("", &*line), |rest| ("!", rest.trim()));
        if pattern.is_empty() {
            patterns.push(mark.to_owned());
            continue;
        }
        let cleaned = path::clean(pattern);
        let relative = cleaned
            .strip_prefix('/')
            .filter(|rest| !rest.is_empty())
            .unwrap_or(&cleaned);
        patterns.push(format!("{mark}{relative}"));
    }
    Ok(patterns)
}

/// Compiled patterns.
#[derive(Debug, Clone, Default)]
pub struct Matcher {
    rules: Vec<Rule>,
}

#[derive(Debug, Clone)]
struct Rule {
    text: String,
    /// Whether it takes back what earlier ones matched.
    exclusion: bool,
    pattern: Pattern,
}

impl Matcher {
    /// Compiles patterns as [`parse`] gives them.
    ///
    /// # Errors
    /// A pattern that means nothing, or more patterns than the budget has room for.
    pub fn new(patterns: &[String], budget: &Budget) -> Result<Self, IgnoreError> {
        let mut rules = Vec::with_capacity(patterns.len());
        for text in patterns
            .iter()
            .map(|text| text.trim())
            .filter(|text| !text.is_empty())
        {
            let cleaned = path::clean(text);
            let (pattern, exclusion) = match cleaned.strip_prefix('!') {
                Some("") => return Err(IgnoreError::EmptyExclusion),
                Some(rest) => (rest, true),
                None => (cleaned.as_str(), false),
            };
            glob::check(pattern).map_err(|_| IgnoreError::BadPattern(text.to_owned()))?;
            let pattern = Pattern::new(pattern);
            budget.spend(text.len() + pattern.weight())?;
            rules.push(Rule {
                text: text.to_owned(),
                exclusion,
                pattern,
            });
        }
        Ok(Self { rules })
    }

    /// Whether the path, or a directory above it, matches a pattern and no later `!` pattern takes it back.
    /// `path` has slashes and is relative to the context.
    ///
    /// ```
    /// use dockerfile_syntax::Budget;
    /// use dockerfile_syntax::ignore::{Matcher, parse};
    ///
    /// let budget = Budget::new();
    /// let matcher = Matcher::new(&parse(b"target\n**/*.o\n!keep.o\n")?, &budget)?;
    /// assert!(matcher.matches_or_parent_matches("target/debug/x", &budget)?);
    /// assert!(!matcher.matches_or_parent_matches("keep.o", &budget)?);
    /// # Ok::<(), dockerfile_syntax::ignore::IgnoreError>(())
    /// ```
    ///
    /// # Errors
    /// A pattern that means nothing, found only now; or the answer takes more steps than the budget has to spare.
    pub fn matches_or_parent_matches(&self, path: &str, budget: &Budget) -> Result<bool, IgnoreError> {
        Ok(self.decisive(path, budget)?.is_some())
    }

    /// The pattern, counted from zero, by which the path or a directory above it matches, and that none takes back.
    ///
    /// # Errors
    /// As [`Matcher::matches_or_parent_matches`].
    pub fn decisive(&self, path: &str, budget: &Budget) -> Result<Option<usize>, IgnoreError> {
        let parent = path::parent(path);
        let ends = parent.match_indices('/').map(|(at, _)| at).chain([parent.len()]);
        let parents: Vec<&str> = if parent == "." {
            Vec::new()
        } else {
            ends.map(|end| &parent[..end]).collect()
        };
        let mut matched = None;
        let mut sets = Sets::default();
        for (index, rule) in self.rules.iter().enumerate() {
            let steps = std::mem::take(&mut sets.steps);
            if !budget.affords_steps(1 + steps) {
                return Err(IgnoreError::Exceeded(Exceeded::Steps));
            }
            // A pattern that could change nothing is not asked.
            if rule.exclusion != matched.is_some() {
                continue;
            }
            let itself = rule
                .pattern
                .is_match(path, &mut sets)
                .ok_or_else(|| IgnoreError::BadPattern(rule.text.clone()))?;
            if itself
                || parents
                    .iter()
                    .any(|parent| rule.pattern.is_match(parent, &mut sets) == Some(true))
            {
                matched = (!rule.exclusion).then_some(index);
            }
        }
        Ok(matched)
    }
}

/// What is wrong with an ignore file.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum IgnoreError {
    /// A pattern that cannot be read.
    BadPattern(String),
    /// `!` alone.
    EmptyExclusion,
    /// The patterns, or the work they take, pass the budget.
    Exceeded(Exceeded),
    /// A line of 65536 bytes or more.
    LineTooLong {
        /// The line, counted from 1.
        line: usize,
    },
}

impl fmt::Display for IgnoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BadPattern(pattern) => {
                write!(
                    f,
                    "the ignore pattern {pattern:?} cannot be read; check its brackets and backslashes"
                )
            }
            Self::Exceeded(Exceeded::Bytes) => {
                f.write_str("the ignore file has more patterns than Plimsoll reads; write fewer, wider ones")
            }
            Self::Exceeded(exceeded) => exceeded.fmt(f),
            Self::EmptyExclusion => {
                f.write_str("an ignore pattern is only \"!\"; write what it shall keep behind it")
            }
            Self::LineTooLong { line } => {
                write!(f, "line {line} of the ignore file is longer than 65535 bytes")
            }
        }
    }
}

impl From<Exceeded> for IgnoreError {
    fn from(exceeded: Exceeded) -> Self {
        Self::Exceeded(exceeded)
    }
}

impl std::error::Error for IgnoreError {}
