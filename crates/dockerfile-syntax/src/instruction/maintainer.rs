//! `MAINTAINER text`: all the rest is the text. No flags.

use super::InstructionKind;
use crate::error::Fault;
use crate::parts::Parts;
use crate::shape::Shape;

pub(super) const SHAPE: Shape = Shape::Text;

pub(super) fn parse<'a>(mut parts: Parts<'_, 'a>) -> Result<InstructionKind<'a>, Fault> {
    let text = parts.only_text("MAINTAINER")?;
    parts.flags(&[])?;
    Ok(InstructionKind::Maintainer(text))
}
