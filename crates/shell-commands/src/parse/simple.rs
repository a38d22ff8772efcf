//! Simple commands.

use super::Parser;
use super::redirect::Owner;
use crate::script::{Assignment, Command, LevelKind, Place};
use crate::word::Word;
use crate::wrappers;

/// Scripts are looked for in the first words of a command alone.
const MOST_WORDS_BEFORE_SCRIPT: usize = 16;

/// How many scripts in quotes may be in each other.
const MOST_SCRIPTS: usize = 4;

impl<'a> Parser<'a> {
    pub(super) fn simple(&mut self, place: Place) {
        if !self.count() {
            return;
        }
        let start = self.position;
        let index = self.commands.len();
        self.commands.push(Command {
            span: start..start,
            place,
            assignments: Vec::new(),
            words: Vec::new(),
            redirects: Vec::new(),
            program_at: 0,
            known: None,
        });
        self.command = Some(index);
        let mut end = start;
        loop {
            self.skip_blanks();
            if self.peek() == Some(b'#') {
                self.skip_comment();
            }
            if self.is_function(index) {
                self.commands.truncate(index);
                return self.function(place);
            }
            if !self.part(index) {
                break;
            }
            end = self.position;
        }
        let Some(command) = self.commands.get_mut(index) else {
            return;
        };
        command.span.end = end;
        command.program_at = wrappers::program_index(&command.words);
        command.known = command.find_tool();
        if end == start {
            self.commands.truncate(index);
        }
    }

    fn part(&mut self, index: usize) -> bool {
        if let Some(redirect) = self.redirect(Owner::Command(index)) {
            if let Some(command) = self.commands.get_mut(index) {
                command.redirects.push(redirect);
            }
            return true;
        }
        let is_first = self
            .commands
            .get(index)
            .is_some_and(|command| command.words.is_empty());
        if is_first && let Some(assignment) = self.assignment() {
            if let Some(command) = self.commands.get_mut(index) {
                command.assignments.push(assignment);
            }
            return true;
        }
        if is_first && self.starts_with("[[") && matches!(self.ahead(2), Some(b' ' | b'\t' | b'\n')) {
            self.test(index);
            return true;
        }
        let is_script = self.is_script_next(index);
        let (commands, levels) = (self.commands.len(), self.levels.len());
        let Some(word) = self.word() else { return false };
        if is_script && let Some(range) = word.verbatim() {
            // What is substituted in it is found again as a part of it.
            self.commands.truncate(commands);
            self.levels.truncate(levels);
            self.script_in(range);
        }
        if let Some(command) = self.commands.get_mut(index) {
            command.words.push(word);
        }
        true
    }

    /// Whether what was read so far is the name of a function.
    fn is_function(&self, index: usize) -> bool {
        let Some(command) = self.commands.get(index) else {
            return false;
        };
        let [word] = command.words.as_slice() else {
            return false;
        };
        let is_name = !word.has_expansion() && command.assignments.is_empty() && command.redirects.is_empty();
        is_name && self.peek() == Some(b'(')
    }

    /// Whether the next word is a script: behind `sh -c`.
    fn is_script_next(&self, index: usize) -> bool {
        let words = self.commands.get(index).map_or(&[][..], |command| &command.words);
        let is_flag = words
            .last()
            .is_some_and(|word| word.raw.starts_with('-') && word.raw.contains('c'));
        let is_near = words.len() <= MOST_WORDS_BEFORE_SCRIPT && self.scripts < MOST_SCRIPTS;
        is_flag && is_near && wrappers::is_shell_script(words)
    }

    /// A script in quotes, read where it stands.
    fn script_in(&mut self, range: std::ops::Range<usize>) {
        let place = Place {
            level: self.level,
            joined: crate::script::Join::First,
            pipeline: self.pipeline,
            is_negated: false,
        };
        let (position, end) = (self.position, self.end);
        (self.position, self.end) = (range.start, range.end);
        self.scripts += 1;
        let heredocs = std::mem::take(&mut self.heredocs);
        let was_in_backticks = std::mem::take(&mut self.is_in_backticks);
        if let Some(level) = self.open(LevelKind::Script, place) {
            let outer = (self.command, self.level, self.pipeline);
            self.rest(level);
            (self.command, self.level, self.pipeline) = outer;
            self.close(level);
        }
        self.read_heredocs();
        self.is_in_backticks = was_in_backticks;
        self.heredocs = heredocs;
        self.scripts -= 1;
        (self.position, self.end) = (position, end);
    }

    /// `NAME=value`, `NAME+=value` and arrays.
    fn assignment(&mut self) -> Option<Assignment<'a>> {
        let rest = self.text.get(self.position..self.end)?;
        let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
        let length = rest.bytes().take_while(is_name).count();
        let (name, behind) = rest.split_at_checked(length)?;
        if self.is_stopped || name.is_empty() || name.starts_with(|first: char| first.is_ascii_digit()) {
            return None;
        }
        let sign = ["=", "+="].into_iter().find(|sign| behind.starts_with(sign))?;
        self.position += name.len() + sign.len();
        let value = if self.peek() == Some(b'(') {
            self.array()
        } else {
            self.value()
        };
        Some(Assignment { name, value })
    }

    /// The words of an array, as one that is expanded.
    fn array(&mut self) -> Word<'a> {
        let mut builder = crate::word::Builder::new(self.text, self.position);
        builder.marks.has_expansion = true;
        self.need("(");
        loop {
            self.skip_lines();
            if self.word().is_none() {
                break;
            }
        }
        self.need(")");
        builder.finish(self.position)
    }

    /// `[[ … ]]`, without its operators.
    fn test(&mut self, index: usize) {
        loop {
            self.skip_lines();
            match self.peek() {
                None => {
                    self.is_whole = false;
                    return;
                }
                Some(b'&' | b'|' | b'(' | b')' | b'<' | b'>') => self.position += 1,
                Some(_) => {}
            }
            let start = self.position;
            let Some(word) = self.word() else {
                if matches!(self.peek(), Some(b';' | b'`')) {
                    self.is_whole = false;
                    return;
                }
                continue;
            };
            let is_end = word.raw == "]]";
            if let Some(command) = self.commands.get_mut(index) {
                command.words.push(word);
            }
            if is_end || self.position == start {
                return;
            }
        }
    }
}
