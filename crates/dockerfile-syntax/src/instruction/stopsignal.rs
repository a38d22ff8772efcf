//! `STOPSIGNAL signal`: all the rest. Flags are passed over unchecked.

use super::InstructionKind;
use crate::request::{Fault, Request, Shape};

pub(super) const SHAPE: Shape = Shape::Text;

pub(super) fn parse(request: &Request<'_>) -> Result<InstructionKind, Fault> {
    let text = request.only_text("STOPSIGNAL")?;
    Ok(InstructionKind::Stopsignal(text))
}
