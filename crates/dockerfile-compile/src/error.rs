//! Why a Dockerfile is refused.

use std::fmt;
use std::sync::Arc;

use dockerfile_syntax::{Exceeded, LineRange, Place, Span};

use crate::answers::Failure;

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

impl fmt::Display for CompileErrors {
    /// The messages, a line each.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.first.fmt(f)?;
        self.others.iter().try_for_each(|error| write!(f, "\n{error}"))
    }
}

impl std::error::Error for CompileErrors {}

impl From<CompileError> for CompileErrors {
    fn from(first: CompileError) -> Self {
        Self {
            first: Box::new(first),
            others: Vec::new(),
        }
    }
}

/// One error, with its place and, where it came from a look-up, what the daemon said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CompileError {
    /// What is wrong, and what to write instead.
    pub message: String,
    /// The lines involved: the instruction first, then the stages around it.
    pub lines: Vec<LineRange>,
    /// The bytes of the file that are to blame, where they are known more closely than the lines.
    pub span: Option<Span>,
    /// The file that is to blame, where it is not the Dockerfile.
    pub file: Option<Arc<OtherFile>>,
    /// The failed look-up behind it.
    pub failure: Option<Box<Failure>>,
}

/// A file beside the Dockerfile that an error is about, such as an ignore file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OtherFile {
    /// Its name.
    pub filename: String,
    /// Its bytes.
    pub data: Vec<u8>,
}

impl CompileError {
    /// An error without a place; the caller adds it with [`CompileError::at`].
    #[must_use]
    pub fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            ..Self::default()
        }
    }

    /// An error about one word of the file; the caller adds the lines around it with [`CompileError::at`].
    #[must_use]
    pub fn about(word: impl Into<Span>, message: impl Into<String>) -> Self {
        Self {
            span: Some(word.into()),
            ..Self::new(message)
        }
    }

    /// Adds the instruction or stage that is to blame, the innermost first. Its bytes are marked unless a word of it is.
    #[must_use]
    pub fn at(mut self, place: Place) -> Self {
        if self.file.is_some() {
            return self;
        }
        self.span.get_or_insert(place.span);
        if !self.lines.contains(&place.lines) {
            self.lines.push(place.lines);
        }
        self
    }

    /// Blames a line of another file than the Dockerfile.
    #[must_use]
    pub fn in_file(mut self, file: OtherFile, line: Option<usize>) -> Self {
        self.lines = line.map(LineRange::line).into_iter().collect();
        self.file = Some(Arc::new(file));
        self
    }

    /// Adds the failed look-up that caused it.
    #[must_use]
    pub fn caused_by(mut self, failure: &Failure) -> Self {
        self.failure = Some(Box::new(failure.clone()));
        self
    }
}

impl From<Exceeded> for CompileError {
    fn from(exceeded: Exceeded) -> Self {
        Self::new(exceeded.to_string())
    }
}

impl fmt::Display for CompileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for CompileError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_marked_before_what_is_around_it() {
        let place = |line, start| Place {
            lines: LineRange::line(line),
            span: Span::new(start, start + 3),
        };
        let word = Span::new(25, 28);
        for (error, span) in [
            (CompileError::new(""), Span::new(20, 23)),
            (CompileError::about(word, ""), word),
        ] {
            let error = error.at(place(2, 20)).at(place(1, 0)).at(place(2, 20));
            assert_eq!(error.span, Some(span));
            assert_eq!(error.lines, [LineRange::line(2), LineRange::line(1)]);
        }
    }
}
