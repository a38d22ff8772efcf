//! Parser directives: `# syntax=…`, `# escape=…`, `# check=…` above everything else.
//!
//! They stand at the very top. The first line that is no directive (a blank line, another comment, an instruction)
//! ends them. The name may be in any case; the value is what follows `=`, trimmed.

use crate::json;
use crate::span::{LineRange, Span};
use crate::text;
use std::ops::Range;

/// The directives of a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Directives {
    /// `syntax`, as [`parse_directive`] finds it.
    pub syntax: Option<Directive>,
    /// `escape`, when it is valid and in force. Unlike the others it is not found below a `#!` line.
    pub escape: Option<Directive>,
    /// `check`, as [`parse_directive`] finds it.
    pub check: Option<Directive>,
}

/// A directive that stands in the file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Directive {
    /// The value, trimmed.
    pub value: String,
    /// The line, counted from 1.
    pub lines: LineRange,
    /// The bytes of the value.
    pub span: Span,
}

/// A directive that was looked for by its name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Detected {
    /// The value up to its first space: for `syntax` the image to hand over to.
    pub word: String,
    /// The whole value.
    pub value: String,
    /// The line, counted from 1; for a JSON file 0, or 1 behind a `#!` line.
    pub lines: LineRange,
}

/// Finds the frontend that a file asks for: a `# syntax=` directive, or `// syntax=`, or the key `syntax` of a JSON
/// object; a first line `#!…` is passed over.
#[must_use]
pub fn detect_syntax(data: &[u8]) -> Option<Detected> {
    let found = find("syntax", data, b"#").or_else(|| find("syntax", data, b"//"));
    if let Some(found) = found {
        return Some(found.into());
    }
    let (start, skipped) = beginning(data);
    let value = json::string_of_key(&data[start..], "syntax")?;
    Some(Detected {
        word: value.clone(),
        value,
        lines: LineRange::line(skipped),
    })
}

/// Finds a directive by its name (`syntax`, `escape` or `check`) among the `#` lines; a first line `#!…` is passed
/// over. A directive counts up to a repeated one.
#[must_use]
pub fn parse_directive(name: &str, data: &[u8]) -> Option<Detected> {
    find(name, data, b"#").map(Detected::from)
}

impl From<Directive> for Detected {
    fn from(directive: Directive) -> Self {
        let word = directive.value.split(' ').next().unwrap_or_default().to_owned();
        Self {
            word,
            value: directive.value,
            lines: directive.lines,
        }
    }
}

/// Where the text begins behind a byte order mark and a `#!` line, and the number of lines passed over.
fn beginning(data: &[u8]) -> (usize, usize) {
    let bom = if data.starts_with(BOM) { BOM.len() } else { 0 };
    if !data[bom..].starts_with(b"#!") {
        return (bom, 0);
    }
    (
        data[bom..]
            .iter()
            .position(|&byte| byte == b'\n')
            .map_or(data.len(), |end| bom + end + 1),
        1,
    )
}

/// The byte order mark.
pub(crate) const BOM: &[u8] = b"\xef\xbb\xbf";

/// Finds a directive with its place.
pub(crate) fn find(name: &str, data: &[u8], prefix: &[u8]) -> Option<Directive> {
    let (mut at, mut number) = beginning(data);
    let mut reader = Reader::default();
    for line in data[at..].split_inclusive(|&byte| byte == b'\n') {
        if line.len() > crate::line::MAX_LINE {
            return None;
        }
        number += 1;
        let content = line.strip_suffix(b"\n").unwrap_or(line);
        let content = content.strip_suffix(b"\r").unwrap_or(content);
        let (found, value) = reader.read(content, prefix).ok().flatten()?;
        if found == name {
            return Some(Directive {
                value: text::lossy(&content[value.clone()]),
                lines: LineRange::line(number),
                span: Span::new(at + value.start, at + value.end),
            });
        }
        at += line.len();
    }
    None
}

/// Reads the lines at the top of a file, one after the other.
#[derive(Debug, Default)]
pub(crate) struct Reader {
    seen: Vec<&'static str>,
    done: bool,
}

impl Reader {
    /// The directive of a line: its name, and its value as a range of the line. The error is a repeated name.
    pub(crate) fn read(
        &mut self,
        line: &[u8],
        prefix: &[u8],
    ) -> Result<Option<(&'static str, Range<usize>)>, &'static str> {
        if self.done {
            return Ok(None);
        }
        match split(line, prefix) {
            Some((name, _)) if self.seen.contains(&name) => Err(name),
            Some((name, value)) => {
                self.seen.push(name);
                Ok(Some((name, value)))
            }
            None => {
                self.done = true;
                Ok(None)
            }
        }
    }
}

/// Whether a byte is white space around `=`.
fn is_space(byte: u8) -> bool {
    matches!(byte, b'\t' | b'\n' | 0x0C | b'\r' | b' ')
}

fn split(line: &[u8], prefix: &[u8]) -> Option<(&'static str, Range<usize>)> {
    let body = line.strip_prefix(prefix)?;
    let body = &body[text::leading_space(body)..];
    let name_end = body.iter().position(|byte| !byte.is_ascii_alphanumeric())?;
    let name = ["syntax", "escape", "check"]
        .into_iter()
        .find(|known| body[..name_end].eq_ignore_ascii_case(known.as_bytes()))?;
    let spaces = |bytes: &[u8]| bytes.iter().take_while(|&&byte| is_space(byte)).count();
    let equals = name_end + spaces(&body[name_end..]);
    let value = body[equals..].strip_prefix(b"=")?;
    if value.is_empty() {
        return None;
    }
    // A value of nothing but blanks is its last blank, as a value has at least one character.
    let start = spaces(value).min(value.len() - 1);
    let end = value
        .iter()
        .rposition(|&byte| !is_space(byte))
        .map_or(value.len(), |last| last + 1);
    let offset = line.len() - value.len();
    Some((name, offset + start..offset + end))
}
