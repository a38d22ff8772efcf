//! `--chmod`: octal, or symbolic in the grammar of BSD's `setmode(3)`.

use dockerfile_syntax::Word;
use llb_graph::CopyMode;

use crate::error::CompileError;

/// Reads `--chmod`; empty leaves modes as they are.
pub(super) fn parse_chmod(text: &Word<'_>) -> Result<Option<CopyMode>, CompileError> {
    if text.is_empty() {
        return Ok(None);
    }
    if text.starts_with(|c: char| c.is_ascii_digit()) {
        let is_octal = text.bytes().all(|byte| matches!(byte, b'0'..=b'7'));
        return match u32::from_str_radix(text, 8) {
            Ok(bits) if is_octal && bits <= 0o7777 => Ok(Some(CopyMode::Bits(bits))),
            _ => Err(CompileError::about(
                text,
                format!(
                    "--chmod={text} is not a mode; expected octal digits from 0 to 07777, or symbols such as u=rwX,go=rX"
                ),
            )),
        };
    }
    if is_symbolic(text) {
        return Ok(Some(CopyMode::Symbolic(text.to_string())));
    }
    Err(CompileError::about(
        text,
        format!(
            "--chmod={text} is not a mode; expected symbols such as u=rwX,go=rX (who: u g o a, then + - =, then r w x X s t u g o), or octal digits"
        ),
    ))
}

/// Clauses between commas: who is meant, then at least one operator with what it does.
fn is_symbolic(text: &str) -> bool {
    text.split(',').all(|clause| {
        let actions = clause.trim_start_matches(['u', 'g', 'o', 'a']);
        let is_part = |c: char| "+-=rstwXxugo".contains(c);
        actions.starts_with(['+', '-', '=']) && actions.chars().all(is_part)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modes() {
        for (text, is_mode) in [
            ("755", true),
            ("0", true),
            ("07777", true),
            ("10000", false),
            ("8", false),
            ("0o755", false),
            ("u=rwX,go=rX", true),
            ("+x", true),
            ("a+rw-x", true),
            ("g=u", true),
            ("u", false),
            ("u+rw,", false),
            ("u+z", false),
            ("=", true),
            ("+7", false),
            ("u+a", false),
        ] {
            assert_eq!(parse_chmod(&text.into()).is_ok(), is_mode, "{text}");
        }
    }
}
