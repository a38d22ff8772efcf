//! `EXPOSE [ip:][host:]port[-end][/protocol] …`
//!
//! Words between blanks. Ports are read after expansion, so nothing is checked here. No flags.

use super::InstructionKind;
use crate::error::{Fault, SyntaxErrorKind};
use crate::parts::Parts;
use crate::shape::Shape;
use crate::sort;

pub(super) const SHAPE: Shape = Shape::Blanks;

pub(super) fn parse<'a>(mut parts: Parts<'_, 'a>) -> Result<InstructionKind<'a>, Fault> {
    if parts.args.words().is_empty() {
        return Err(SyntaxErrorKind::NoArguments {
            instruction: "EXPOSE",
        }
        .into());
    }
    parts.flags(&[])?;
    let mut ports = parts.args.into_words();
    sort::sort_by(&mut ports, |one, other| one.text.cmp(&other.text));
    Ok(InstructionKind::Expose(ports))
}
