//! Ignore files: their patterns, and errors that name their lines.

use dockerfile_syntax::Budget;
use dockerfile_syntax::ignore::{self, IgnoreError, Matcher};

use crate::answers::IgnoreAnswer;
use crate::error::{CompileError, OtherFile};

/// What a pattern takes beside its text.
const PATTERN_BYTES: usize = 64;

/// The patterns of an ignore file, in file order.
pub(crate) fn patterns(file: &IgnoreAnswer, budget: &Budget) -> Result<Vec<String>, CompileError> {
    let lines = file.data.iter().filter(|byte| **byte == b'\n').count();
    let counted = budget.spend(file.data.len() + lines.saturating_mul(PATTERN_BYTES));
    counted.map_err(|exceeded| blame(file, &exceeded.into(), None))?;
    ignore::parse(&file.data).map_err(|error| refuse(file, &error))
}

/// A matcher of patterns that come from `file`.
pub(crate) fn matcher(
    file: &IgnoreAnswer,
    patterns: &[String],
    budget: &Budget,
) -> Result<Matcher, CompileError> {
    Matcher::new(patterns, budget).map_err(|error| refuse(file, &error))
}

/// The line of an ignore file, counted from one, that keeps a path of its context from being sent, and the pattern on it.
/// None where the path is sent, or would be.
///
/// ```
/// use dockerfile_compile::{IgnoreAnswer, keeps_out};
///
/// let file = IgnoreAnswer {
///     filename: ".dockerignore".to_owned(),
///     data: b"# made here\ndist\n!dist/keep\n".to_vec(),
/// };
/// assert_eq!(keeps_out(&file, "dist/app.js"), Some((2, "dist".to_owned())));
/// assert_eq!(keeps_out(&file, "dist/keep"), None);
/// ```
#[must_use]
pub fn keeps_out(file: &IgnoreAnswer, path: &str) -> Option<(usize, String)> {
    let budget = Budget::new();
    let patterns = patterns(file, &budget).ok()?;
    let matcher = matcher(file, &patterns, &budget).ok()?;
    let decisive = matcher.decisive(path, &budget).ok()??;
    let lines = file.data.split(|byte| *byte == b'\n').enumerate();
    let mut telling =
        lines.filter(|(_, line)| ignore::parse(line).is_ok_and(|patterns| !patterns.is_empty()));
    let (index, _) = telling.nth(decisive)?;
    Some((index + 1, patterns.get(decisive)?.clone()))
}

fn refuse(file: &IgnoreAnswer, error: &IgnoreError) -> CompileError {
    let culprit = match error {
        IgnoreError::LineTooLong { line } => return blame(file, error, Some(*line)),
        IgnoreError::Exceeded(_) => return blame(file, error, None),
        IgnoreError::BadPattern(pattern) => pattern.as_str(),
        _ => "!",
    };
    let line = file.data.split(|byte| *byte == b'\n').position(|line| {
        let patterns = ignore::parse(line).unwrap_or_default();
        patterns.iter().any(|pattern| pattern.trim() == culprit)
    });
    blame(file, error, line.map(|index| index + 1))
}

fn blame(file: &IgnoreAnswer, error: &IgnoreError, line: Option<usize>) -> CompileError {
    let other = OtherFile {
        filename: file.filename.clone(),
        data: file.data.clone(),
    };
    CompileError::new(error.to_string()).in_file(other, line)
}
