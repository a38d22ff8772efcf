//! The parsed file: immutable, typed, every part with its place.
//!
//! Text is what the file's bytes say. A byte that is not UTF-8 becomes U+FFFD, one for each byte, which is what the
//! reference puts out wherever it accepts such a byte; [`Meta::invalid_utf8`] remembers the first one of an
//! instruction, because a shell-form `RUN` must be refused for it (its text travels as a protobuf string).

use crate::directive::Directives;
use crate::instruction::{From, Instruction};
use crate::span::{LineRange, Span};

/// A whole Dockerfile, or as much of it as could be read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Dockerfile {
    /// The parser directives above everything else.
    pub directives: Directives,
    /// The escape character in force, `\` or `` ` ``.
    pub escape: char,
    /// The `ARG` instructions before the first `FROM`.
    pub global_args: Vec<Instruction>,
    /// The stages in file order. Empty when the file has no `FROM`: that is for the caller to refuse.
    pub stages: Vec<Stage>,
    /// Instructions with a blank line between their continuation lines; deprecated, worth a warning.
    pub empty_continuations: Vec<EmptyContinuation>,
    /// The first instruction that is left out as it is wrong; the linter looks at it all the same.
    pub unreadable: Option<Unreadable>,
}

impl Dockerfile {
    /// Every instruction in file order, `FROM` apart: first the global `ARG`s, then stage by stage.
    pub fn instructions(&self) -> impl Iterator<Item = &Instruction> {
        self.global_args
            .iter()
            .chain(self.stages.iter().flat_map(|stage| stage.instructions.iter()))
    }
}

/// A build stage: its `FROM` and what follows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stage {
    /// The `FROM` that begins the stage.
    pub from: From,
    /// The instructions up to the next `FROM`, in file order.
    pub instructions: Vec<Instruction>,
}

/// An instruction that has a blank line between its continuation lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EmptyContinuation {
    /// The line on which the instruction's text ended (before its heredocs), counted from 1.
    pub line: usize,
    /// The instruction's joined text, not trimmed at its end.
    pub text: String,
}

/// An instruction that has no typed form, or no place where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreadable {
    /// Its keyword, text, place and comments.
    pub meta: Meta,
    /// What follows the keyword and its flags, cut at blanks.
    pub words: Vec<String>,
}

/// What every instruction has.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Meta {
    /// The keyword as written, such as `run` or `RUN`.
    pub keyword: String,
    /// The instruction's text with its continuation lines joined and comments between them dropped, trimmed.
    /// Heredoc bodies are not in it. Progress names, history and descriptions use it.
    pub code: String,
    /// The lines, continuation and heredoc lines included.
    pub lines: LineRange,
    /// The bytes, from the keyword to the end of the text (heredoc bodies not included).
    pub span: Span,
    /// The comments above the instruction, without `#` and trimmed (see [`crate::parse`] for the rules).
    pub comments: Vec<String>,
    /// The bytes of the keyword.
    pub keyword_span: Span,
    /// The bytes of each `--flag`, in the order written.
    pub flag_spans: Vec<Span>,
    /// The bytes of each argument. Words for instructions made of words (`ENV a=1 b=2` has two; the old
    /// `ENV a 1 2` has key and value), JSON strings for a JSON array, otherwise one span for all the text.
    pub arg_spans: Vec<Span>,
    /// Where the first byte stands that is not UTF-8, in the text or a heredoc body.
    pub invalid_utf8: Option<usize>,
}

impl Meta {
    /// The bytes of the flags called `name` in `file`, in the order written: each as a whole, and its value.
    pub fn flags<'a>(&'a self, name: &'a str, file: &'a [u8]) -> impl Iterator<Item = (Span, Span)> + 'a {
        self.flag_spans.iter().filter_map(move |span| {
            let text = file.get(span.start..span.end)?.strip_prefix(b"--")?;
            let rest = text.strip_prefix(name.as_bytes())?;
            let value = match rest.first() {
                None => *span,
                Some(b'=') => Span::new(span.end - rest.len() + 1, span.end),
                Some(_) => return None,
            };
            Some((*span, value))
        })
    }
}
