//! `WORKDIR path`: all the rest, blanks included. No flags.

use super::InstructionKind;
use crate::flags::Flags;
use crate::request::{Fault, Request, Shape};

pub(super) const SHAPE: Shape = Shape::Text;

pub(super) fn parse(request: &Request<'_>) -> Result<InstructionKind, Fault> {
    let text = request.only_text("WORKDIR")?;
    Flags::parse(&request.head.flags, &[])?;
    Ok(InstructionKind::Workdir(text))
}
