//! `ENTRYPOINT text` for the shell, or `ENTRYPOINT ["word", …]`. Without any text it clears the entrypoint. No flags.

use super::{CommandLine, InstructionKind};
use crate::error::Fault;
use crate::parts::Parts;
use crate::shape::Shape;

pub(super) const SHAPE: Shape = Shape::Command;

pub(super) fn parse<'a>(mut parts: Parts<'_, 'a>) -> Result<InstructionKind<'a>, Fault> {
    parts.flags(&[])?;
    Ok(InstructionKind::Entrypoint(CommandLine::of(parts.args)))
}
