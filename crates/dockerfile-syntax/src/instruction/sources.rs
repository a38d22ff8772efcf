//! What `COPY` and `ADD` share: sources and a destination.

use std::borrow::Cow;

use crate::error::{Fault, SyntaxErrorKind};
use crate::heredoc::{self, Heredoc};
use crate::parts::Parts;
use crate::text;
use crate::word::{Word, into_owned};

/// The sources and the destination of `COPY` and `ADD`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sources<'a> {
    /// The sources that are paths (or URLs), in the order written, not expanded.
    pub paths: Vec<Word<'a>>,
    /// The sources that are heredocs, in the order written. They are lowered behind all paths.
    pub contents: Vec<SourceContent<'a>>,
    /// The destination, not expanded.
    pub dest: Word<'a>,
}

/// A file written into the Dockerfile as a heredoc.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SourceContent<'a> {
    /// The file's name: the heredoc's name, at the place of its word.
    pub path: Word<'a>,
    /// The body as bytes, leading tabs removed where `<<-` asks for it. Not expanded.
    pub data: Cow<'a, [u8]>,
    /// Whether variables are to be expanded in the body: with a lexer whose escape is `\` (never the file's)
    /// and that skips quotes.
    pub expand: bool,
}

into_owned!(Sources {
    paths,
    contents,
    dest
});
into_owned!(SourceContent { path, data, expand });

impl SourceContent<'_> {
    /// The body as text, each byte that is not UTF-8 as U+FFFD, as expansion reads it.
    #[must_use]
    pub fn text(&self) -> Cow<'_, str> {
        text::lossy(&self.data)
    }
}

/// Reads the arguments of `COPY` and `ADD`: at least one source, and the destination. Blanks end a word even within
/// quotes; expansion removes the quotes later. Words like `<<EOF` are heredocs, also in a JSON array (then empty).
pub(super) fn parse<'a>(parts: Parts<'_, 'a>, instruction: &'static str) -> Result<Sources<'a>, Fault> {
    let mut paths = parts.args.into_words();
    let Some(dest) = paths.pop() else {
        return Err(SyntaxErrorKind::NoDestination { instruction }.into());
    };
    if heredoc::parse_word(&dest).is_some() {
        return Err(SyntaxErrorKind::HeredocDestination { instruction }.on(dest.span));
    }
    let mut contents = Vec::new();
    paths.retain(|source| match heredoc::parse_word(source) {
        Some(word) => {
            contents.push(content(word, source, &parts.heredocs));
            false
        }
        None => true,
    });
    Ok(Sources {
        paths,
        contents,
        dest,
    })
}

/// The file that a source such as `<<EOF` is, which reads as `word`.
fn content<'a>(word: Heredoc<'a>, source: &Word<'a>, heredocs: &[Heredoc<'a>]) -> SourceContent<'a> {
    // Of several heredocs of one name the last body counts.
    let last = heredocs.iter().rev().find(|heredoc| heredoc.name == word.name);
    let word = Heredoc {
        bytes: last.map(|heredoc| heredoc.bytes.clone()).unwrap_or_default(),
        ..word
    };
    SourceContent {
        path: Word::new(word.name.clone(), source.span),
        expand: word.expand,
        data: word.body(),
    }
}
