//! Physical lines, and the logical lines that continuation joins from them.

use std::borrow::Cow;
use std::ops::Range;

use crate::span::Span;
use crate::text;
use crate::word::Word;

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
    /// Where a byte order mark may be.
    start: usize,
}

impl<'a> Lines<'a> {
    #[cfg(test)]
    pub(crate) fn new(text: &'a [u8]) -> Self {
        Self::of_part(text, 0, 0)
    }

    /// The lines of a text from the byte `start` on, behind `before` others.
    pub(crate) fn of_part(text: &'a [u8], start: usize, before: usize) -> Self {
        Self {
            text,
            at: start,
            number: before,
            start,
        }
    }

    /// Whether these are the lines of a text from its beginning on.
    pub(crate) fn is_first(&self) -> bool {
        self.start == 0
    }

    /// Where the next line begins.
    pub(crate) fn offset(&self) -> usize {
        self.at
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
        let len = text::find(rest, b'\n').map_or(rest.len(), |end| end + 1);
        let mut bytes = &rest[..len];
        let mut start = self.at;
        let too_long = too_long(bytes);
        if self.at == self.start && bytes.starts_with(text::BOM) {
            bytes = &bytes[text::BOM.len()..];
            start += text::BOM.len();
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

/// The whole text that is read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Source<'a> {
    /// Its bytes.
    pub(crate) bytes: &'a [u8],
    /// The same as text, if all of it is.
    text: Option<&'a str>,
    /// The place of everything, where this is not the file of which places are told.
    pub(crate) elsewhere: Option<Span>,
}

impl<'a> Source<'a> {
    pub(crate) fn new(bytes: &'a [u8], elsewhere: Option<Span>) -> Self {
        Self {
            bytes,
            text: std::str::from_utf8(bytes).ok(),
            elsewhere,
        }
    }

    /// The same up to the byte `end`.
    pub(crate) fn up_to(self, end: usize) -> &'a [u8] {
        self.bytes.get(..end).unwrap_or(self.bytes)
    }

    /// Whether no byte is other than UTF-8.
    pub(crate) fn is_text(&self) -> bool {
        self.text.is_some()
    }

    /// The text of a range.
    pub(crate) fn text(&self, range: Range<usize>) -> Cow<'a, str> {
        match self.text.and_then(|text| text.get(range.clone())) {
            Some(text) => Cow::Borrowed(text),
            None => text::lossy(&self.bytes[range]),
        }
    }
}

/// A logical line: the text of one instruction, with the place in the file of each byte.
#[derive(Debug)]
pub(crate) struct Logical<'a> {
    source: Source<'a>,
    /// The text: a slice of the file, or several of them joined, once all are there.
    bytes: Cow<'a, [u8]>,
    /// How long it is.
    length: usize,
    /// Where the first piece begins in the file.
    start: usize,
    /// The pieces behind the first one.
    more: Vec<Piece>,
}

/// Where a piece of a logical line begins. There can be as many as lines, and no text of 4 GiB is read.
#[derive(Debug, Clone, Copy)]
struct Piece {
    /// In the joined bytes.
    at: u32,
    /// In the file.
    start: u32,
}

impl Piece {
    fn new(at: usize, start: usize) -> Self {
        let short = |offset| u32::try_from(offset).unwrap_or(u32::MAX);
        Self {
            at: short(at),
            start: short(start),
        }
    }

    fn at(self) -> usize {
        self.at as usize
    }
}

impl<'a> Logical<'a> {
    /// A line at `start` in the file, without any text.
    pub(crate) fn new(source: Source<'a>, start: usize) -> Self {
        Self {
            source,
            bytes: Cow::default(),
            length: 0,
            start,
            more: Vec::new(),
        }
    }

    /// Appends a piece that begins at `start` in the file.
    pub(crate) fn push(&mut self, piece: &'a [u8], start: usize) {
        if piece.is_empty() {
            return;
        }
        if self.bytes.is_empty() {
            self.start = start;
            self.bytes = Cow::Borrowed(piece);
        } else {
            self.more.push(Piece::new(self.length, start));
        }
        self.length += piece.len();
    }

    /// The line with its pieces joined, after which there comes no other.
    pub(crate) fn joined(mut self) -> Self {
        if !self.more.is_empty() {
            let mut joined = Vec::with_capacity(self.length);
            joined.extend_from_slice(&self.bytes);
            let ends = self.more.iter().skip(1).map(|piece| piece.at());
            for (piece, end) in self.more.iter().zip(ends.chain([self.length])) {
                let start = piece.start as usize;
                joined.extend_from_slice(&self.source.bytes[start..start + end - piece.at()]);
            }
            self.bytes = Cow::Owned(joined);
        }
        self
    }

    /// The joined bytes.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The text of a range. It borrows from the file unless it runs over the end of a piece.
    pub(crate) fn text(&self, range: &Range<usize>) -> Cow<'a, str> {
        let text = match &self.bytes {
            Cow::Borrowed(_) => self.source.text(self.start + range.start..self.start + range.end),
            Cow::Owned(bytes) => {
                let piece = self.more.partition_point(|piece| piece.at() <= range.start);
                let end = self.more.get(piece).map_or(bytes.len(), |piece| piece.at());
                if range.end <= end {
                    let start = self.offset(range.start);
                    self.source.text(start..start + range.len())
                } else {
                    Cow::Owned(text::lossy(&bytes[range.clone()]).into_owned())
                }
            }
        };
        match self.source.elsewhere {
            // What is borrowed counts as standing at its place as it is.
            Some(_) => Cow::Owned(text.into_owned()),
            None => text,
        }
    }

    /// The text of a range with its place.
    pub(crate) fn word(&self, range: &Range<usize>) -> Word<'a> {
        Word::new(self.text(range), self.span(range))
    }

    /// The text of a range, which is all that is still needed of the line.
    pub(crate) fn into_text(self, range: Range<usize>) -> Cow<'a, str> {
        match self.bytes {
            Cow::Borrowed(_) => self.source.text(self.start + range.start..self.start + range.end),
            Cow::Owned(mut bytes) => {
                bytes.truncate(range.end);
                bytes.drain(..range.start);
                Cow::Owned(match String::from_utf8(bytes) {
                    Ok(text) => text,
                    Err(error) => text::lossy(error.as_bytes()).into_owned(),
                })
            }
        }
    }

    /// Where the first byte stands that is not UTF-8.
    pub(crate) fn first_invalid(&self) -> Option<usize> {
        if self.source.is_text() {
            return None;
        }
        text::first_invalid(&self.bytes).map(|at| self.place(at))
    }

    fn offset(&self, at: usize) -> usize {
        if self.more.is_empty() {
            return self.start + at;
        }
        let after = self.more.partition_point(|piece| piece.at() <= at);
        match after.checked_sub(1).and_then(|last| self.more.get(last)) {
            Some(piece) => piece.start as usize + (at - piece.at()),
            None => self.start + at,
        }
    }

    /// The place in the file of a byte of the line.
    pub(crate) fn place(&self, at: usize) -> usize {
        match self.source.elsewhere {
            Some(span) => span.start,
            None => self.offset(at),
        }
    }

    /// The span in the file of a range of the line, with the whole of the characters that it begins and ends in: flags
    /// end at bytes, and some of those are a space by themselves and a part of a letter with the one before.
    pub(crate) fn span(&self, range: &Range<usize>) -> Span {
        if let Some(span) = self.source.elsewhere {
            return span;
        }
        let start = self.offset(text::character_at(&self.bytes, range.start).start);
        let end = if range.end > range.start {
            self.offset(text::character_at(&self.bytes, range.end).end - 1) + 1
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
        let file = b"FROM base\nRUN a \\\n  b";
        let mut line = Logical::new(Source::new(file, None), 0);
        line.push(&file[10..16], 10);
        line.push(&file[20..], 20);
        let line = line.joined();
        assert_eq!(line.span(&(0..3)), Span::new(10, 13));
        assert_eq!(line.span(&(4..7)), Span::new(14, 21));
        assert_eq!(line.span(&(6..7)), Span::new(20, 21));
        assert_eq!(line.span(&(7..7)), Span::new(21, 21));

        let mut letters = Logical::new(Source::new(b"", None), 0);
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

    #[test]
    fn a_text_borrows_unless_it_is_joined() {
        let file = b"ENV a=b \\\n c=d \\\n e";
        let mut line = Logical::new(Source::new(file, None), 0);
        for range in [0..8, 10..15, 17..19] {
            line.push(&file[range.clone()], range.start);
        }
        let line = line.joined();
        assert_eq!(line.bytes(), b"ENV a=b  c=d  e");
        for (range, text, is_borrowed) in [
            (4..7, "a=b", true),
            (9..12, "c=d", true),
            (9..15, "c=d  e", false),
        ] {
            let found = line.text(&range);
            assert_eq!((&*found, matches!(found, Cow::Borrowed(_))), (text, is_borrowed));
        }
        assert_eq!(line.into_text(4..12), "a=b  c=d");
    }

    #[test]
    fn lines_end_at_their_breaks() {
        for text in [
            "",
            "a",
            "a\n",
            "\n\n",
            "a\n\nb",
            &format!("{}\nb\n", "a".repeat(100)),
        ] {
            let lines: Vec<&[u8]> = Lines::new(text.as_bytes()).map(|line| line.bytes).collect();
            let wanted: Vec<&[u8]> = text.as_bytes().split_inclusive(|byte| *byte == b'\n').collect();
            assert_eq!(lines, wanted, "{text:?}");
        }
    }
}
