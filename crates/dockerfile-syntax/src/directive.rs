//! Parser directives: `# syntax=…`, `# escape=…`, `# check=…` above everything else.

use crate::span::{LineRange, Span};

/// The directives of a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Directives {
    /// `syntax`
    pub syntax: Option<Directive>,
    /// `escape`
    pub escape: Option<Directive>,
    /// `check`
    pub check: Option<Directive>,
}

/// A directive that stands in the file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Directive {
    /// The value, trimmed.
    pub value: String,
    /// The line, counted from 1.
    pub lines: LineRange,
    /// The bytes of the whole line without its line break.
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
    let _ = data;
    None
}

/// Finds a directive by its name (`syntax`, `escape` or `check`) among the `#` lines; a first line `#!…` is passed over.
#[must_use]
pub fn parse_directive(name: &str, data: &[u8]) -> Option<Detected> {
    let _ = (name, data);
    None
}
