//! Heredocs: words like `<<EOF`, and their bodies.
//!
//! A word is `[digits]<<[-]name`; with any quote in the name the body is never expanded. The body ends with a line that
//! is exactly the name; with `-`, tabs before the name do not count.

use std::borrow::Cow;
use std::ops::Range;

use crate::budget::Budget;
use crate::expand::{Lexer, NoEnv};
use crate::text;
use crate::word::into_owned;

/// A heredoc with its body.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Heredoc<'a> {
    /// The word that ends the body, without quotes.
    pub name: String,
    /// Whether variables in the body may be expanded: no part of the word is quoted.
    pub expand: bool,
    /// Whether leading tabs of the body go away (`<<-`).
    pub chomp: bool,
    /// The digits before `<<`, as written.
    pub fd: String,
    /// The body with its line ends as written, tabs included (see [`Heredoc::text`]).
    pub bytes: Cow<'a, [u8]>,
}

into_owned!(Heredoc {
    name,
    expand,
    chomp,
    fd,
    bytes
});

/// Removes the tabs that lines begin with.
#[must_use]
pub fn chomp(content: &str) -> String {
    content
        .split_inclusive('\n')
        .map(|line| line.trim_start_matches('\t'))
        .collect()
}

/// [`chomp`] for bytes; they stay as they are where there are no such tabs.
fn chomp_bytes(content: Cow<'_, [u8]>) -> Cow<'_, [u8]> {
    let has_tabs = content.first() == Some(&b'\t') || content.windows(2).any(|pair| pair == b"\n\t");
    if !has_tabs {
        return content;
    }
    let mut out = Vec::with_capacity(content.len());
    for line in content.split_inclusive(|&byte| byte == b'\n') {
        out.extend_from_slice(trim_tabs(line));
    }
    Cow::Owned(out)
}

/// The bytes without the tabs that they begin with.
fn trim_tabs(line: &[u8]) -> &[u8] {
    let tabs = line.iter().take_while(|&&byte| byte == b'\t').count();
    &line[tabs..]
}

/// Reads one shell word such as `<<EOF` or `3<<-"EOF"`. None when it is no heredoc (or none that can be read).
#[must_use]
pub fn parse_word(word: &str) -> Option<Heredoc<'static>> {
    read_word(word).ok().flatten()
}

/// A word that looks like a heredoc and cannot be read.
struct Unreadable;

/// Reads one shell word; None when it is no heredoc.
fn read_word(word: &str) -> Result<Option<Heredoc<'static>>, Unreadable> {
    let digits = word.bytes().take_while(u8::is_ascii_digit).count();
    let (fd, rest) = word.split_at(digits);
    let Some(rest) = rest.strip_prefix("<<") else {
        return Ok(None);
    };
    let (chomp, rest) = rest.strip_prefix('-').map_or((false, rest), |rest| (true, rest));
    let name = rest.trim_start_matches(['\t', '\n', '\u{c}', '\r', ' ']);
    if name.is_empty() || name.contains('<') {
        return Ok(None);
    }
    let mut lexer = Lexer::new('\\');
    lexer.skip_unset_env = true;
    let plain = lexer
        .process_words(name, &NoEnv, &Budget::new())
        .map_err(|_| Unreadable)?;
    let [plain] = plain.as_slice() else {
        return Ok(None);
    };
    lexer.raw_quotes = true;
    let raw = lexer
        .process_words(name, &NoEnv, &Budget::new())
        .map_err(|_| Unreadable)?;
    let [raw] = raw.as_slice() else {
        return Err(Unreadable);
    };
    let quotes = |text: &str| text.matches(['\'', '"']).count();
    Ok(Some(Heredoc {
        name: plain.to_string(),
        expand: quotes(plain) == quotes(raw),
        chomp,
        fd: fd.to_owned(),
        ..Heredoc::default()
    }))
}

impl<'a> Heredoc<'a> {
    /// The body as text, each byte that is not UTF-8 as U+FFFD, tabs included.
    #[must_use]
    pub fn text(&self) -> Cow<'_, str> {
        text::lossy(&self.bytes)
    }

    /// The body without the tabs that `<<-` takes away.
    pub(crate) fn body(self) -> Cow<'a, [u8]> {
        if self.chomp {
            chomp_bytes(self.bytes)
        } else {
            self.bytes
        }
    }

    /// Whether a line ends it.
    pub(crate) fn ends_at(&self, line: &[u8]) -> bool {
        let content = text::trim_line_end(line);
        let content = if self.chomp { trim_tabs(content) } else { content };
        content == self.name.as_bytes()
    }
}

/// A heredoc that a line announces.
pub(crate) struct Announced {
    /// The heredoc without its body.
    pub(crate) heredoc: Heredoc<'static>,
    /// Where its word stands in the line.
    pub(crate) range: Range<usize>,
}

/// The heredocs that a line announces, in order. The error is the word that cannot be read.
pub(crate) fn in_line(line: &str) -> Result<Vec<Announced>, (String, Range<usize>)> {
    let lexer = Lexer {
        raw_quotes: true,
        raw_escapes: true,
        skip_unset_env: true,
        ..Lexer::new('\\')
    };
    // A line that the lexer cannot read has no heredocs: the shell may well be able to read it.
    let words = lexer.process_words_in_place(line, &NoEnv, &Budget::new());
    let mut found = Vec::new();
    for (word, range) in words.unwrap_or_default() {
        match read_word(&word) {
            Ok(Some(heredoc)) => found.push(Announced { heredoc, range }),
            Ok(None) => {}
            Err(Unreadable) => return Err((word, range)),
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words() {
        // word, name, expand, chomp, fd
        for (word, want) in [
            ("<<EOF", Some(("EOF", true, false, ""))),
            ("3<<-EOF", Some(("EOF", true, true, "3"))),
            ("<<'EOF'", Some(("EOF", false, false, ""))),
            ("<<E\"O\"F", Some(("EOF", false, false, ""))),
            ("<<\\EOF", Some(("EOF", true, false, ""))),
            ("<<\\'EOF", Some(("'EOF", true, false, ""))),
            ("<<$EOF", Some(("$EOF", true, false, ""))),
            ("<< EOF", Some(("EOF", true, false, ""))),
            ("<<\"a b\"", Some(("a b", false, false, ""))),
            ("<<a b", None),
            ("<<''", None),
            ("<<<EOF", None),
            ("<<a<b", None),
            ("<<", None),
            ("x<<EOF", None),
            ("<EOF", None),
            ("<<'EOF", None),
        ] {
            let got = parse_word(word);
            let got = got
                .as_ref()
                .map(|h| (h.name.as_str(), h.expand, h.chomp, h.fd.as_str()));
            assert_eq!(got, want, "{word}");
        }
    }

    #[test]
    fn chomping() {
        assert_eq!(chomp("\t\ta\tb\n \tc\n\t\n\td"), "a\tb\n \tc\n\nd");
        let body = |bytes: &'static [u8]| chomp_bytes(Cow::Borrowed(bytes));
        assert_eq!(body(b"\t\ta\tb\n \tc\n\t\n\td\xff"), &b"a\tb\n \tc\n\nd\xff"[..]);
        assert!(matches!(body(b"a\tb\n c\n"), Cow::Borrowed(_)));
    }

    #[test]
    fn words_in_their_line() {
        for (line, marked) in [
            ("RUN cat <<A 3<<-'B' x", vec!["<<A", "3<<-'B'"]),
            ("RUN <<  A <<\"B\"", vec!["<<  A", "<<\"B\""]),
            ("COPY $x <<A /", vec!["<<A"]),
        ] {
            let found = in_line(line).unwrap_or_default();
            let found: Vec<&str> = found.iter().map(|one| &line[one.range.clone()]).collect();
            assert_eq!(found, marked, "{line}");
        }
    }
}
