//! `ENTRYPOINT text` for the shell, or `ENTRYPOINT ["word", …]`. Without any text it clears the entrypoint. No flags.

use super::{CommandLine, InstructionKind};
use crate::flags::Flags;
use crate::request::{Fault, Request, Shape};

pub(super) const SHAPE: Shape = Shape::Command;

pub(super) fn parse(request: &Request<'_>) -> Result<InstructionKind, Fault> {
    Flags::parse(&request.head.flags, &[])?;
    Ok(InstructionKind::Entrypoint(CommandLine::of(request)))
}
