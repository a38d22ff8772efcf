//! Lists of commands, and what keeps them together.

use super::Parser;
use crate::script::{Join, Level, LevelKind, Place};

/// What ends a list that a keyword before it began.
const CLOSERS: [&str; 8] = ["then", "elif", "else", "fi", "do", "done", "esac", "}"];

impl Parser<'_> {
    /// Commands up to what closes their level, which stays, or to the end.
    pub(super) fn list(&mut self, level: usize, first: Join) {
        let (outer_level, outer_pipeline) = (self.level, self.pipeline);
        self.level = level;
        let mut joined = first;
        let mut is_negated = false;
        loop {
            self.skip_lines();
            if self.peek().is_none() || self.closes() {
                break;
            }
            if joined != Join::Pipe {
                self.pipelines += 1;
                self.pipeline = self.pipelines;
                is_negated = self.negations();
            }
            let start = self.position;
            let place = Place {
                level,
                joined,
                pipeline: self.pipeline,
                is_negated,
            };
            let pipeline = self.pipeline;
            self.element(place);
            self.pipeline = pipeline;
            joined = self.operator();
            if self.position == start {
                self.is_whole = false;
                self.skip_char();
            }
        }
        self.is_whole &= !matches!(joined, Join::And | Join::Or | Join::Pipe);
        (self.level, self.pipeline) = (outer_level, outer_pipeline);
    }

    /// `!` in front of a pipeline, and `time` in front of anything but a simple command.
    fn negations(&mut self) -> bool {
        let mut is_negated = false;
        while !self.is_stopped {
            let keyword = self.keyword();
            let start = self.position;
            self.position += keyword.len();
            self.skip_blanks();
            match keyword {
                "!" => is_negated = !is_negated,
                "time" if matches!(self.keyword(), "!" | "{") || self.peek() == Some(b'(') => {}
                _ => {
                    self.position = start;
                    break;
                }
            }
        }
        is_negated
    }

    /// Newlines, with here-documents behind them, blanks and comments.
    pub(super) fn skip_lines(&mut self) {
        loop {
            self.skip_blanks();
            match self.peek() {
                Some(b'\n') => self.newline(),
                Some(b'#') => self.skip_comment(),
                _ => return,
            }
        }
    }

    pub(super) fn newline(&mut self) {
        self.position += 1;
        self.read_heredocs();
    }

    /// What stands between two commands, read as how the second follows the first.
    fn operator(&mut self) -> Join {
        self.skip_blanks();
        if self.accept("&&") {
            Join::And
        } else if self.accept("||") {
            Join::Or
        } else if self.accept("|&") || self.accept("|") {
            Join::Pipe
        } else if self.accept("&") {
            Join::Background
        } else {
            if self.peek() == Some(b';') && !matches!(self.ahead(1), Some(b';' | b'&')) {
                self.position += 1;
            } else {
                let is_end = matches!(self.peek(), None | Some(b'\n' | b'#')) || self.closes();
                self.is_whole &= is_end;
            }
            Join::Then
        }
    }

    /// Whether the next token closes a level, whichever.
    fn closes(&self) -> bool {
        match self.peek() {
            Some(b')') => true,
            Some(b'`') => self.is_in_backticks,
            Some(b';') => matches!(self.ahead(1), Some(b';' | b'&')),
            _ => CLOSERS.contains(&self.keyword()),
        }
    }

    /// The word that comes next, as far as it can be a keyword.
    pub(super) fn keyword(&self) -> &'static str {
        const KEYWORDS: [&str; 19] = [
            "!", "{", "}", "if", "fi", "do", "in", "for", "then", "elif", "else", "done", "case", "esac",
            "time", "until", "while", "select", "function",
        ];
        let is_end = |byte: Option<u8>| match byte {
            None => true,
            Some(byte) => b" \t\n;&|()<>`".contains(&byte),
        };
        let found = KEYWORDS
            .iter()
            .find(|keyword| self.starts_with(keyword) && is_end(self.ahead(keyword.len())));
        found.copied().unwrap_or_default()
    }

    pub(super) fn accept_keyword(&mut self, wanted: &str) -> bool {
        self.keyword() == wanted && self.accept(wanted)
    }

    pub(super) fn need_keyword(&mut self, wanted: &str) {
        let is_there = self.accept_keyword(wanted);
        self.is_whole &= is_there;
    }

    /// A level of what comes next. `None` where it would be too deep, and reading stops.
    pub(super) fn open(&mut self, kind: LevelKind, place: Place) -> Option<usize> {
        if !self.count() || !self.enter() {
            return None;
        }
        let command = match kind {
            LevelKind::Substitution | LevelKind::Script => self.command,
            _ => None,
        };
        self.levels.push(Level {
            kind,
            span: self.position..self.position,
            place,
            command,
            redirects: Vec::new(),
        });
        Some(self.levels.len() - 1)
    }

    /// The end of an open level.
    pub(super) fn close(&mut self, level: usize) {
        let end = self.position;
        if let Some(level) = self.levels.get_mut(level) {
            level.span.end = end;
        }
        self.leave();
    }

    /// A list that is a level of its own, in another.
    pub(super) fn block(&mut self, kind: LevelKind, outer: usize) {
        let place = Place {
            level: outer,
            joined: Join::First,
            pipeline: self.pipeline,
            is_negated: false,
        };
        if let Some(level) = self.open(kind, place) {
            self.list(level, Join::First);
            self.close(level);
        }
    }
}
