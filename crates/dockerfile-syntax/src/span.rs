//! Places in a Dockerfile: bytes for exact columns, lines for what BuildKit's clients show.

/// A range of bytes of the file, `start` included and `end` not.
///
/// A span may run over a line continuation; then it covers the escape character and the line break too.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// Offset of the first byte.
    pub start: usize,
    /// Offset behind the last byte.
    pub end: usize,
}

impl Span {
    /// A span from `start` to `end`; an `end` before `start` gives an empty span.
    #[must_use]
    pub fn new(start: usize, end: usize) -> Self {
        Self {
            start,
            end: end.max(start),
        }
    }

    /// The smallest span that holds both.
    #[must_use]
    pub fn to(self, other: Self) -> Self {
        Self {
            start: self.start.min(other.start),
            end: self.end.max(other.end),
        }
    }
}

/// A range of lines of the file, both ends included, counted from 1.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LineRange {
    /// The first line.
    pub start: usize,
    /// The last line.
    pub end: usize,
}

impl LineRange {
    /// The lines from `start` to `end`.
    #[must_use]
    pub fn new(start: usize, end: usize) -> Self {
        Self {
            start,
            end: end.max(start),
        }
    }

    /// One line.
    #[must_use]
    pub fn line(line: usize) -> Self {
        Self {
            start: line,
            end: line,
        }
    }

    /// Bytes in these lines.
    #[must_use]
    pub fn with(self, span: Span) -> Place {
        Place { lines: self, span }
    }
}

/// Where something stands: its lines and its bytes. What an error without a place is given by its caller.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Place {
    /// The lines, as BuildKit's clients show them.
    pub lines: LineRange,
    /// The exact bytes.
    pub span: Span,
}
