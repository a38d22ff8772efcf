//! `ARG name[=default] …`
//!
//! Words may hold quotes and escapes, which stay in the texts. Flags are passed over unchecked.

use super::InstructionKind;
use crate::error::SyntaxErrorKind;
use crate::request::{Fault, Request, Shape};

pub(super) const SHAPE: Shape = Shape::ShellWords;

/// `ARG name[=default] …`
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Arg {
    /// The items in the order written, at least one.
    pub items: Vec<ArgItem>,
}

/// One name of an `ARG`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ArgItem {
    /// The name, never blank, never expanded. Quotes and escapes are kept.
    pub key: String,
    /// The default, not expanded; quotes and escapes are kept.
    pub value: Option<String>,
    /// What a comment above the instruction says about this name (`# name text`); empty without one.
    pub doc_comment: String,
}

pub(super) fn parse(request: &Request<'_>) -> Result<InstructionKind, Fault> {
    if request.args.words.is_empty() {
        return Err(SyntaxErrorKind::NoArguments { instruction: "ARG" }.into());
    }
    let mut items = Vec::with_capacity(request.args.words.len());
    for word in &request.args.words {
        let (key, value) = match word.text.split_once('=') {
            Some(("", _)) => return Err(SyntaxErrorKind::BlankName { instruction: "ARG" }.on(word.span)),
            Some((key, value)) => (key, Some(value.to_owned())),
            None => (word.text.as_str(), None),
        };
        items.push(ArgItem {
            key: key.to_owned(),
            value,
            doc_comment: request.doc_comment(key),
        });
    }
    Ok(InstructionKind::Arg(Arg { items }))
}
