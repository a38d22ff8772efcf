//! `STOPSIGNAL signal`: all the rest. Flags are passed over unchecked.

use super::InstructionKind;
use crate::error::Fault;
use crate::parts::Parts;
use crate::shape::Shape;

pub(super) const SHAPE: Shape = Shape::Text;

pub(super) fn parse<'a>(mut parts: Parts<'_, 'a>) -> Result<InstructionKind<'a>, Fault> {
    let text = parts.only_text("STOPSIGNAL")?;
    Ok(InstructionKind::Stopsignal(text))
}
