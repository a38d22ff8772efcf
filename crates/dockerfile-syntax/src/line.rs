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
}

impl<'a> Lines<'a> {
    pub(crate) fn new(text: &'a [u8]) -> Self {
        Self {
            text,
            at: 0,
            number: 0,
        }
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
#[derive(Debug)]
pub(crate) struct Logical<'a> {
    file: &'a [u8],
    /// The text: a slice of the file, or several of them joined.
    bytes: Cow<'a, [u8]>,
    /// Where the first piece begins in the file.
    start: usize,
    /// For each further piece, where it begins in `bytes` and in the file.
    more: Vec<(usize, usize)>,
    /// The place of everything, in a text that is not the file's.
    elsewhere: Option<Span>,
}

impl<'a> Logical<'a> {
    /// A line of `file` without any text. `elsewhere` is the place of all of it where `file` is another text than that
    /// of which places are told.
    pub(crate) fn new(file: &'a [u8], elsewhere: Option<Span>) -> Self {
        Self {
            file,
            bytes: Cow::default(),
            start: 0,
            more: Vec::new(),
            elsewhere,
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
            self.more.push((self.bytes.len(), start));
            self.bytes.to_mut().extend_from_slice(piece);
        }
    }

    /// The joined bytes.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The text of a range. It borrows from the file unless it runs over the end of a piece.
    pub(crate) fn text(&self, range: &Range<usize>) -> Cow<'a, str> {
        let text = match &self.bytes {
            Cow::Borrowed(bytes) => text::lossy(&bytes[range.clone()]),
            Cow::Owned(bytes) => {
                let piece = self.more.partition_point(|&(begin, _)| begin <= range.start);
                let end = self.more.get(piece).map_or(bytes.len(), |&(begin, _)| begin);
                if range.end <= end {
                    let start = self.offset(range.start);
                    text::lossy(&self.file[start..start + range.len()])
                } else {
                    Cow::Owned(text::lossy(&bytes[range.clone()]).into_owned())
                }
            }
        };
        match self.elsewhere {
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
            Cow::Borrowed(bytes) => text::lossy(&bytes[range]),
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

    fn offset(&self, at: usize) -> usize {
        let after = self.more.partition_point(|&(begin, _)| begin <= at);
        let last = after.checked_sub(1).and_then(|i| self.more.get(i)).copied();
        let (begin, start) = last.unwrap_or((0, self.start));
        start + (at - begin)
    }

    /// The place in the file of a byte of the line.
    pub(crate) fn place(&self, at: usize) -> usize {
        match self.elsewhere {
            Some(span) => span.start,
            None => self.offset(at),
        }
    }

    /// The span in the file of a range of the line, with the whole of the characters that it begins and ends in: flags
    /// end at bytes, and some of those are a space by themselves and a part of a letter with the one before.
    pub(crate) fn span(&self, range: &Range<usize>) -> Span {
        if let Some(span) = self.elsewhere {
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
        let mut line = Logical::new(b"", None);
        line.push(b"RUN a ", 10);
        line.push(b"b", 20);
        assert_eq!(line.span(&(0..3)), Span::new(10, 13));
        assert_eq!(line.span(&(4..7)), Span::new(14, 21));
        assert_eq!(line.span(&(6..7)), Span::new(20, 21));
        assert_eq!(line.span(&(7..7)), Span::new(21, 21));

        let mut letters = Logical::new(b"", None);
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
        let mut line = Logical::new(file, None);
        for range in [0..8, 10..15, 17..19] {
            line.push(&file[range.clone()], range.start);
        }
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
