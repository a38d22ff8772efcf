//! Why a Dockerfile is refused.

use std::fmt;

use dockerfile_syntax::{LineRange, Span};

use crate::need::Failure;

/// All errors of one compilation, in file order; never empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompileErrors {
    /// The first error.
    pub first: Box<CompileError>,
    /// The others.
    pub others: Vec<CompileError>,
}

impl CompileErrors {
    /// The errors in file order.
    pub fn iter(&self) -> impl Iterator<Item = &CompileError> {
        std::iter::once(&*self.first).chain(&self.others)
    }
}

impl From<CompileError> for CompileErrors {
    fn from(first: CompileError) -> Self {
        Self {
            first: Box::new(first),
            others: Vec::new(),
        }
    }
}

/// One error, with its place and, where it came from a look-up, what the daemon said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompileError {
    /// What is wrong, and what to write instead.
    pub message: String,
    /// The lines involved: the instruction first, then the stages around it.
    pub lines: Vec<LineRange>,
    /// The bytes of the file that are to blame, where they are known more closely than the lines.
    pub span: Option<Span>,
    /// The failed look-up behind it.
    pub failure: Option<Failure>,
}

impl CompileError {
    /// An error without a place; the caller adds it with [`CompileError::at`].
    #[must_use]
    pub fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            lines: Vec::new(),
            span: None,
            failure: None,
        }
    }

    /// Adds the lines of the instruction or stage that is to blame; the innermost comes first.
    #[must_use]
    pub fn at(mut self, lines: LineRange) -> Self {
        if !self.lines.contains(&lines) {
            self.lines.push(lines);
        }
        self
    }

    /// Adds the failed look-up that caused it.
    #[must_use]
    pub fn caused_by(mut self, failure: &Failure) -> Self {
        self.failure = Some(failure.clone());
        self
    }
}

impl fmt::Display for CompileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for CompileError {}
