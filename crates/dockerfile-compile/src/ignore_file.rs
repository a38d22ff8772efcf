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
