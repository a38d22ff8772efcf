//! `MAINTAINER text`: all the rest is the text. No flags.

use super::InstructionKind;
use crate::flags::Flags;
use crate::request::{Fault, Request, Shape};

pub(super) const SHAPE: Shape = Shape::Text;

pub(super) fn parse(request: &Request<'_>) -> Result<InstructionKind, Fault> {
    let text = request.only_text("MAINTAINER")?;
    Flags::parse(&request.head.flags, &[])?;
    Ok(InstructionKind::Maintainer(text))
}
