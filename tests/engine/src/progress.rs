//! How the harness says what it is doing while a person waits.

use std::io::Write;

/// Hears of each longer step, before it starts.
pub trait Progress {
    /// `text` is one line in plain words, such as "building buildkitd".
    fn step(&mut self, text: &str);
}

/// Says nothing.
#[derive(Debug, Default)]
pub struct Silent;

impl Progress for Silent {
    fn step(&mut self, _text: &str) {}
}

/// Writes each step as a line of its own.
#[derive(Debug)]
pub struct Lines<W: Write>(
    /// Where the lines go; an error in writing one is ignored.
    pub W,
);

impl<W: Write> Progress for Lines<W> {
    fn step(&mut self, text: &str) {
        // A person who closed the terminal still wants the work done.
        let _ = writeln!(self.0, "- {text}").and_then(|()| self.0.flush());
    }
}
