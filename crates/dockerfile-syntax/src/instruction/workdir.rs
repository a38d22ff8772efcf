//! `WORKDIR path`: all the rest, blanks included. No flags.

use super::InstructionKind;
use crate::error::Fault;
use crate::parts::Parts;
use crate::shape::Shape;

pub(super) const SHAPE: Shape = Shape::Text;

pub(super) fn parse<'a>(mut parts: Parts<'_, 'a>) -> Result<InstructionKind<'a>, Fault> {
    let text = parts.only_text("WORKDIR")?;
    parts.flags(&[])?;
    Ok(InstructionKind::Workdir(text))
}
