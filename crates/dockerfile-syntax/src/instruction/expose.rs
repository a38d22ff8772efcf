//! `EXPOSE [ip:][host:]port[-end][/protocol] …`
//!
//! Words between blanks. Ports are read after expansion, so nothing is checked here. No flags.

use super::InstructionKind;
use crate::error::SyntaxErrorKind;
use crate::flags::Flags;
use crate::request::{Fault, Request, Shape};

pub(super) const SHAPE: Shape = Shape::Blanks;

pub(super) fn parse(request: &Request<'_>) -> Result<InstructionKind, Fault> {
    if request.args.words.is_empty() {
        return Err(SyntaxErrorKind::NoArguments {
            instruction: "EXPOSE",
        }
        .into());
    }
    Flags::parse(&request.head.flags, &[])?;
    let mut ports = request.texts();
    ports.sort_unstable();
    Ok(InstructionKind::Expose(ports))
}
