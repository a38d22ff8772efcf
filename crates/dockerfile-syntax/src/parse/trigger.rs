//! Triggers: what a base image left for those that build on it.

use super::Parser;
use crate::dialect::Dialect;
use crate::error::{SyntaxError, SyntaxErrorKind};
use crate::instruction::Instruction;
use crate::line::Source;
use crate::span::Place;

/// Reads a trigger that a base image carries.
///
/// `expression` is the stored text, with heredocs in it; it must hold exactly one instruction. The escape character
/// is `\` unless a directive in the text says otherwise. The instruction, its words and its errors get `place`, that of
/// what pulls the trigger in. `dialect` is that of the file that does so.
///
/// ```
/// use dockerfile_syntax::{Dialect, Place, parse_onbuild_trigger};
///
/// let instruction = parse_onbuild_trigger("RUN make", Place::default(), Dialect::default())?;
/// assert_eq!(instruction.kind.name(), "RUN");
/// # Ok::<(), dockerfile_syntax::SyntaxError>(())
/// ```
///
/// # Errors
/// What is wrong in the trigger.
pub fn parse_onbuild_trigger(
    expression: &str,
    place: Place,
    dialect: Dialect,
) -> Result<Instruction<'static>, SyntaxError> {
    trigger(expression, place, dialect).map(Instruction::into_owned)
}

fn trigger(expression: &str, place: Place, dialect: Dialect) -> Result<Instruction<'_>, SyntaxError> {
    let mut parser = Parser::new(Source::new(expression.as_bytes(), Some(place.span)), dialect);
    parser.run();
    if let Some(error) = parser.errors.into_iter().next() {
        return Err(error.kind.at(place));
    }
    let from = parser.file.stages.pop();
    match (parser.instructions.pop(), parser.instructions.pop(), from) {
        (Some(mut instruction), None, None) => {
            instruction.meta.lines = place.lines;
            Ok(instruction)
        }
        (None, None, Some(_)) if parser.file.stages.is_empty() => Err(SyntaxErrorKind::OnbuildForbidden {
            instruction: "FROM".to_owned(),
        }
        .at(place)),
        _ => Err(SyntaxErrorKind::OnbuildNotSingle.at(place)),
    }
}
