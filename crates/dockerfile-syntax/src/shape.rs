//! How the arguments of an instruction are written.

/// How an instruction's arguments are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// A JSON array, or words between blanks.
    List,
    /// A JSON array, or one text.
    Command,
    /// `key=value …` or `key value`.
    Pairs(&'static str),
    /// Words with quotes and escapes.
    ShellWords,
    /// Words between blanks.
    Blanks,
    /// One text.
    Text,
    /// A word, and a JSON array or one text.
    Health,
    /// Another instruction.
    Nested,
}
