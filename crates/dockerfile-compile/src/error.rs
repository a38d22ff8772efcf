//! Why a Dockerfile is refused.

use std::fmt;
use std::sync::Arc;

use dockerfile_syntax::{Exceeded, LineRange, Span};

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

    /// Marks the keyword of the instruction where nothing closer is known, so that every error has its bytes.
    pub(crate) fn locate(&mut self, dockerfile: &[u8]) {
        self.first.locate(dockerfile);
        for error in &mut self.others {
            error.locate(dockerfile);
        }
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

    /// Adds the lines of the instruction or stage that is to blame; the innermost comes first.
    #[must_use]
    pub fn at(mut self, lines: LineRange) -> Self {
        if self.file.is_none() && !self.lines.contains(&lines) {
            self.lines.push(lines);
        }
        self
    }

    /// Marks the bytes that are to blame, where they are known. What was marked before stays.
    #[must_use]
    pub(crate) fn marking(mut self, span: Option<Span>) -> Self {
        if self.file.is_none() {
            self.span = self.span.or(span);
        }
        self
    }

    /// Blames a line of another file than the Dockerfile.
    #[must_use]
    pub(crate) fn in_file(mut self, file: OtherFile, line: Option<usize>) -> Self {
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

    fn locate(&mut self, dockerfile: &[u8]) {
        let Some(lines) = self
            .lines
            .first()
            .filter(|_| self.span.is_none() && self.file.is_none())
        else {
            return;
        };
        let mut offset = 0;
        let mut text = Span::new(dockerfile.len(), dockerfile.len());
        for (index, line) in dockerfile.split_inclusive(|byte| *byte == b'\n').enumerate() {
            let number = index + 1;
            if number == lines.start {
                let indent = line.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
                text.start = offset + indent;
            }
            offset += line.len();
            if number == lines.end {
                text.end = offset;
                break;
            }
        }
        let bytes = dockerfile.get(text.start..text.end).unwrap_or_default();
        let keyword = bytes
            .iter()
            .take_while(|byte| !byte.is_ascii_whitespace())
            .count();
        self.span = Some(Span::new(text.start, text.start + keyword));
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
    fn where_nothing_is_marked_it_is_the_keyword() {
        let file = b"FROM a\n  RUN --mount=bad \\\n    x\nCOPY --from=bad . /\n";
        let marked = Span::new(13, 24);
        for (mark, span) in [(None, Span::new(9, 12)), (Some(marked), marked)] {
            let error = CompileError::new("").marking(mark).at(LineRange::new(2, 3));
            let mut errors = CompileErrors::from(error);
            errors.locate(file);
            assert_eq!(errors.first.span, Some(span));
        }
    }
}
