//! Where a text stands in the file that was joined from its lines.

use std::ops::Range;

use dockerfile_syntax::Span;

/// The places of a text whose continuation lines were joined, and the comments between them dropped.
#[derive(Debug)]
pub(crate) struct Mapping {
    /// Where each piece begins: in the text, and in the file. None where the file says the text in another way.
    pieces: Option<Vec<(usize, usize)>>,
}

impl Mapping {
    /// Finds the text in the file from byte `start` on.
    pub(crate) fn new(text: &str, source: &[u8], start: usize, escape: char) -> Self {
        Self {
            pieces: pieces(text.as_bytes(), source, start, escape),
        }
    }

    /// The bytes of the file that a part of the text comes from, what lies between its lines included.
    pub(crate) fn span(&self, range: &Range<usize>) -> Option<Span> {
        let start = self.offset(range.start)?;
        // The end is behind the last byte: the next one may be on another line.
        let end = self.offset(range.end.checked_sub(1)?)? + 1;
        (start < end).then(|| Span::new(start, end))
    }

    fn offset(&self, at: usize) -> Option<usize> {
        let pieces = self.pieces.as_deref()?;
        let behind = pieces.partition_point(|(from, _)| *from <= at);
        let (from, offset) = pieces.get(behind.checked_sub(1)?)?;
        Some(offset + (at - from))
    }
}

fn pieces(text: &[u8], source: &[u8], start: usize, escape: char) -> Option<Vec<(usize, usize)>> {
    let escape = u8::try_from(escape).ok()?;
    let mut pieces = vec![(0, start)];
    let mut at = start;
    for (index, byte) in text.iter().enumerate() {
        let before = at;
        while let Some(next) = behind_continuation(source, at, escape) {
            at = next;
        }
        if at != before {
            pieces.push((index, at));
        }
        if source.get(at) != Some(byte) {
            return None;
        }
        at += 1;
    }
    Some(pieces)
}

/// Where the text goes on behind an escape character at the end of a line; none elsewhere.
fn behind_continuation(source: &[u8], at: usize, escape: u8) -> Option<usize> {
    let rest = source.get(at..)?.strip_prefix(&[escape])?;
    let blank = rest
        .iter()
        .take_while(|byte| matches!(byte, b' ' | b'\t' | b'\r'))
        .count();
    if rest.get(blank) != Some(&b'\n') {
        return None;
    }
    let mut at = at + 1 + blank + 1;
    // Comments and blank lines are no part of the text.
    while let Some(line) = source
        .get(at..)
        .and_then(|rest| rest.split_inclusive(|byte| *byte == b'\n').next())
    {
        let trimmed = line.trim_ascii();
        if !trimmed.is_empty() && !trimmed.starts_with(b"#") {
            break;
        }
        at += line.len();
    }
    Some(at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use dockerfile_syntax::InstructionKind;
    use dockerfile_syntax::instruction::CommandLine;

    #[test]
    fn places_in_joined_lines() {
        for (file, part, expected) in [
            ("FROM a\nRUN one two\n", "two", Some("two")),
            (
                "FROM a\nRUN one \\\n    two && \\\n# c\n\n  three x\n",
                "three",
                Some("three"),
            ),
            (
                "FROM a\nRUN one \\\n two \\  \n three\n",
                "two  three",
                Some("two \\  \n three"),
            ),
            ("FROM a\nRUN one\\\n# c\ntwo\n", "onetwo", Some("one\\\n# c\ntwo")),
            ("FROM a\r\nRUN one \\\r\n two\r\n", "two", Some("two")),
        ] {
            let parsed = dockerfile_syntax::parse(file.as_bytes());
            let InstructionKind::Run(run) = &parsed.dockerfile.stages[0].instructions[0].kind else {
                panic!("{file}")
            };
            let CommandLine::Shell(text) = &run.command else {
                panic!("{file}")
            };
            let mapping = Mapping::new(text, file.as_bytes(), text.span.start, parsed.dockerfile.escape);
            let at = text
                .find(part)
                .unwrap_or_else(|| panic!("{text:?} has no {part}"));
            let span = mapping.span(&(at..at + part.len()));
            assert_eq!(span.map(|span| &file[span.start..span.end]), expected, "{file}");
        }
    }
}
