//! `ARG name[=default] …`
//!
//! Words may hold quotes and escapes, which stay in the texts. Flags are passed over unchecked.

use std::borrow::Cow;

use super::InstructionKind;
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

pub(super) fn parse<'a>(parts: Parts<'_, 'a>) -> Result<InstructionKind<'a>, Fault> {
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
