//! `SHELL ["program", "argument", …]`: only as a JSON array, with at least one word. No flags.

use super::InstructionKind;
use crate::error::{Fault, SyntaxErrorKind};
use crate::parts::Parts;
use crate::shape::Shape;

pub(super) const SHAPE: Shape = Shape::Command;

pub(super) fn parse<'a>(mut parts: Parts<'_, 'a>) -> Result<InstructionKind<'a>, Fault> {
    parts.flags(&[])?;
    match parts.args.words() {
        [] => Err(SyntaxErrorKind::NoArguments { instruction: "SHELL" }.into()),
        [text, ..] if !parts.args.is_json() => Err(SyntaxErrorKind::ShellNotJson.on(text.span)),
        _ => Ok(InstructionKind::Shell(parts.args.into_words())),
    }
}
