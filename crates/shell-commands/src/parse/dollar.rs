//! Expansions in words.

use super::Parser;
use crate::script::{Join, LevelKind, Place};
use crate::word::Builder;

impl<'a> Parser<'a> {
    /// What a `$` or a backtick begins.
    pub(super) fn dollar(&mut self, builder: &mut Builder<'a>, is_quoted: bool) {
        if self.peek() == Some(b'`') {
            builder.marks.has_expansion = true;
            return self.backticks();
        }
        let start = self.position;
        self.position += 1;
        match self.peek() {
            Some(b'(') => {
                builder.marks.has_expansion = true;
                if !(self.starts_with("((") && self.sum(2)) {
                    self.substitution();
                }
            }
            Some(b'{') => {
                builder.marks.has_expansion = true;
                self.braces();
            }
            Some(b'\'') if !is_quoted => self.ansi_quoted(builder),
            Some(b'"') if !is_quoted => self.double_quoted(builder),
            Some(byte) if byte.is_ascii_alphabetic() || byte == b'_' => {
                builder.marks.has_expansion = true;
                let is_name = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
                while self.peek().is_some_and(is_name) {
                    self.position += 1;
                }
            }
            Some(byte) if byte.is_ascii_digit() || b"@*#?-$!".contains(&byte) => {
                builder.marks.has_expansion = true;
                self.position += 1;
            }
            _ => builder.push(start..self.position),
        }
    }

    /// A substitution, from its bracket on.
    pub(super) fn substitution(&mut self) {
        self.need("(");
        self.substituted(Self::bracketed);
        self.need(")");
    }

    fn backticks(&mut self) {
        self.position += 1;
        let was_in_backticks = std::mem::replace(&mut self.is_in_backticks, true);
        self.substituted(|parser, level| parser.list(level, Join::First));
        self.is_in_backticks = was_in_backticks;
        self.need("`");
    }

    /// Commands whose output stands in a word.
    fn substituted(&mut self, read: fn(&mut Self, usize)) {
        let place = Place {
            level: self.level,
            joined: Join::First,
            pipeline: self.pipeline,
            is_negated: false,
        };
        if let Some(level) = self.open(LevelKind::Substitution, place) {
            let outer = (self.command, self.level, self.pipeline);
            read(self, level);
            (self.command, self.level, self.pipeline) = outer;
            self.close(level);
        }
    }

    /// `{…}` behind a dollar, with all that may be in it.
    fn braces(&mut self) {
        if !self.enter() {
            return;
        }
        self.position += 1;
        // Only what is substituted in it is of interest, and where it ends.
        let mut inner = Builder::new(self.text, self.position);
        inner.marks.has_expansion = true;
        while let Some(byte) = self.peek() {
            match byte {
                b'}' => break,
                b'\\' => {
                    self.position += 1;
                    self.skip_char();
                }
                b'"' => self.double_quoted(&mut inner),
                b'\'' => {
                    self.position += 1;
                    while self.peek().is_some_and(|byte| byte != b'\'') {
                        self.position += 1;
                    }
                    self.need("'");
                }
                b'`' if self.is_in_backticks => break,
                b'$' | b'`' => self.dollar(&mut inner, false),
                _ => {
                    self.skip_char();
                }
            }
        }
        self.need("}");
        self.leave();
    }
}
