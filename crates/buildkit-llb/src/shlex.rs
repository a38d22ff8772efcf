//! Command lines split into words, as Go's `github.com/google/shlex` does.

use std::error::Error;
use std::fmt;

/// Why a text can't be split.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShlexError {
    text: String,
    at: usize,
    open: char,
}

impl ShlexError {
    /// The byte of the text where the quote or the backslash stands that is the matter.
    pub fn at(&self) -> usize {
        self.at
    }
}

impl fmt::Display for ShlexError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { text, at, open } = self;
        let column = text.get(..*at).map_or(0, |before| before.chars().count()) + 1;
        match open {
            '\\' => write!(
                f,
                "the backslash at the end of `{text}` has nothing to escape; write \\\\ for a backslash"
            ),
            quote => write!(
                f,
                "the quote {quote} in column {column} of `{text}` is never closed; close it, or write \\{quote} for the \
                 character itself"
            ),
        }
    }
}

impl Error for ShlexError {}

/// Splits a text at blanks, tabs and line breaks.
///
/// Text in single quotes stays as it is; in double quotes and outside of quotes a backslash takes the next character as
/// it is. A `#` where a word would begin starts a comment, up to the end of the line. Nothing is expanded.
///
/// ```
/// use llb_graph::shlex;
///
/// assert_eq!(shlex::split(r#"sh -c "echo 'a b'" # why"#)?, ["sh", "-c", "echo 'a b'"]);
/// let error = shlex::split("echo it's").unwrap_err();
/// assert_eq!(error.at(), 7);
/// # Ok::<(), shlex::ShlexError>(())
/// ```
///
/// # Errors
/// [`ShlexError`] where a quote is not closed, or nothing follows a backslash.
pub fn split(text: &str) -> Result<Vec<String>, ShlexError> {
    let mut words = Vec::new();
    let mut chars = text.char_indices();
    while let Some((at, char)) = chars.next() {
        match char {
            ' ' | '\t' | '\r' | '\n' => {}
            '#' => {
                chars.find(|(_, char)| *char == '\n');
            }
            _ => words.push(word(text, (at, char), &mut chars)?),
        }
    }
    Ok(words)
}

/// Reads a word, of which the first character is taken already, and the blank behind it.
fn word(
    text: &str,
    first: (usize, char),
    rest: &mut impl Iterator<Item = (usize, char)>,
) -> Result<String, ShlexError> {
    let error = |(at, open)| ShlexError {
        text: text.to_owned(),
        at,
        open,
    };
    let mut word = String::new();
    let mut quote: Option<(usize, char)> = None;
    let mut next = Some(first);
    while let Some((at, char)) = next {
        match (quote, char) {
            (Some((_, open)), _) if open == char => quote = None,
            (None | Some((_, '"')), '\\') => {
                let escaped = rest.next().ok_or_else(|| error((at, '\\')))?;
                word.push(escaped.1);
            }
            (Some(_), _) => word.push(char),
            (None, '"' | '\'') => quote = Some((at, char)),
            (None, ' ' | '\t' | '\r' | '\n') => return Ok(word),
            (None, _) => word.push(char),
        }
        next = rest.next();
    }
    quote.map_or(Ok(word), |open| Err(error(open)))
}

#[cfg(test)]
mod tests {
    use super::split;

    #[test]
    fn what_is_never_closed_is_named() {
        for (text, at, want) in [
            ("a \"b", 2, "the quote \" in column 3 of `a \"b` is never closed"),
            ("ä 'b\\'c'", 8, "the quote ' in column 8 of"),
            ("a\\", 1, "the backslash at the end of `a\\`"),
            ("\"a\\", 2, "the backslash at the end"),
        ] {
            let error = split(text).unwrap_err();
            assert_eq!(error.at(), at, "{text}");
            assert!(error.to_string().starts_with(want), "{error}");
        }
    }
}
