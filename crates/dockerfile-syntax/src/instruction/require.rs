//! `REQUIRE stage…`, of the dialect: stages that must succeed for this one to count, of which nothing lands in it.
//!
//! Words between blanks. Stages are named as `COPY --from` names them, by name or number. No flags.

use super::InstructionKind;
use crate::error::{Fault, SyntaxErrorKind};
use crate::parts::Parts;
use crate::shape::Shape;

pub(super) const SHAPE: Shape = Shape::Blanks;

pub(super) fn parse<'a>(mut parts: Parts<'_, 'a>) -> Result<InstructionKind<'a>, Fault> {
    parts.flags(&[])?;
    let stages = parts.args.into_words();
    if stages.is_empty() {
        return Err(SyntaxErrorKind::NoArguments {
            instruction: "REQUIRE",
        }
        .into());
    }
    Ok(InstructionKind::Require(stages))
}
