//! "did you mean": the nearest of the known words.

use std::fmt;

/// The candidate at the smallest edit distance from `word`, when that is under 3. None when `word` is one of them.
/// The first of equally near ones wins.
///
/// With `case_sensitive` off, case does not count, and the suggestion takes the case of `word` when that is all
/// lower or all upper.
#[must_use]
pub fn nearest(word: &str, candidates: &[&str], case_sensitive: bool) -> Option<String> {
    let _ = (word, candidates, case_sensitive);
    None
}

/// Appends the suggestion to a message.
pub(crate) fn write(f: &mut fmt::Formatter<'_>, suggestion: Option<&str>) -> fmt::Result {
    match suggestion {
        Some(word) => write!(f, " (did you mean {word}?)"),
        None => Ok(()),
    }
}
