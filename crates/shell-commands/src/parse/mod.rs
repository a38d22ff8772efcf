//! Reads a script in one pass, by recursive descent with a limit.

mod compound;
mod dollar;
mod list;
mod redirect;
mod simple;
mod words;

use std::ops::Range;

use crate::script::{Command, Join, Level, LevelKind, Place, Script};

/// How deep brackets, keywords and expansions may be in each other.
pub const MOST_DEPTH: usize = 64;

/// How many commands, levels, words and redirections a script may have. Reading stops there.
pub const MOST_NODES: usize = 1 << 14;

/// How often `((` is taken for a sum that it isn't, before it is always taken for two subshells.
const MOST_GUESSES: usize = 8;

/// Reads a shell script: what stands behind `RUN` once its lines are joined, or the body of its heredoc.
///
/// Spans count the bytes of `text`.
///
/// ```
/// let script = shell_commands::parse("apt-get update && apt-get install -y \"$PACKAGE\" | tee log");
/// let words: Vec<&str> = script.commands[1].words.iter().map(|word| word.raw).collect();
/// assert_eq!(words, ["apt-get", "install", "-y", "\"$PACKAGE\""]);
/// assert_eq!(script.pipeline(&script.commands[1]).count(), 2);
/// assert!(script.is_whole);
/// ```
#[must_use]
pub fn parse(text: &str) -> Script<'_> {
    let mut parser = Parser {
        text,
        position: 0,
        end: text.len(),
        commands: Vec::new(),
        levels: Vec::new(),
        heredocs: Vec::new(),
        pipelines: 0,
        nodes: 0,
        depth: 0,
        guesses: 0,
        scripts: 0,
        level: 0,
        pipeline: 0,
        command: None,
        is_in_backticks: false,
        is_stopped: false,
        is_whole: true,
    };
    parser.script();
    Script {
        commands: parser.commands,
        levels: parser.levels,
        is_whole: parser.is_whole,
    }
}

struct Parser<'a> {
    text: &'a str,
    position: usize,
    /// Where the text ends for now: scripts in quotes are read where they stand.
    end: usize,
    commands: Vec<Command<'a>>,
    levels: Vec<Level<'a>>,
    /// Here-documents whose lines come behind the end of this one.
    heredocs: Vec<redirect::Pending>,
    pipelines: usize,
    nodes: usize,
    depth: usize,
    guesses: usize,
    /// How many scripts in quotes are being read.
    scripts: usize,
    /// What a substitution in the next word stands in.
    level: usize,
    pipeline: usize,
    command: Option<usize>,
    is_in_backticks: bool,
    is_stopped: bool,
    is_whole: bool,
}

impl<'a> Parser<'a> {
    /// The whole text. What closes a level that nothing opened is passed over.
    fn script(&mut self) {
        let place = Place {
            level: 0,
            joined: Join::First,
            pipeline: 0,
            is_negated: false,
        };
        self.levels.push(Level {
            kind: LevelKind::Top,
            span: 0..self.end,
            place,
            command: None,
            redirects: Vec::new(),
        });
        self.rest(0);
        self.read_heredocs();
    }

    /// All commands up to the end of the text.
    fn rest(&mut self, level: usize) {
        let mut joined = Join::First;
        loop {
            self.list(level, joined);
            if self.peek().is_none() {
                return;
            }
            self.is_whole = false;
            let keyword = self.keyword();
            if !self.accept(keyword) || keyword.is_empty() {
                self.skip_char();
            }
            joined = Join::Then;
        }
    }

    fn peek(&self) -> Option<u8> {
        self.ahead(0)
    }

    fn ahead(&self, by: usize) -> Option<u8> {
        let at = self.position.saturating_add(by);
        if self.is_stopped || at >= self.end {
            return None;
        }
        self.text.as_bytes().get(at).copied()
    }

    fn starts_with(&self, wanted: &str) -> bool {
        let there = self.text.as_bytes().get(self.position..self.end);
        !self.is_stopped && there.is_some_and(|there| there.starts_with(wanted.as_bytes()))
    }

    fn accept(&mut self, wanted: &str) -> bool {
        let is_there = self.starts_with(wanted);
        if is_there {
            self.position += wanted.len();
        }
        is_there
    }

    /// As `accept`, where the text is broken without it.
    fn need(&mut self, wanted: &str) {
        let is_there = self.accept(wanted);
        self.is_whole &= is_there;
    }

    /// Past the next character, of which these are the bytes.
    fn skip_char(&mut self) -> Range<usize> {
        let start = self.position;
        let rest = self.text.get(start..self.end).unwrap_or_default();
        let length = rest.chars().next().map_or(0, char::len_utf8);
        self.position += length;
        start..self.position
    }

    /// Blanks, and newlines behind a backslash.
    fn skip_blanks(&mut self) {
        loop {
            match self.peek() {
                Some(b' ' | b'\t') => self.position += 1,
                Some(b'\\') if self.ahead(1) == Some(b'\n') => self.position += 2,
                _ => return,
            }
        }
    }

    fn skip_comment(&mut self) {
        while self.peek().is_some_and(|byte| byte != b'\n') {
            self.position += 1;
        }
    }

    fn stop(&mut self) {
        self.is_stopped = true;
        self.is_whole = false;
    }

    /// Whether there may be one more command, level, word or redirection.
    fn count(&mut self) -> bool {
        self.nodes += 1;
        if self.nodes > MOST_NODES {
            self.stop();
        }
        !self.is_stopped
    }

    /// Whether it may go one level deeper; `leave` comes later then.
    fn enter(&mut self) -> bool {
        if self.depth >= MOST_DEPTH {
            self.stop();
            return false;
        }
        self.depth += 1;
        true
    }

    fn leave(&mut self) {
        self.depth -= 1;
    }
}
