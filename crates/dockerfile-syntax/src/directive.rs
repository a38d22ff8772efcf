//! Parser directives: `# syntax=…`, `# escape=…`, `# check=…` above everything else.
//!
//! They stand at the very top. The first line that is no directive (a blank line, another comment, an instruction)
//! ends them. The name may be in any case; the value is what follows `=`, trimmed.

use std::ops::Range;

use crate::json;
use crate::span::{LineRange, Place, Span};
use crate::text;
use crate::word::{Word, into_owned};

/// The directives of a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Directives<'a> {
    /// `syntax`, as [`parse_directive`] finds it.
    pub syntax: Option<Directive<'a>>,
    /// `escape`, when it is valid and in force. Unlike the others it is not found below a `#!` line.
    pub escape: Option<Directive<'a>>,
    /// `check`, as [`parse_directive`] finds it.
    pub check: Option<Directive<'a>>,
}

/// A directive that stands in the file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Directive<'a> {
    /// The value, trimmed.
    pub value: Word<'a>,
    /// The line, counted from 1.
    pub lines: LineRange,
}

into_owned!(Directives {
    syntax,
    escape,
    check
});
into_owned!(Directive { value, lines });

impl Directive<'_> {
    /// Its line, and the bytes of its value.
    #[must_use]
    pub fn place(&self) -> Place {
        self.lines.with(self.value.span)
    }
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
///
/// ```
/// use dockerfile_syntax::directive::detect_syntax;
///
/// let found = detect_syntax(b"# syntax=example.com/frontend:1\nFROM alpine\n");
/// assert_eq!(found.unwrap().word, "example.com/frontend:1");
/// ```
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

impl From<Directive<'_>> for Detected {
    fn from(directive: Directive<'_>) -> Self {
        let word = directive.value.split(' ').next().unwrap_or_default().to_owned();
        Self {
            word,
            value: directive.value.text.into_owned(),
            lines: directive.lines,
        }
    }
}

/// Where the text begins behind a byte order mark and a `#!` line, and the number of lines passed over.
fn beginning(data: &[u8]) -> (usize, usize) {
    let bom = if data.starts_with(text::BOM) {
        text::BOM.len()
    } else {
        0
    };
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

/// Finds `# NAME=VALUE` among the comments above the first instruction, where there are words for programs that are no
/// directives: below the directives, and blank lines between them.
///
/// ```
/// use dockerfile_syntax::directive::head_comment;
///
/// let found = head_comment(b"# syntax=a\n\n# our-check=all \nFROM alpine\n", "our-check").unwrap();
/// assert_eq!((found.value.as_str(), found.lines.start), ("all", 3));
/// ```
#[must_use]
pub fn head_comment<'a>(data: &'a [u8], name: &str) -> Option<Directive<'a>> {
    let mut at = 0;
    for (index, raw) in data.split(|byte| *byte == b'\n').enumerate() {
        let start = at;
        at += raw.len() + 1;
        let line = raw.strip_prefix(text::BOM).unwrap_or(raw).trim_ascii();
        if line.is_empty() {
            continue;
        }
        let comment = line.strip_prefix(b"#")?.trim_ascii_start();
        let comment = std::str::from_utf8(comment).unwrap_or_default();
        let value = comment.strip_prefix(name).and_then(|rest| rest.strip_prefix('='));
        if let Some(value) = value {
            return Some(Directive {
                value: Word::new(value.trim(), Span::new(start, start + raw.len())),
                lines: LineRange::line(index + 1),
            });
        }
    }
    None
}

/// Finds a directive with its place.
pub(crate) fn find<'a>(name: &str, data: &'a [u8], prefix: &[u8]) -> Option<Directive<'a>> {
    let (mut at, mut number) = beginning(data);
    let mut header = Header::default();
    for line in data[at..].split_inclusive(|&byte| byte == b'\n') {
        if line.len() > crate::line::MAX_LINE {
            return None;
        }
        number += 1;
        let content = line.strip_suffix(b"\n").unwrap_or(line);
        let content = content.strip_suffix(b"\r").unwrap_or(content);
        let (found, value) = header.read(content, prefix).ok().flatten()?;
        if found == name {
            return Some(Directive {
                value: value_word(content, at, value),
                lines: LineRange::line(number),
            });
        }
        at += line.len();
    }
    None
}

/// The value of a directive on a line that begins at `at`.
pub(crate) fn value_word(line: &[u8], at: usize, value: Range<usize>) -> Word<'_> {
    let span = Span::new(at + value.start, at + value.end);
    Word::new(text::lossy(&line[value]), span)
}

/// The lines at the top of a file, read one after the other.
#[derive(Debug, Default)]
pub(crate) struct Header {
    seen: Vec<&'static str>,
    done: bool,
}

impl Header {
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

/// Whether a comment, without its `#`, would be a directive among the first lines.
#[must_use]
pub fn is_directive(comment: &[u8]) -> bool {
    named(comment).is_some()
}

/// The directive that a comment would be among the first lines; it comes without its `#`.
pub(crate) fn named(comment: &[u8]) -> Option<&'static str> {
    split(comment, b"").map(|(name, _)| name)
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
