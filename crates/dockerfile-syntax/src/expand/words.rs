//! Splitting at blanks while a word is being expanded.

/// The words so far and the one being built.
#[derive(Debug, Default)]
pub(super) struct Words {
    buffer: String,
    done: Vec<String>,
    in_word: bool,
}

impl Words {
    /// Adds a character that separates words if it is a blank.
    pub(super) fn add_char(&mut self, ch: char) {
        if !ch.is_whitespace() {
            self.add_raw_char(ch);
        } else if self.in_word && !self.buffer.is_empty() {
            self.done.push(std::mem::take(&mut self.buffer));
            self.in_word = false;
        }
    }

    /// Adds a text in which blanks separate words.
    pub(super) fn add_text(&mut self, text: &str) {
        text.chars().for_each(|ch| self.add_char(ch));
    }

    /// Adds a character as it is.
    pub(super) fn add_raw_char(&mut self, ch: char) {
        self.buffer.push(ch);
        self.in_word = true;
    }

    /// Adds a text as it is.
    pub(super) fn add_raw_text(&mut self, text: &str) {
        self.buffer.push_str(text);
        self.in_word = true;
    }

    /// Drops the word being built.
    pub(super) fn forget_current(&mut self) {
        self.buffer.clear();
    }

    /// All words.
    pub(super) fn finish(mut self) -> Vec<String> {
        if !self.buffer.is_empty() {
            self.done.push(self.buffer);
        }
        self.done
    }
}
