//! What every instruction has: its text and its place.

use std::borrow::Cow;

use crate::span::{LineRange, Place};
use crate::word::{Word, into_owned};

/// What every instruction has.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Meta<'a> {
    /// The keyword as written, such as `run` or `RUN`.
    pub keyword: Word<'a>,
    /// The instruction's text with its continuation lines joined and comments between them dropped, trimmed.
    /// Heredoc bodies are not in it. Progress names, history and descriptions use it.
    pub code: Cow<'a, str>,
    /// The lines, continuation and heredoc lines included.
    pub lines: LineRange,
    /// The comments above the instruction, without `#` and trimmed (see [`crate::parse`] for the rules).
    pub comments: Vec<Cow<'a, str>>,
    /// Where the first byte stands that is not UTF-8, in the text or a heredoc body.
    pub invalid_utf8: Option<usize>,
}

impl Meta<'_> {
    /// Its lines, and its keyword: the place of what is wrong with the instruction as a whole.
    #[must_use]
    pub fn place(&self) -> Place {
        self.lines.with(self.keyword.span)
    }
}

into_owned!(Meta {
    keyword,
    code,
    lines,
    comments,
    invalid_utf8
});
