//! The bodies of heredocs.

use std::borrow::Cow;
use std::ops::Range;

use super::Parser;
use crate::error::{Fault, SyntaxErrorKind};
use crate::heredoc::{self, Heredoc};
use crate::limits::TooLarge;
use crate::line::Logical;
use crate::meta::Meta;
use crate::text;

impl<'a> Parser<'a> {
    /// Reads the bodies of the heredocs that an instruction announces.
    pub(super) fn heredocs(
        &mut self,
        line: &Logical<'a>,
        meta: &mut Meta<'a>,
    ) -> Result<Vec<Heredoc<'a>>, Fault> {
        let written = text::lossy(line.bytes());
        let counted = self.allowance.heredocs(&written);
        counted.map_err(|TooLarge| self.file_too_large(meta.keyword.span))?;
        // Where bytes of the line were replaced, places in its text are not those in its bytes.
        let is_exact = matches!(written, Cow::Borrowed(_));
        let mark = |kind: SyntaxErrorKind, range: &Range<usize>| match is_exact {
            true => kind.on(line.span(range)),
            false => kind.into(),
        };
        let announced = heredoc::in_line(&written)
            .map_err(|(word, range)| mark(SyntaxErrorKind::InvalidHeredoc { word }, &range))?;
        let mut heredocs = Vec::with_capacity(announced.len());
        for one in announced {
            let start = self.lines.offset();
            let body = self.body(&one.heredoc);
            meta.lines.end = self.lines.number();
            let Some(bytes) = body else {
                let near = self.near_end(&one.heredoc, start, meta.lines.end);
                let name = one.heredoc.name;
                return Err(mark(
                    SyntaxErrorKind::UnterminatedHeredoc { name, near },
                    &one.range,
                ));
            };
            if meta.invalid_utf8.is_none() && !self.source.is_text() {
                let place = |at| self.source.elsewhere.map_or(start + at, |span| span.start);
                meta.invalid_utf8 = text::first_invalid(bytes).map(place);
            }
            heredocs.push(Heredoc {
                bytes: Cow::Borrowed(bytes),
                ..one.heredoc
            });
            if self.source.elsewhere.is_none() {
                self.check_length(line.place(0), meta.keyword.span)?;
            }
        }
        Ok(heredocs)
    }

    /// The lines up to the one that ends a heredoc, which is taken too. None where there is no such line.
    fn body(&mut self, heredoc: &Heredoc<'_>) -> Option<&'a [u8]> {
        let (text, start) = (self.source.bytes, self.lines.offset());
        while let Some(line) = self.take_line() {
            if heredoc.ends_at(line.bytes) {
                return text.get(start..line.start);
            }
        }
        None
    }

    /// The first line from `start` on that would end a heredoc but for blanks around its name; `end` is the last line's
    /// number.
    fn near_end(&self, heredoc: &Heredoc<'_>, start: usize, end: usize) -> Option<usize> {
        let rest = self.source.bytes.get(start..)?;
        let lines = rest.split_inclusive(|byte| *byte == b'\n');
        let near = lines
            .clone()
            .position(|line| text::trim(line) == heredoc.name.as_bytes())?;
        (end + near + 1).checked_sub(lines.count())
    }

    /// Passes over the bodies of a misspelled instruction's heredocs, lest each of their lines be an error.
    pub(super) fn pass_heredocs(&mut self, line: &[u8], meant: Option<&str>) {
        let may = matches!(
            meant.map(str::to_ascii_uppercase).as_deref(),
            Some("RUN" | "COPY" | "ADD" | "ONBUILD")
        );
        // A few errors only, as this may look through the whole file.
        if !may || !announces(line) || self.errors.len() > 20 {
            return;
        }
        let mut ahead = self.lines.clone();
        for one in heredoc::in_line(&text::lossy(line)).unwrap_or_default() {
            if !ahead.by_ref().any(|line| one.heredoc.ends_at(line.bytes)) {
                return;
            }
        }
        self.lines = ahead;
    }
}

/// Whether a line may announce heredocs.
pub(super) fn announces(line: &[u8]) -> bool {
    let mut at = 0;
    while let Some(found) = text::find(&line[at..], b'<') {
        at += found + 1;
        if line.get(at) == Some(&b'<') {
            return true;
        }
    }
    false
}
