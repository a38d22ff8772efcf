//! `FROM [--platform=platform] image [AS name]`
//!
//! Words between blanks, `AS` in any case. A stage name begins with a letter, then letters, digits, `-`, `_` and `.`;
//! its case does not count.

use std::borrow::Cow;

use crate::error::{Fault, SyntaxErrorKind};
use crate::flags::{Kind, Known};
use crate::meta::Meta;
use crate::parts::{self, Parts};
use crate::shape::Shape;
use crate::text;
use crate::word::{Word, into_owned};

pub(super) const SHAPE: Shape = Shape::Blanks;

/// `FROM [--platform=platform] image [AS name]`
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FromInstruction<'a> {
    /// Its keyword, text, place and comments.
    pub meta: Meta<'a>,
    /// The image or stage to start from, not expanded.
    pub base: Word<'a>,
    /// `--platform`, not expanded. None when not given or empty.
    pub platform: Option<Word<'a>>,
    /// The stage's name in lower case.
    pub name: Option<Word<'a>>,
    /// The stage's name as written.
    pub name_as_written: Option<Cow<'a, str>>,
    /// The `AS` as written.
    pub as_keyword: Option<Cow<'a, str>>,
    /// What a comment above says about the stage's name (`# name text`); empty without one.
    pub doc_comment: Cow<'a, str>,
}

into_owned!(FromInstruction {
    meta,
    base,
    platform,
    name,
    name_as_written,
    as_keyword,
    doc_comment,
});

const FLAGS: Known = &[("platform", Kind::Text)];

/// Reads a `FROM`; its meta is for the caller to fill in.
pub(crate) fn parse<'a>(mut parts: Parts<'_, 'a>) -> Result<Box<FromInstruction<'a>>, Fault> {
    let (base, stage) = match parts.args.words() {
        [base] => (base.clone(), None),
        [base, keyword, name] if is_as(keyword) => (base.clone(), Some((keyword.text.clone(), name.clone()))),
        words => {
            let suggestion = match words {
                [base, keyword] if is_as(keyword) => Some(format!("FROM {base} AS NAME")),
                [base, name] => Some(format!("FROM {base} AS {name}")),
                _ => None,
            };
            // A flag's value that stands behind a blank is one word too many.
            parts.flags(FLAGS)?;
            return Err(SyntaxErrorKind::FromArguments { suggestion }.into());
        }
    };
    let name = stage.as_ref().map(|(_, name)| stage_name(name)).transpose()?;
    let mut flags = parts.flags(FLAGS)?;
    let (as_keyword, name_as_written) = stage.map(|(keyword, name)| (keyword, name.text)).unzip();
    Ok(Box::new(FromInstruction {
        meta: Meta::default(),
        base,
        platform: flags.text("platform"),
        doc_comment: parts::doc_comment(parts.comments, name.as_deref().unwrap_or_default()),
        name,
        name_as_written,
        as_keyword,
    }))
}

/// An empty stage in place of one whose `FROM` can't be read, with its name where that is among the words.
pub(crate) fn stand_in<'a>(words: &[Word<'a>], meta: Meta<'a>) -> FromInstruction<'a> {
    let name = match words {
        [_, keyword, name, ..] if is_as(keyword) => Some(name),
        [_, name] if !is_as(name) => Some(name),
        _ => None,
    };
    FromInstruction {
        base: Word::new("scratch", meta.keyword.span),
        name: name.and_then(|name| stage_name(name).ok()),
        meta,
        ..FromInstruction::default()
    }
}

/// Whether a word is `AS` in any case; the long s folds to an s.
fn is_as(word: &str) -> bool {
    let mut chars = word.chars();
    matches!(chars.next(), Some('a' | 'A'))
        && matches!(chars.next(), Some('s' | 'S' | '\u{17f}'))
        && chars.next().is_none()
}

fn stage_name<'a>(word: &Word<'a>) -> Result<Word<'a>, Fault> {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_.".contains(&byte);
    let is_plain =
        |name: &str| name.starts_with(|ch: char| ch.is_ascii_lowercase()) && name.bytes().all(plain);
    if is_plain(word) {
        return Ok(word.clone());
    }
    let name = text::lower(word);
    if is_plain(&name) {
        return Ok(Word::new(name.into_owned(), word.span));
    }
    Err(SyntaxErrorKind::InvalidStageName {
        name: word.to_string(),
    }
    .on(word.span))
}
