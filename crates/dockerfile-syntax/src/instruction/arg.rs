//! `ARG name[=default] …`
//!
//! Words may hold quotes and escapes, which stay in the texts. Flags are passed over unchecked, but for
//! `--file` in the dialect.

use std::borrow::Cow;

use super::InstructionKind;
use super::pairs_file::{self, PairsOf};
use crate::error::{Fault, SyntaxErrorKind};
use crate::parts::{self, Parts};
use crate::shape::Shape;
use crate::word::{Word, into_owned};

pub(super) const SHAPE: Shape = Shape::ShellWords;

/// One name of an `ARG`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ArgItem<'a> {
    /// The name, never blank, never expanded. Quotes and escapes are kept.
    pub key: Word<'a>,
    /// The default, not expanded; quotes and escapes are kept.
    pub value: Option<Word<'a>>,
    /// What a comment above the instruction says about this name (`# name text`); empty without one.
    pub doc_comment: Cow<'a, str>,
}

into_owned!(ArgItem {
    key,
    value,
    doc_comment
});

pub(super) fn parse<'a>(mut parts: Parts<'_, 'a>) -> Result<InstructionKind<'a>, Fault> {
    // Without the dialect it is refused as an argument that lacks, or passed over beside one.
    let is_read = parts.dialect.is_on || parts.args.words().is_empty();
    if is_read
        && pairs_file::is_asked_for(&parts)
        && let Some(file) = pairs_file::parse(&mut parts, PairsOf::Arg)?
    {
        return Ok(InstructionKind::PairsFile(Box::new(file)));
    }
    let Parts { args, comments, .. } = parts;
    let words = args.into_words();
    if words.is_empty() {
        return Err(SyntaxErrorKind::NoArguments { instruction: "ARG" }.into());
    }
    let mut items = Vec::with_capacity(words.len());
    for word in words {
        let span = word.span;
        let (key, value) = match word.cut('=') {
            Some((key, value)) => (key, Some(value)),
            None => (word, None),
        };
        if key.is_empty() {
            return Err(SyntaxErrorKind::BlankName { instruction: "ARG" }.on(span));
        }
        items.push(ArgItem {
            doc_comment: parts::doc_comment(comments, &key),
            key,
            value,
        });
    }
    Ok(InstructionKind::Arg(items))
}
