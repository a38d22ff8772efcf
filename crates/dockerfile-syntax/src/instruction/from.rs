//! `FROM [--platform=platform] image [AS name]`
//!
//! Words between blanks, `AS` in any case. A stage name begins with a letter, then letters, digits, `-`, `_` and `.`;
//! its case does not count.

use crate::ast::Meta;
use crate::error::SyntaxErrorKind;
use crate::flags::{Flags, Kind};
use crate::request::{Fault, Request, Shape, Word};
use crate::text;

pub(super) const SHAPE: Shape = Shape::Blanks;

/// `FROM [--platform=platform] image [AS name]`
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct From {
    /// Its keyword, text, place and comments.
    pub meta: Meta,
    /// The image or stage to start from, not expanded.
    pub base: String,
    /// `--platform`, not expanded. None when not given or empty.
    pub platform: Option<String>,
    /// The stage's name in lower case.
    pub name: Option<String>,
    /// The stage's name as written.
    pub name_as_written: Option<String>,
    /// The `AS` as written.
    pub as_keyword: Option<String>,
    /// What a comment above says about the stage's name (`# name text`); empty without one.
    pub doc_comment: String,
}

/// Reads a `FROM`; its meta is for the caller to fill in.
pub(crate) fn parse(request: &Request<'_>) -> Result<From, Fault> {
    let (base, stage) = match request.args.words.as_slice() {
        [base] => (base, None),
        [base, keyword, name] if is_as(&keyword.text) => (base, Some((keyword, name))),
        _ => return Err(SyntaxErrorKind::FromArguments.into()),
    };
    let name = stage.map(|(_, name)| stage_name(name)).transpose()?;
    let flags = Flags::parse(&request.head.flags, &[("platform", Kind::Text)])?;
    Ok(From {
        meta: Meta::default(),
        base: base.text.clone(),
        platform: Some(flags.text("platform")).filter(|platform| !platform.is_empty()),
        doc_comment: request.doc_comment(name.as_deref().unwrap_or_default()),
        name,
        name_as_written: stage.map(|(_, name)| name.text.clone()),
        as_keyword: stage.map(|(keyword, _)| keyword.text.clone()),
    })
}

/// Whether a word is `AS` in any case; the long s folds to an s.
fn is_as(word: &str) -> bool {
    let mut chars = word.chars();
    matches!(chars.next(), Some('a' | 'A'))
        && matches!(chars.next(), Some('s' | 'S' | '\u{17f}'))
        && chars.next().is_none()
}

fn stage_name(word: &Word) -> Result<String, Fault> {
    let name = text::lower(&word.text);
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_.".contains(&byte);
    if name.starts_with(|ch: char| ch.is_ascii_lowercase()) && name.bytes().all(plain) {
        return Ok(name);
    }
    Err(SyntaxErrorKind::InvalidStageName {
        name: word.text.clone(),
    }
    .on(word.span))
}
