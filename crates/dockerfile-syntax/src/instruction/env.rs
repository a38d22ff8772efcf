//! `ENV key=value …`, or in the old form `ENV key value`, where the value is all the rest.
//!
//! No flags but those of the dialect. Which form it is, the first word says: with `=` it is the first.

use super::pairs_file::{self, PairsOf};
use super::{InstructionKind, KeyValue};
use crate::error::{Fault, SyntaxErrorKind};
use crate::parts::{Args, Parts};
use crate::shape::Shape;

pub(super) const SHAPE: Shape = Shape::Pairs("ENV");

pub(super) fn parse<'a>(mut parts: Parts<'_, 'a>) -> Result<InstructionKind<'a>, Fault> {
    match pairs_file::parse(&mut parts, PairsOf::Env)? {
        Some(file) => Ok(InstructionKind::PairsFile(Box::new(file))),
        None => pairs(parts, "ENV").map(InstructionKind::Env),
    }
}

/// Checks the pairs of `ENV` and `LABEL`.
pub(super) fn pairs<'a>(parts: Parts<'_, 'a>, instruction: &'static str) -> Result<Vec<KeyValue<'a>>, Fault> {
    let pairs = match parts.args {
        Args::Pairs(pairs) if !pairs.is_empty() => pairs,
        _ => return Err(SyntaxErrorKind::NoArguments { instruction }.into()),
    };
    for pair in &pairs {
        if pair.key.is_empty() {
            let whole = pair.key.span.to(pair.value.span);
            return Err(SyntaxErrorKind::BlankName { instruction }.on(whole));
        }
    }
    Ok(pairs)
}
