//! `VOLUME path …`, or `VOLUME ["path", …]`. No flags.

use super::InstructionKind;
use crate::error::{Fault, SyntaxErrorKind};
use crate::parts::Parts;
use crate::shape::Shape;
use crate::word::Word;

pub(super) const SHAPE: Shape = Shape::List;

pub(super) fn parse<'a>(mut parts: Parts<'_, 'a>) -> Result<InstructionKind<'a>, Fault> {
    if parts.args.words().is_empty() {
        return Err(SyntaxErrorKind::NoArguments {
            instruction: "VOLUME",
        }
        .into());
    }
    parts.flags(&[])?;
    let words = parts.args.into_words();
    if let Some(blank) = words.iter().find(|word| word.trim().is_empty()) {
        return Err(SyntaxErrorKind::BlankVolume.on(blank.span));
    }
    let paths = words.into_iter().map(Word::trimmed).collect();
    Ok(InstructionKind::Volume(paths))
}
