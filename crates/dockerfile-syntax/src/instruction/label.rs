//! `LABEL key=value …`, or in the old form `LABEL key value`: as `ENV`.

use super::{InstructionKind, env};
use crate::error::Fault;
use crate::parts::Parts;
use crate::shape::Shape;

pub(super) const SHAPE: Shape = Shape::Pairs("LABEL");

pub(super) fn parse<'a>(parts: Parts<'_, 'a>) -> Result<InstructionKind<'a>, Fault> {
    env::pairs(parts, "LABEL").map(InstructionKind::Label)
}
