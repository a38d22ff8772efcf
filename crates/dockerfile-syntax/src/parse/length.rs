//! How far an instruction goes, and how far reading does.

use super::Parser;
use crate::budget::MESSAGE_BYTES;
use crate::error::{Fault, SyntaxErrorKind};
use crate::line::{self, Logical, Physical};
use crate::span::Span;
use crate::text;

impl<'a> Parser<'a> {
    /// Joins an instruction's lines.
    pub(super) fn logical(&mut self, first: Physical<'a>, start: usize) -> Logical<'a> {
        let mut line = Logical::new(self.source, first.start + start);
        // The escape character is one of two, both ASCII.
        let escape = self.file.escape as u8;
        let content = text::trim_line_end(first.bytes);
        let (piece, mut more) = line::cut_continuation(&content[start..], escape);
        line.push(piece, first.start + start);
        let mut blank_line = false;
        while more {
            let Some(next) = self.take_line() else { break };
            let content = text::trim_line_end(next.bytes);
            let visible = text::leading_space(content);
            match content.get(visible) {
                Some(b'#') => {}
                None => blank_line = true,
                Some(_) => {
                    let piece;
                    (piece, more) = line::cut_continuation(content, escape);
                    // More is counted and not kept.
                    if next.start - first.start <= MESSAGE_BYTES {
                        line.push(piece, next.start);
                    }
                }
            }
        }
        if blank_line {
            self.file.empty_continuations.push(self.lines.number());
        }
        line.joined()
    }

    /// Ends the reading where the instruction that begins at `start` has no room in a message so far.
    pub(super) fn check_length(&mut self, start: usize, keyword: Span) -> Result<(), Fault> {
        let length = self.lines.offset().saturating_sub(start);
        if length <= MESSAGE_BYTES {
            return Ok(());
        }
        self.too_large = true;
        Err(SyntaxErrorKind::InstructionTooLarge { length }.on(keyword))
    }

    /// Ends the reading of a file that has too much.
    pub(super) fn file_too_large(&mut self, keyword: Span) -> Fault {
        self.too_large = true;
        SyntaxErrorKind::FileTooLarge.on(keyword)
    }
}
