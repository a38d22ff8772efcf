//! From text to instructions.

use crate::ast::Dockerfile;
use crate::error::{SyntaxError, SyntaxErrorKind};
use crate::instruction::Instruction;
use crate::span::Place;

/// What could be read of a file, and what is wrong with it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Parsed {
    /// All that could be read.
    pub dockerfile: Dockerfile,
    /// Every error, in file order. When there is one, the build is refused.
    pub errors: Vec<SyntaxError>,
}

/// Reads a Dockerfile.
#[must_use]
pub fn parse(text: &[u8]) -> Parsed {
    let _ = text;
    Parsed::default()
}

pub(crate) fn trigger(expression: &str, place: Place) -> Result<Instruction, SyntaxError> {
    let _ = expression;
    Err(SyntaxErrorKind::OnbuildNotSingle.at(place))
}
