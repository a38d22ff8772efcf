//! `ENV key=value …`, or in the old form `ENV key value`, where the value is all the rest.
//!
//! No flags. Which form it is, the first word says: with `=` it is the first.

use super::InstructionKind;
use crate::error::SyntaxErrorKind;
use crate::flags::Flags;
use crate::request::{Fault, Request, Shape};

pub(super) const SHAPE: Shape = Shape::Pairs("ENV");

/// A pair of `ENV` or `LABEL`. Quotes and escapes are kept: expansion removes them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KeyValue {
    /// The key, never blank, not expanded.
    pub key: String,
    /// The value, not expanded.
    pub value: String,
    /// Whether a space stands between key and value (`ENV key value`, the old form) instead of `=`.
    pub legacy: bool,
}

pub(super) fn parse(request: &Request<'_>) -> Result<InstructionKind, Fault> {
    pairs(request, "ENV").map(InstructionKind::Env)
}

/// Checks the pairs of `ENV` and `LABEL`.
pub(super) fn pairs(request: &Request<'_>, instruction: &'static str) -> Result<Vec<KeyValue>, Fault> {
    Flags::parse(&request.head.flags, &[])?;
    if request.args.pairs.is_empty() {
        return Err(SyntaxErrorKind::NoArguments { instruction }.into());
    }
    for (pair, word) in request.args.pairs.iter().zip(&request.args.words) {
        if pair.key.is_empty() {
            return Err(SyntaxErrorKind::BlankName { instruction }.on(word.span));
        }
    }
    Ok(request.args.pairs.clone())
}
