//! `ONBUILD instruction`: any instruction but `ONBUILD`, `FROM` and `MAINTAINER`, with its heredocs. No flags of its own.
//!
//! The instruction is read when a build is based on the image; only what any reader of lines would trip over is an
//! error now.

use super::{Instruction, InstructionKind};
use crate::error::{SyntaxError, SyntaxErrorKind};
use crate::flags::Flags;
use crate::request::{Fault, Request, Shape};
use crate::span::Place;
use crate::text;

pub(super) const SHAPE: Shape = Shape::Nested;

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

/// The one argument of the request is the nested instruction's keyword.
pub(super) fn parse(request: &Request<'_>) -> Result<InstructionKind, Fault> {
    let Some(keyword) = request.args.words.first() else {
        return Err(SyntaxErrorKind::NoArguments {
            instruction: "ONBUILD",
        }
        .into());
    };
    Flags::parse(&request.head.flags, &[])?;
    let instruction = text::upper(keyword.text.trim());
    match instruction.as_str() {
        "ONBUILD" => return Err(SyntaxErrorKind::OnbuildChain.on(keyword.span)),
        "FROM" | "MAINTAINER" => {
            return Err(SyntaxErrorKind::OnbuildForbidden { instruction }.on(keyword.span));
        }
        _ => {}
    }
    let mut stored = strip_keyword(request.original).to_owned();
    for heredoc in &request.heredocs {
        stored.push('\n');
        stored.push_str(&heredoc.content);
        stored.push_str(&heredoc.name);
    }
    Ok(InstructionKind::Onbuild(stored))
}

/// The text behind `ONBUILD` and blanks; all of it where another character stands for one of the keyword's.
fn strip_keyword(text: &str) -> &str {
    let blanks = ['\t', '\n', '\u{c}', '\r', ' '];
    let trimmed = text.trim_start_matches(blanks);
    match trimmed.split_at_checked("ONBUILD".len()) {
        Some((keyword, rest)) if keyword.eq_ignore_ascii_case("ONBUILD") => rest.trim_start_matches(blanks),
        _ => text,
    }
}
