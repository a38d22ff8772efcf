//! How much of a file is read: what its parts take in memory is many times their text.

use crate::shape::Shape;

/// The most that the parts of a file may take: 256 MiB by the estimates below. That is 223,000 instructions, which no
/// graph or image config in a message of 16 MiB has, or two million words.
pub const PARSED_BYTES: usize = 256 << 20;

/// The most flags of one instruction.
pub const MAX_FLAGS: usize = 100_000;

/// How many comments above one instruction are kept at least: those right above it.
pub const MAX_COMMENTS: usize = 1000;

/// What an instruction takes from here to the end of the build.
const INSTRUCTION_BYTES: usize = 1200;

/// What a word of an instruction takes.
const WORD_BYTES: usize = 128;

/// What a flag takes.
const FLAG_BYTES: usize = 512;

/// What a comment or a heredoc takes beside its text.
const OTHER_BYTES: usize = 64;

/// What may still be read of a file.
#[derive(Clone, Debug)]
pub struct Allowance {
    left: usize,
}

impl Default for Allowance {
    fn default() -> Self {
        Self { left: PARSED_BYTES }
    }
}

/// The file has more than may be read.
pub(crate) struct TooLarge;

impl Allowance {
    /// Counts an instruction with so many flags.
    pub(crate) fn instruction(&mut self, flags: usize) -> Result<(), TooLarge> {
        self.take(INSTRUCTION_BYTES + flags.saturating_mul(FLAG_BYTES))
    }

    /// Counts the words that `text` may be cut into.
    pub(crate) fn words(&mut self, text: &[u8], shape: Shape) -> Result<(), TooLarge> {
        let count = |separator: fn(&u8) -> bool| text.iter().filter(|byte| separator(byte)).count();
        let is_blank = |byte: &u8| byte.is_ascii_whitespace();
        let is_json = text.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'[');
        let words = match shape {
            Shape::List | Shape::Pairs(_) | Shape::ShellWords | Shape::Blanks => {
                count(is_blank).max(if is_json { count(|byte| *byte == b',') } else { 0 })
            }
            Shape::Command | Shape::Health if is_json => count(|byte| *byte == b','),
            Shape::Command | Shape::Health | Shape::Text | Shape::Nested => 0,
        };
        self.take(words.saturating_mul(WORD_BYTES))
    }

    /// Counts the words of a line that announces heredocs; they are looked at one by one.
    pub(crate) fn heredocs(&mut self, line: &str) -> Result<(), TooLarge> {
        let announced = line.matches("<<").count();
        let words = line.bytes().filter(u8::is_ascii_whitespace).count();
        // The words are forgotten at once.
        if words.saturating_mul(OTHER_BYTES) > self.left {
            return Err(TooLarge);
        }
        self.take(announced.saturating_mul(FLAG_BYTES))
    }

    /// Counts a comment.
    pub(crate) fn comment(&mut self) -> Result<(), TooLarge> {
        self.take(OTHER_BYTES)
    }

    /// Counts back comments that are not kept.
    pub(crate) fn forget_comments(&mut self, count: usize) {
        self.left += count * OTHER_BYTES;
    }

    fn take(&mut self, bytes: usize) -> Result<(), TooLarge> {
        self.left = self.left.checked_sub(bytes).ok_or(TooLarge)?;
        Ok(())
    }
}
