//! Places in a text: inside of it, and never in the middle of a character.

use dockerfile_syntax::{LineRange, Span};

/// A text's characters and lines.
pub(crate) struct Places {
    /// For each byte, and the end, whether a character begins there.
    borders: Vec<bool>,
    /// Where each line begins.
    lines: Vec<usize>,
}

impl Places {
    /// Those of a text. A byte that is not UTF-8 is a character.
    pub(crate) fn new(text: &[u8]) -> Self {
        let mut borders = vec![false; text.len() + 1];
        let mut at = 0;
        for chunk in text.utf8_chunks() {
            for (offset, _) in chunk.valid().char_indices() {
                borders[at + offset] = true;
            }
            at += chunk.valid().len();
            borders[at..at + chunk.invalid().len()].fill(true);
            at += chunk.invalid().len();
        }
        borders[at] = true;
        let breaks = text.iter().enumerate().filter(|(_, byte)| **byte == b'\n');
        let lines = [0].into_iter().chain(breaks.map(|(at, _)| at + 1)).collect();
        Self { borders, lines }
    }

    /// Makes sure that a span is one of the text.
    pub(crate) fn check_span(&self, what: &str, span: Span) {
        assert!(span.start <= span.end, "{what}: {span:?}");
        for at in [span.start, span.end] {
            let is_border = self.borders.get(at).copied();
            assert_eq!(is_border, Some(true), "{what}: {span:?} cuts a character");
        }
    }

    /// Makes sure that lines are lines of the text. A text has at least one, which may be empty.
    pub(crate) fn check_lines(&self, what: &str, lines: LineRange) {
        let inside = 1 <= lines.start && lines.start <= lines.end && lines.end <= self.lines.len();
        assert!(inside, "{what}: {lines:?} of {}", self.lines.len());
    }

    /// Makes sure that a span is on some lines.
    pub(crate) fn check_both(&self, what: &str, lines: LineRange, span: Span) {
        self.check_lines(what, lines);
        self.check_span(what, span);
        let begin = self.lines[lines.start - 1];
        let end = self.lines.get(lines.end).copied().unwrap_or(self.borders.len());
        let inside = begin <= span.start && span.end <= end;
        assert!(inside, "{what}: {span:?} is not on {lines:?}");
    }
}
