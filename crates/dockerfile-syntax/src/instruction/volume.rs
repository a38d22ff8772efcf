//! `VOLUME path …`, or `VOLUME ["path", …]`. No flags.

use super::InstructionKind;
use crate::error::SyntaxErrorKind;
use crate::flags::Flags;
use crate::request::{Fault, Request, Shape};

pub(super) const SHAPE: Shape = Shape::List;

pub(super) fn parse(request: &Request<'_>) -> Result<InstructionKind, Fault> {
    if request.args.words.is_empty() {
        return Err(SyntaxErrorKind::NoArguments {
            instruction: "VOLUME",
        }
        .into());
    }
    Flags::parse(&request.head.flags, &[])?;
    let mut paths = Vec::with_capacity(request.args.words.len());
    for word in &request.args.words {
        let path = word.text.trim();
        if path.is_empty() {
            return Err(SyntaxErrorKind::BlankVolume.on(word.span));
        }
        paths.push(path.to_owned());
    }
    Ok(InstructionKind::Volume(paths))
}
