//! Physical lines, and the logical lines that continuation joins from them.

use crate::span::Span;
use crate::text;
use std::ops::Range;

/// The longest physical line in bytes, its line break included; without one, a byte less.
pub(crate) const MAX_LINE: usize = 65_536;

/// Whether a physical line is too long.
pub(crate) fn too_long(line: &[u8]) -> bool {
    line.len() > MAX_LINE - usize::from(!line.ends_with(b"\n"))
}

/// A physical line.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Physical<'a> {
    /// Its bytes, line break included, byte order mark not.
    pub(crate) bytes: &'a [u8],
    /// Where it begins in the file.
    pub(crate) start: usize,
    /// Its number, counted from 1.
    pub(crate) number: usize,
    /// Whether it is longer than the reference takes.
    pub(crate) too_long: bool,
}

/// The physical lines of a file.
#[derive(Debug, Clone)]
pub(crate) struct Lines<'a> {
    text: &'a [u8],
    at: usize,
    number: usize,
}

impl<'a> Lines<'a> {
    pub(crate) fn new(text: &'a [u8]) -> Self {
        Self {
            text,
            at: 0,
            number: 0,
        }
    }

    /// The number of lines taken so far.
    pub(crate) fn number(&self) -> usize {
        self.number
    }
}

impl<'a> Iterator for Lines<'a> {
    type Item = Physical<'a>;

    fn next(&mut self) -> Option<Physical<'a>> {
        let rest = &self.text[self.at..];
        if rest.is_empty() {
            return None;
        }
        let len = rest
            .iter()
            .position(|&byte| byte == b'\n')
            .map_or(rest.len(), |end| end + 1);
        let mut bytes = &rest[..len];
        let mut start = self.at;
        let too_long = too_long(bytes);
        if self.number == 0 && bytes.starts_with(crate::directive::BOM) {
            bytes = &bytes[crate::directive::BOM.len()..];
            start += crate::directive::BOM.len();
        }
        self.at += len;
        self.number += 1;
        Some(Physical {
            bytes,
            start,
            number: self.number,
            too_long,
        })
    }
}

/// Whether the first visible character is `#`.
pub(crate) fn is_comment(line: &[u8]) -> bool {
    line.get(text::leading_space(line)) == Some(&b'#')
}

/// Takes a continuation mark off the end of a line: the escape character, alone or behind another character than
/// itself, with spaces and tabs behind it. Gives what is left, and whether there was one.
pub(crate) fn cut_continuation(line: &[u8], escape: u8) -> (&[u8], bool) {
    let end = line
        .iter()
        .rposition(|byte| !matches!(byte, b' ' | b'\t'))
        .map_or(0, |last| last + 1);
    match &line[..end] {
        [head @ .., last] if *last == escape && head.last() != Some(&escape) => (head, true),
        _ => (line, false),
    }
}

/// A logical line: the text of one instruction, with the place in the file of each byte.
#[derive(Debug, Default)]
pub(crate) struct Logical {
    /// The joined bytes.
    pub(crate) bytes: Vec<u8>,
    /// For each piece, where it begins in `bytes` and in the file.
    pieces: Vec<(usize, usize)>,
}

impl Logical {
    /// Appends a piece that begins at `start` in the file.
    pub(crate) fn push(&mut self, piece: &[u8], start: usize) {
        if !piece.is_empty() {
            self.pieces.push((self.bytes.len(), start));
            self.bytes.extend_from_slice(piece);
        }
    }

    /// The place in the file of a byte of the line.
    pub(crate) fn place(&self, at: usize) -> usize {
        let after = self.pieces.partition_point(|&(begin, _)| begin <= at);
        let (begin, start) = after
            .checked_sub(1)
            .and_then(|i| self.pieces.get(i))
            .copied()
            .unwrap_or_default();
        start + (at - begin)
    }

    /// The span in the file of a range of the line, with the whole of the characters that it begins and ends in: flags
    /// end at bytes, and some of those are a space by themselves and a part of a letter with the one before.
    pub(crate) fn span(&self, range: &Range<usize>) -> Span {
        let start = self.place(text::character_at(&self.bytes, range.start).start);
        let end = if range.end > range.start {
            self.place(text::character_at(&self.bytes, range.end).end - 1) + 1
        } else {
            start
        };
        Span::new(start, end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn continuation_marks() {
        for (line, left, more) in [
            (r"RUN a \", "RUN a ", true),
            ("RUN a \\ \t", "RUN a ", true),
            (r"RUN a \\", r"RUN a \\", false),
            (r"\", "", true),
            ("\\  ", "", true),
            ("  \\", "  ", true),
            ("RUN a", "RUN a", false),
            ("RUN a  ", "RUN a  ", false),
            ("", "", false),
        ] {
            assert_eq!(
                cut_continuation(line.as_bytes(), b'\\'),
                (left.as_bytes(), more),
                "{line:?}"
            );
        }
    }

    #[test]
    fn places() {
        let mut line = Logical::default();
        line.push(b"RUN a ", 10);
        line.push(b"b", 20);
        assert_eq!(line.span(&(0..3)), Span::new(10, 13));
        assert_eq!(line.span(&(4..7)), Span::new(14, 21));
        assert_eq!(line.span(&(6..7)), Span::new(20, 21));
        assert_eq!(line.span(&(7..7)), Span::new(21, 21));

        let mut letters = Logical::default();
        letters.push("--a=é à\u{10348}".as_bytes(), 10);
        for (range, span) in [
            (0..5, Span::new(10, 16)),
            (4..6, Span::new(14, 16)),
            (5..8, Span::new(14, 19)),
            (8..8, Span::new(17, 17)),
            (10..12, Span::new(19, 23)),
        ] {
            assert_eq!(letters.span(&range), span, "{range:?}");
        }
    }
}
