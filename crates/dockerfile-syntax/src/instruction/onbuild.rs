//! `ONBUILD`

use super::Instruction;
use crate::error::SyntaxError;
use crate::span::Place;

/// Reads a trigger that a base image carries.
///
/// `expression` is the stored text, with heredocs in it; it must hold exactly one instruction. The escape character
/// is `\` unless a directive in the text says otherwise. Errors and the instruction get `place`, that of the
/// `FROM` which pulls the trigger in; spans of words are not kept.
///
/// # Errors
/// What is wrong in the trigger.
pub fn parse_onbuild_trigger(expression: &str, place: Place) -> Result<Instruction, SyntaxError> {
    crate::parse::trigger(expression, place)
}
