//! `ONBUILD instruction`: any instruction but `ONBUILD`, `FROM` and `MAINTAINER`, with its heredocs. No flags of its own.
//!
//! The instruction is read when a build is based on the image; only what any reader of lines would trip over is an
//! error now.

use super::InstructionKind;
use crate::error::{Fault, SyntaxErrorKind};
use crate::parts::Parts;
use crate::shape::Shape;
use crate::text;
use crate::word::Word;

pub(super) const SHAPE: Shape = Shape::Nested;

/// The one argument is the nested instruction's keyword.
pub(super) fn parse<'a>(mut parts: Parts<'_, 'a>) -> Result<InstructionKind<'a>, Fault> {
    let [keyword] = parts.args.words() else {
        return Err(SyntaxErrorKind::NoArguments {
            instruction: "ONBUILD",
        }
        .into());
    };
    let span = keyword.span;
    let instruction = text::upper(keyword.trim());
    parts.flags(&[])?;
    match instruction.as_str() {
        "ONBUILD" => return Err(SyntaxErrorKind::OnbuildChain.on(span)),
        "FROM" | "MAINTAINER" => {
            return Err(SyntaxErrorKind::OnbuildForbidden { instruction }.on(span));
        }
        _ => {}
    }
    let bytes = parts.line.bytes();
    let written = parts.line.word(&(behind_keyword(bytes)..bytes.len()));
    if parts.heredocs.is_empty() {
        return Ok(InstructionKind::Onbuild(written));
    }
    let mut stored = written.text.into_owned();
    for heredoc in &parts.heredocs {
        stored.push('\n');
        stored.push_str(&heredoc.text());
        stored.push_str(&heredoc.name);
    }
    Ok(InstructionKind::Onbuild(Word::new(stored, written.span)))
}

/// Where the text behind `ONBUILD` and blanks begins; all of it counts where another character stands for one of the
/// keyword's.
fn behind_keyword(line: &[u8]) -> usize {
    let blanks = |bytes: &[u8]| bytes.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
    let start = blanks(line);
    match line[start..].split_at_checked("ONBUILD".len()) {
        Some((keyword, rest)) if keyword.eq_ignore_ascii_case(b"ONBUILD") => {
            start + keyword.len() + blanks(rest)
        }
        _ => 0,
    }
}
