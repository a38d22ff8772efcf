//! The line `# plimsoll=1` at the head of a file: its instructions may be more than the Dockerfile language has.
//!
//! It stands among the comments above the first instruction, below the parser directives: above them it would end
//! their reading. Behind the version stand words that hold for the whole file, as in `# plimsoll=1,strict`.

use crate::directive::{self, Directive};
use crate::error::{SyntaxError, SyntaxErrorKind};
use crate::span::{LineRange, Span};
use crate::suggest;
use crate::word::owned_already;

/// The name in front of the version.
const HEAD: &str = "plimsoll";
/// The only version so far.
const VERSION: &str = "1";
/// The words behind it.
const WORDS: [&str; 2] = ["strict", "lock"];

/// What the additions to the Dockerfile language are called that a file without the line may not use, in upper case.
pub const INSTRUCTIONS: [&str; 3] = ["INCLUDE", "REQUIRE", "UNSET"];

/// What the line `# plimsoll=1` turns on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Dialect {
    /// The line is there, so additions to the language are read.
    pub is_on: bool,
    /// `strict`: every `RUN` of a shell stops at its first command that fails.
    pub strict: bool,
    /// `lock`: sources are taken as the lock file beside the Dockerfile has them.
    pub lock: bool,
}

owned_already!(Dialect);

/// Finds the line at the head of a file, with what is wrong with it.
///
/// ```
/// use dockerfile_syntax::dialect;
///
/// let (dialect, errors) = dialect::find(b"# syntax=a\n# plimsoll=1,strict\nFROM alpine\n");
/// assert!(dialect.is_on && dialect.strict && !dialect.lock && errors.is_empty());
/// assert_eq!(dialect::find(b"FROM alpine\n").0, dialect::Dialect::default());
/// ```
#[must_use]
pub fn find(data: &[u8]) -> (Dialect, Vec<SyntaxError>) {
    let mut dialect = Dialect::default();
    let mut errors = Vec::new();
    let Some(line) = directive::head_comment(data, HEAD) else {
        return (dialect, errors);
    };
    dialect.is_on = true;
    let words = words(data, &line);
    let mut words = words.into_iter();
    if let Some((version, span)) = words.next()
        && version != VERSION
    {
        let kind = SyntaxErrorKind::DialectVersion {
            version: version.to_owned(),
        };
        errors.push(kind.at(line.lines.with(span)));
        return (dialect, errors);
    }
    for (word, span) in words {
        match word {
            "strict" => dialect.strict = true,
            "lock" => dialect.lock = true,
            _ => {
                let kind = SyntaxErrorKind::DialectWord {
                    word: word.to_owned(),
                    suggestion: suggest::nearest(word, &WORDS, true),
                };
                errors.push(kind.at(line.lines.with(span)));
            }
        }
    }
    if let Some(directive) = hidden_directive(data, line.lines) {
        let kind = SyntaxErrorKind::DialectAboveDirective { directive };
        errors.push(kind.at(line.place()));
    }
    (dialect, errors)
}

/// What stands behind `=`, cut at commas, with the place of each.
fn words<'d>(data: &'d [u8], line: &Directive<'d>) -> Vec<(&'d str, Span)> {
    let whole = line.value.span;
    let raw = data.get(whole.start..whole.end).unwrap_or_default();
    // A line of another encoding would not have been found.
    let raw = std::str::from_utf8(raw).unwrap_or_default();
    let Some((before, value)) = raw.split_once('=') else {
        return Vec::new();
    };
    let mut at = whole.start + before.len() + 1;
    let cut = value.split(',').map(|part| {
        let start = at + (part.len() - part.trim_start().len());
        at += part.len() + 1;
        let word = part.trim();
        (word, Span::new(start, start + word.len()))
    });
    cut.collect()
}

/// The name of a directive in the lines right below, which is none there.
fn hidden_directive(data: &[u8], line: LineRange) -> Option<&'static str> {
    let below = data.split(|byte| *byte == b'\n').skip(line.end);
    let mut comments = below.map_while(|line| line.trim_ascii().strip_prefix(b"#"));
    comments.find_map(|comment| directive::named(comment.trim_ascii_start()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_with_the_line() {
        for (file, message, marked) in [
            ("# plimsoll=2\n", "the dialect has version 1", "2"),
            ("# plimsoll=\n", "the dialect has version 1", ""),
            ("# plimsoll=1, stirct\n", "(did you mean strict?)", "stirct"),
            ("# plimsoll=1,lock,\n", "strict and lock", ""),
            (
                "# plimsoll=1\n# syntax=x\nFROM a\n",
                "stands above `# syntax=`",
                "# plimsoll=1",
            ),
        ] {
            let (dialect, errors) = find(file.as_bytes());
            assert!(dialect.is_on, "{file}");
            let [error] = &errors[..] else {
                panic!("{file}: {errors:?}")
            };
            assert!(error.to_string().contains(message), "{file}: {error}");
            assert_eq!(&file[error.span.start..error.span.end], marked, "{file}");
        }
    }

    #[test]
    fn a_directive_further_down_is_a_comment_like_any_other() {
        let file = b"# plimsoll=1\n\n# syntax=docker/dockerfile is what it was\nFROM a\n";
        assert_eq!(find(file).1, []);
    }
}
