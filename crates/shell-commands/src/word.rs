//! Words: their text after quote removal, as far as no expansion is in it.

use std::borrow::Cow;
use std::ops::Range;

/// A word of a command, with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word<'a> {
    /// Its bytes in the text, quotes included.
    pub span: Range<usize>,
    /// As it is written.
    pub raw: &'a str,
    value: Cow<'a, str>,
    marks: Marks,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Marks {
    pub(crate) is_quoted: bool,
    pub(crate) has_expansion: bool,
    pub(crate) has_glob: bool,
    pub(crate) has_braces: bool,
}

impl<'a> Word<'a> {
    /// What the program is given, after quotes are removed; `None` where an expansion is in it.
    #[must_use]
    pub fn literal(&self) -> Option<&str> {
        (!self.marks.has_expansion).then_some(self.value.as_ref())
    }

    /// The text in front of the first expansion, after quotes are removed.
    #[must_use]
    pub fn prefix(&self) -> &str {
        self.value.as_ref()
    }

    /// Whether any part of it is quoted.
    #[must_use]
    pub fn is_quoted(&self) -> bool {
        self.marks.is_quoted
    }

    /// Whether a variable, command or sum is expanded in it.
    #[must_use]
    pub fn has_expansion(&self) -> bool {
        self.marks.has_expansion
    }

    /// Whether `*`, `?` or `[` stand in it outside of quotes.
    #[must_use]
    pub fn has_glob(&self) -> bool {
        self.marks.has_glob
    }

    /// Whether `{` stands in it outside of quotes: bash may make several words of it, sh doesn't.
    #[must_use]
    pub fn has_braces(&self) -> bool {
        self.marks.has_braces
    }

    /// Whether any shell gives it to the program as one word with its literal text: no expansion, glob or brace is in it.
    #[must_use]
    pub fn is_certain(&self) -> bool {
        !(self.marks.has_expansion || self.marks.has_glob || self.marks.has_braces)
    }

    /// The bytes of the text that the word is the quoted form of, where they stand as they are: all of it, or what is
    /// between its one pair of quotes. What is expanded in it stands as it is written.
    #[must_use]
    pub fn verbatim(&self) -> Option<Range<usize>> {
        let Range { start, end } = self.span;
        if !self.marks.is_quoted {
            return Some(start..end);
        }
        let bytes = self.raw.as_bytes();
        let [quote @ (b'\'' | b'"'), inner @ .., last] = bytes else {
            return None;
        };
        let is_one = quote == last && !inner.contains(quote) && (*quote == b'\'' || !inner.contains(&b'\\'));
        is_one.then_some(start + 1..end - 1)
    }
}

/// Puts the text of a word together, and copies only where it has to.
#[derive(Debug)]
pub(crate) struct Builder<'a> {
    text: &'a str,
    start: usize,
    /// The bytes so far, where they are one piece of the text.
    piece: Range<usize>,
    owned: Option<String>,
    pub(crate) marks: Marks,
}

impl<'a> Builder<'a> {
    pub(crate) fn new(text: &'a str, start: usize) -> Self {
        Self {
            text,
            start,
            piece: start..start,
            owned: None,
            marks: Marks::default(),
        }
    }

    /// Adds bytes of the text.
    pub(crate) fn push(&mut self, range: Range<usize>) {
        if self.marks.has_expansion || range.is_empty() {
            return;
        }
        if self.owned.is_none() && self.piece.is_empty() {
            self.piece = range;
        } else if self.owned.is_none() && self.piece.end == range.start {
            self.piece.end = range.end;
        } else {
            let added = self.text.get(range).unwrap_or_default();
            self.own().push_str(added);
        }
    }

    /// Adds a character that is written in another way.
    pub(crate) fn push_char(&mut self, ch: char) {
        if !self.marks.has_expansion {
            self.own().push(ch);
        }
    }

    fn own(&mut self) -> &mut String {
        let piece = self.piece.clone();
        let text = self.text;
        self.owned
            .get_or_insert_with(|| text.get(piece).unwrap_or_default().to_owned())
    }

    pub(crate) fn finish(self, end: usize) -> Word<'a> {
        let value = match self.owned {
            Some(owned) => Cow::Owned(owned),
            None => Cow::Borrowed(self.text.get(self.piece).unwrap_or_default()),
        };
        Word {
            raw: self.text.get(self.start..end).unwrap_or_default(),
            span: self.start..end,
            value,
            marks: self.marks,
        }
    }
}
