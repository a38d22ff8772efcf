//! `LABEL key=value …`, or in the old form `LABEL key value`: as `ENV`.

use super::{InstructionKind, env};
use crate::request::{Fault, Request, Shape};

pub(super) const SHAPE: Shape = Shape::Pairs("LABEL");

pub(super) fn parse(request: &Request<'_>) -> Result<InstructionKind, Fault> {
    env::pairs(request, "LABEL").map(InstructionKind::Label)
}
