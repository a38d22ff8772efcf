//! `CMD text` for the shell, or `CMD ["word", …]`. Without any text it is an empty list. No flags.

use super::{CommandLine, InstructionKind};
use crate::flags::Flags;
use crate::request::{Fault, Request, Shape};

pub(super) const SHAPE: Shape = Shape::Command;

pub(super) fn parse(request: &Request<'_>) -> Result<InstructionKind, Fault> {
    Flags::parse(&request.head.flags, &[])?;
    Ok(InstructionKind::Cmd(CommandLine::of(request)))
}
