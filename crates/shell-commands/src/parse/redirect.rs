//! Redirections and here-documents.

use std::ops::Range;

use super::Parser;
use crate::script::{Operator, Redirect};

/// What a redirection belongs to.
#[derive(Clone, Copy)]
pub(super) enum Owner {
    Command(usize),
    Level(usize),
}

/// A here-document whose lines are not read yet.
pub(super) struct Pending {
    owner: Owner,
    /// Where its redirection begins.
    start: usize,
    delimiter: String,
    drops_tabs: bool,
}

/// Longest first.
const OPERATORS: [(&str, Operator); 13] = [
    ("<<<", Operator::HereString),
    ("<<-", Operator::Heredoc),
    ("&>>", Operator::WriteAll),
    ("<<", Operator::Heredoc),
    ("<&", Operator::Duplicate),
    ("<>", Operator::ReadWrite),
    (">>", Operator::Append),
    (">&", Operator::Duplicate),
    (">|", Operator::Write),
    ("&>", Operator::WriteAll),
    ("<", Operator::Read),
    (">", Operator::Write),
    ("", Operator::Read),
];

impl<'a> Parser<'a> {
    /// The next redirection; `None` where none begins here.
    pub(super) fn redirect(&mut self, owner: Owner) -> Option<Redirect<'a>> {
        let start = self.position;
        let (fd, written, operator) = self.redirect_operator()?;
        if !self.count() {
            return None;
        }
        self.position += fd.map_or(0, str::len) + written.len();
        self.skip_blanks();
        let target = self.value();
        self.is_whole &= !target.raw.is_empty();
        if operator == Operator::Heredoc {
            self.heredocs.push(Pending {
                owner,
                start,
                // Nothing is expanded in a delimiter.
                delimiter: target.literal().unwrap_or(target.raw).to_owned(),
                drops_tabs: written == "<<-",
            });
        }
        Some(Redirect {
            span: start..self.position,
            fd,
            operator,
            target,
            body: None,
        })
    }

    fn redirect_operator(&self) -> Option<(Option<&'a str>, &'static str, Operator)> {
        if self.is_stopped || !matches!(self.peek(), Some(b'<' | b'>' | b'&' | b'0'..=b'9')) {
            return None;
        }
        let rest = self.text.get(self.position..self.end)?;
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let (fd, behind) = rest.split_at_checked(digits)?;
        if behind.starts_with("<(") || behind.starts_with(">(") {
            return None;
        }
        let (written, operator) = *OPERATORS
            .iter()
            .find(|(written, _)| behind.starts_with(written))?;
        let is_one = !written.is_empty() && (fd.is_empty() || !written.starts_with('&'));
        is_one.then_some((Some(fd).filter(|fd| !fd.is_empty()), written, operator))
    }

    /// The lines of all here-documents that wait for them.
    pub(super) fn read_heredocs(&mut self) {
        if self.is_stopped {
            return;
        }
        for pending in std::mem::take(&mut self.heredocs) {
            let body = self.heredoc(&pending);
            let redirects = match pending.owner {
                Owner::Command(index) => self.commands.get_mut(index).map(|command| &mut command.redirects),
                Owner::Level(index) => self.levels.get_mut(index).map(|level| &mut level.redirects),
            };
            let mut redirects = redirects.into_iter().flatten();
            if let Some(redirect) = redirects.find(|redirect| redirect.span.start == pending.start) {
                redirect.body = Some(body);
            }
        }
    }

    fn heredoc(&mut self, pending: &Pending) -> Range<usize> {
        let start = self.position;
        loop {
            let at = self.position;
            let rest = self.text.get(at..self.end).unwrap_or_default();
            let line = rest.split('\n').next().unwrap_or_default();
            let shown = if pending.drops_tabs {
                line.trim_start_matches('\t')
            } else {
                line
            };
            let next = at + line.len() + 1;
            if shown == pending.delimiter && !rest.is_empty() {
                self.position = next.min(self.end);
                return start..at;
            }
            if next > self.end {
                self.position = self.end;
                self.is_whole = false;
                return start..self.end;
            }
            self.position = next;
        }
    }
}
