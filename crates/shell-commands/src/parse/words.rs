//! Words and quotes.

use super::Parser;
use crate::word::{Builder, Word};

impl<'a> Parser<'a> {
    /// The next word; `None` where none begins here.
    pub(super) fn word(&mut self) -> Option<Word<'a>> {
        let start = self.position;
        let word = self.value();
        (self.position > start).then_some(word)
    }

    /// As `word`, and empty where none begins here.
    pub(super) fn value(&mut self) -> Word<'a> {
        let mut builder = Builder::new(self.text, self.position);
        let is_process = self.starts_with("<(") || self.starts_with(">(");
        if !self.count() {
            return builder.finish(self.position);
        }
        if is_process {
            self.position += 1;
            builder.marks.has_expansion = true;
            self.substitution();
        }
        while let Some(byte) = self.peek() {
            match byte {
                b' ' | b'\t' | b'\n' | b';' | b'&' | b'|' | b'(' | b')' | b'<' | b'>' => break,
                b'`' if self.is_in_backticks => break,
                b'\\' => self.escaped(&mut builder),
                b'\'' => self.single_quoted(&mut builder),
                b'"' => self.double_quoted(&mut builder),
                b'$' | b'`' => self.dollar(&mut builder, false),
                _ => {
                    builder.marks.has_glob |= matches!(byte, b'*' | b'?' | b'[');
                    builder.marks.has_braces |= byte == b'{';
                    let range = self.skip_char();
                    builder.push(range);
                }
            }
        }
        builder.finish(self.position)
    }

    /// A backslash outside of quotes.
    fn escaped(&mut self, builder: &mut Builder<'a>) {
        self.position += 1;
        match self.peek() {
            Some(b'\n') => self.position += 1,
            Some(byte) => {
                self.is_whole &= !(self.is_in_backticks && byte == b'`');
                builder.marks.is_quoted = true;
                let range = self.skip_char();
                builder.push(range);
            }
            None => builder.push(self.position - 1..self.position),
        }
    }

    fn single_quoted(&mut self, builder: &mut Builder<'a>) {
        builder.marks.is_quoted = true;
        self.position += 1;
        let start = self.position;
        while self.peek().is_some_and(|byte| byte != b'\'') {
            self.position += 1;
        }
        builder.push(start..self.position);
        self.need("'");
    }

    pub(super) fn double_quoted(&mut self, builder: &mut Builder<'a>) {
        builder.marks.is_quoted = true;
        self.position += 1;
        while let Some(byte) = self.peek() {
            match byte {
                b'"' => break,
                b'\\' => match self.ahead(1) {
                    Some(b'\n') => self.position += 2,
                    Some(b'$' | b'`' | b'"' | b'\\') => {
                        self.position += 2;
                        builder.push(self.position - 1..self.position);
                    }
                    _ => {
                        let range = self.skip_char();
                        builder.push(range);
                    }
                },
                b'$' | b'`' => self.dollar(builder, true),
                _ => {
                    let range = self.skip_char();
                    builder.push(range);
                }
            }
        }
        self.need("\"");
    }

    /// `$'…'`, from its quote on. Characters by number count as expanded.
    pub(super) fn ansi_quoted(&mut self, builder: &mut Builder<'a>) {
        builder.marks.is_quoted = true;
        self.position += 1;
        while let Some(byte) = self.peek() {
            if byte == b'\'' {
                break;
            }
            let range = self.skip_char();
            if byte != b'\\' {
                builder.push(range);
                continue;
            }
            match self.peek() {
                Some(b'n') => builder.push_char('\n'),
                Some(b't') => builder.push_char('\t'),
                Some(b'r') => builder.push_char('\r'),
                Some(b'\\' | b'\'' | b'"') => builder.push(self.position..self.position + 1),
                _ => builder.marks.has_expansion = true,
            }
            self.skip_char();
        }
        self.need("'");
    }
}
