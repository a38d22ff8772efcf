//! `SHELL ["program", "argument", …]`: only as a JSON array, with at least one word. No flags.

use super::InstructionKind;
use crate::error::SyntaxErrorKind;
use crate::flags::Flags;
use crate::request::{Fault, Request, Shape};

pub(super) const SHAPE: Shape = Shape::Command;

pub(super) fn parse(request: &Request<'_>) -> Result<InstructionKind, Fault> {
    Flags::parse(&request.head.flags, &[])?;
    match request.args.words.as_slice() {
        [] => Err(SyntaxErrorKind::NoArguments { instruction: "SHELL" }.into()),
        [text, ..] if !request.args.json => Err(SyntaxErrorKind::ShellNotJson.on(text.span)),
        _ => Ok(InstructionKind::Shell(request.texts())),
    }
}
