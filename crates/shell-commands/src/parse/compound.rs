//! Subshells, groups, branches, loops and functions.

use super::Parser;
use crate::script::{Join, LevelKind, Place};

impl Parser<'_> {
    /// One part of a pipeline.
    pub(super) fn element(&mut self, place: Place) {
        let outer = self.command.take();
        match self.keyword() {
            "if" => self.compound(LevelKind::If, place, Self::branches),
            "while" | "until" | "for" | "select" => self.compound(LevelKind::Loop, place, Self::repeat),
            "case" => self.compound(LevelKind::Case, place, Self::cases),
            "{" => self.compound(LevelKind::Group, place, Self::group),
            "function" => {
                self.need_keyword("function");
                self.skip_blanks();
                let _name = self.word();
                self.function(place);
            }
            _ if self.starts_with("((") && self.sum(2) => {}
            _ if self.peek() == Some(b'(') => self.compound(LevelKind::Subshell, place, Self::subshell),
            _ => self.simple(place),
        }
        self.command = outer;
    }

    /// A level of its own, what is in it, and its redirections.
    fn compound(&mut self, kind: LevelKind, place: Place, read: fn(&mut Self, usize)) {
        let Some(level) = self.open(kind, place) else {
            return;
        };
        read(self, level);
        self.close(level);
        loop {
            self.skip_blanks();
            let Some(redirect) = self.redirect(super::redirect::Owner::Level(level)) else {
                return;
            };
            if let Some(level) = self.levels.get_mut(level) {
                level.redirects.push(redirect);
            }
        }
    }

    fn subshell(&mut self, level: usize) {
        self.need("(");
        self.bracketed(level);
        self.need(")");
    }

    /// A list in round brackets, where a backtick opens something again.
    pub(super) fn bracketed(&mut self, level: usize) {
        let was_in_backticks = std::mem::take(&mut self.is_in_backticks);
        self.list(level, Join::First);
        self.is_in_backticks = was_in_backticks;
    }

    fn group(&mut self, level: usize) {
        self.need_keyword("{");
        self.list(level, Join::First);
        self.need_keyword("}");
    }

    fn branches(&mut self, level: usize) {
        self.need_keyword("if");
        loop {
            self.block(LevelKind::Condition, level);
            self.need_keyword("then");
            self.block(LevelKind::Branch, level);
            if !self.accept_keyword("elif") {
                break;
            }
        }
        if self.accept_keyword("else") {
            self.block(LevelKind::Branch, level);
        }
        self.need_keyword("fi");
    }

    fn repeat(&mut self, level: usize) {
        if self.accept_keyword("while") || self.accept_keyword("until") {
            self.block(LevelKind::Condition, level);
        } else {
            self.position += self.keyword().len();
            self.skip_blanks();
            if !(self.starts_with("((") && self.sum(2)) {
                let _name = self.word();
                self.skip_lines();
                if self.accept_keyword("in") {
                    self.words_of_line();
                }
            }
            self.skip_blanks();
            self.accept(";");
            self.skip_lines();
        }
        self.need_keyword("do");
        self.block(LevelKind::Body, level);
        self.need_keyword("done");
    }

    /// Words that belong to no command, up to the end of the line.
    fn words_of_line(&mut self) {
        loop {
            self.skip_blanks();
            if self.word().is_none() {
                return;
            }
        }
    }

    fn cases(&mut self, level: usize) {
        self.need_keyword("case");
        self.skip_blanks();
        let _subject = self.word();
        self.skip_lines();
        self.need_keyword("in");
        loop {
            self.skip_lines();
            if self.peek().is_none() || self.keyword() == "esac" {
                break;
            }
            let start = self.position;
            self.accept("(");
            loop {
                self.skip_blanks();
                let _pattern = self.word();
                self.skip_blanks();
                if !self.accept("|") {
                    break;
                }
            }
            self.need(")");
            self.block(LevelKind::Branch, level);
            let _ends = self.accept(";;&") || self.accept(";;") || self.accept(";&");
            if self.position == start {
                self.is_whole = false;
                break;
            }
        }
        self.need_keyword("esac");
    }

    /// A function, from behind its name.
    pub(super) fn function(&mut self, place: Place) {
        self.skip_blanks();
        if self.accept("(") {
            self.skip_blanks();
            self.need(")");
        }
        self.skip_lines();
        let Some(level) = self.open(LevelKind::Function, place) else {
            return;
        };
        let body = Place {
            level,
            joined: Join::First,
            pipeline: self.pipeline,
            is_negated: false,
        };
        if self.peek().is_some() {
            let outer = std::mem::replace(&mut self.level, level);
            self.element(body);
            self.level = outer;
        }
        self.close(level);
    }

    /// A sum in two brackets that begin `before` bytes from here on. `false` where it is none, and nothing is read.
    pub(super) fn sum(&mut self, before: usize) -> bool {
        if self.guesses >= super::MOST_GUESSES {
            return false;
        }
        let start = self.position;
        self.position += before;
        let mut depth = 0usize;
        while let Some(byte) = self.peek() {
            match byte {
                b'(' => depth += 1,
                b')' if depth == 0 => break,
                b')' => depth -= 1,
                _ => {}
            }
            self.position += 1;
        }
        if self.accept("))") {
            return true;
        }
        self.guesses += 1;
        self.position = start;
        false
    }
}
