//! `LABEL key=value …`, or in the old form `LABEL key value`: as `ENV`.

use super::pairs_file::{self, PairsOf};
use super::{InstructionKind, env};
use crate::error::Fault;
use crate::parts::Parts;
use crate::shape::Shape;

pub(super) const SHAPE: Shape = Shape::Pairs("LABEL");

pub(super) fn parse<'a>(mut parts: Parts<'_, 'a>) -> Result<InstructionKind<'a>, Fault> {
    match pairs_file::parse(&mut parts, PairsOf::Label)? {
        Some(file) => Ok(InstructionKind::PairsFile(Box::new(file))),
        None => env::pairs(parts, "LABEL").map(InstructionKind::Label),
    }
}
