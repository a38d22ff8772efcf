//! What `COPY` and `ADD` share: sources and a destination.

use crate::error::SyntaxErrorKind;
use crate::heredoc;
use crate::request::{Fault, Request};
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

/// Reads the arguments of `COPY` and `ADD`: at least one source, and the destination. Blanks end a word even within
/// quotes; expansion removes the quotes later. Words like `<<EOF` are heredocs, also in a JSON array (then empty).
pub(super) fn parse(request: &Request<'_>, instruction: &'static str) -> Result<Sources, Fault> {
    let [sources @ .., dest] = request.args.words.as_slice() else {
        return Err(SyntaxErrorKind::NoDestination { instruction }.into());
    };
    if heredoc::parse_word(&dest.text).is_some() {
        return Err(SyntaxErrorKind::HeredocDestination { instruction }.on(dest.span));
    }
    let mut result = Sources {
        dest: dest.text.clone(),
        dest_span: dest.span,
        ..Sources::default()
    };
    for source in sources {
        let Some(word) = heredoc::parse_word(&source.text) else {
            result.paths.push(source.text.clone());
            result.path_spans.push(source.span);
            continue;
        };
        // Of several heredocs of one name the last body counts.
        let body = request
            .heredocs
            .iter()
            .rev()
            .find(|heredoc| heredoc.name == word.name);
        let bytes = body.map(|heredoc| heredoc.bytes.clone()).unwrap_or_default();
        let data = if word.chomp {
            heredoc::chomp_bytes(&bytes)
        } else {
            bytes
        };
        result.contents.push(SourceContent {
            path: word.name,
            data,
            expand: word.expand,
        });
    }
    Ok(result)
}
