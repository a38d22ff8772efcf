//! Splitting at blanks while a word is being expanded.

use std::ops::Range;

/// A word, and where it stands in what is expanded.
pub(super) type Found = (String, Range<usize>);

/// The words so far and the one being built.
#[derive(Debug, Default)]
pub(super) struct Words {
    /// Where that is which is added now.
    pub(super) at: usize,
    buffer: String,
    /// Where the word being built begins.
    begin: usize,
    done: Vec<Found>,
    in_word: bool,
}

impl Words {
    /// Adds a character that separates words if it is a blank.
    pub(super) fn add_char(&mut self, ch: char) {
        if !ch.is_whitespace() {
            self.add_raw_char(ch);
        } else if self.in_word && !self.buffer.is_empty() {
            self.done
                .push((std::mem::take(&mut self.buffer), self.begin..self.at));
            self.in_word = false;
        }
    }

    /// Adds a text in which blanks separate words.
    pub(super) fn add_text(&mut self, text: &str) {
        text.chars().for_each(|ch| self.add_char(ch));
    }

    /// Adds a character as it is.
    pub(super) fn add_raw_char(&mut self, ch: char) {
        self.begin_word();
        self.buffer.push(ch);
        self.in_word = true;
    }

    /// Adds a text as it is.
    pub(super) fn add_raw_text(&mut self, text: &str) {
        self.begin_word();
        self.buffer.push_str(text);
        self.in_word = true;
    }

    fn begin_word(&mut self) {
        if self.buffer.is_empty() {
            self.begin = self.at;
        }
    }

    /// Drops the word being built.
    pub(super) fn forget_current(&mut self) {
        self.buffer.clear();
    }

    /// All words of a text that ends at `end`.
    pub(super) fn finish(mut self, end: usize) -> Vec<Found> {
        if !self.buffer.is_empty() {
            self.done.push((self.buffer, self.begin..end));
        }
        self.done
    }
}
