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

    /// The same bytes where so many others stand before them.
    #[must_use]
    pub fn behind(self, before: usize) -> Self {
        Self {
            start: self.start + before,
            end: self.end + before,
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

/// A place in a file as people and editors tell it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// Counted from 1.
    pub line: usize,
    /// In characters, counted from 1.
    pub column: usize,
}

impl Position {
    /// Where the byte at `offset` of a file is; behind its end for an offset that is too large.
    ///
    /// ```
    /// use dockerfile_syntax::Position;
    ///
    /// let place = Position::of("FROM a\nRÜN äx\n".as_bytes(), 12);
    /// assert_eq!((place.line, place.column), (2, 5));
    /// ```
    #[must_use]
    pub fn of(text: &[u8], offset: usize) -> Self {
        let before = text.get(..offset).unwrap_or(text);
        let line_start = before.iter().rposition(|byte| *byte == b'\n');
        let in_line = before
            .get(line_start.map_or(0, |at| at + 1)..)
            .unwrap_or_default();
        Self {
            line: before.iter().filter(|byte| **byte == b'\n').count() + 1,
            column: String::from_utf8_lossy(in_line).chars().count() + 1,
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

    /// The same lines where so many others stand before them.
    #[must_use]
    pub fn behind(self, before: usize) -> Self {
        Self {
            start: self.start + before,
            end: self.end + before,
        }
    }

    /// Bytes in these lines.
    #[must_use]
    pub fn with(self, span: Span) -> Place {
        Place { lines: self, span }
    }
}

/// A file in a text that holds several, one behind the other: bytes and lines are those of the whole text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilePart {
    /// Its bytes.
    pub bytes: std::ops::Range<usize>,
    /// How many lines the files before it have.
    pub lines_before: usize,
    /// It has the instructions of a stage and no stage itself.
    pub is_fragment: bool,
}

/// Where something stands: its lines and its bytes. What an error without a place is given by its caller.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Place {
    /// The lines, as BuildKit's clients show them.
    pub lines: LineRange,
    /// The exact bytes.
    pub span: Span,
}

#[cfg(test)]
mod tests {
    use super::Position;

    #[test]
    fn columns_count_characters() {
        let data = "a\nRÜN äx\n".as_bytes();
        for (offset, line, column) in [(0, 1, 1), (2, 2, 1), (9, 2, 6), (99, 3, 1)] {
            assert_eq!(Position::of(data, offset), Position { line, column });
        }
    }
}
