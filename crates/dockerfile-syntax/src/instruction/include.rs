//! `INCLUDE path…`, of the dialect: the content of other files as if it stood here.
//!
//! Before the first `FROM` the files have stages and global `ARG`s, in a stage they have instructions without a `FROM`.
//! Words between blanks, or a JSON array. No flags.

use super::InstructionKind;
use crate::error::{Fault, SyntaxErrorKind};
use crate::parts::Parts;
use crate::shape::Shape;

pub(super) const SHAPE: Shape = Shape::List;

pub(super) fn parse<'a>(mut parts: Parts<'_, 'a>) -> Result<InstructionKind<'a>, Fault> {
    parts.flags(&[])?;
    let paths = parts.args.into_words();
    if paths.is_empty() {
        return Err(SyntaxErrorKind::NoArguments {
            instruction: "INCLUDE",
        }
        .into());
    }
    Ok(InstructionKind::Include(paths))
}
