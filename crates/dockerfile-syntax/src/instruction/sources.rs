//! What `COPY` and `ADD` share: sources and a destination.

use crate::span::Span;
use crate::text;

/// The sources and the destination of `COPY` and `ADD`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sources {
    /// The sources that are paths (or URLs), in the order written, not expanded.
    pub paths: Vec<String>,
    /// The bytes of each of `paths`.
    pub path_spans: Vec<Span>,
    /// The sources that are heredocs, in the order written. They are lowered behind all paths.
    pub contents: Vec<SourceContent>,
    /// The destination, not expanded.
    pub dest: String,
    /// The bytes of the destination.
    pub dest_span: Span,
}

/// A file written into the Dockerfile as a heredoc.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SourceContent {
    /// The file's name: the heredoc's name.
    pub path: String,
    /// The body as bytes, leading tabs removed where `<<-` asks for it. Not expanded.
    pub data: Vec<u8>,
    /// Whether variables are to be expanded in the body: with a lexer whose escape is `\` (never the file's)
    /// and that skips quotes.
    pub expand: bool,
}

impl SourceContent {
    /// The body as text, each byte that is not UTF-8 as U+FFFD, as expansion reads it.
    #[must_use]
    pub fn text(&self) -> String {
        text::lossy(&self.data)
    }
}
