//! `CMD text` for the shell, or `CMD ["word", …]`. Without any text the shell gets an empty one. No flags.

use super::{CommandLine, InstructionKind};
use crate::error::Fault;
use crate::parts::Parts;
use crate::shape::Shape;

pub(super) const SHAPE: Shape = Shape::Command;

pub(super) fn parse<'a>(mut parts: Parts<'_, 'a>) -> Result<InstructionKind<'a>, Fault> {
    parts.flags(&[])?;
    Ok(InstructionKind::Cmd(CommandLine::of(parts.args)))
}
