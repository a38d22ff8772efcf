//! Heredocs: words like `<<EOF`, and their bodies.
//!
//! A word is `[digits]<<[-]name`; with any quote in the name the body is never expanded. The body ends with a line that
//! is exactly the name; with `-`, tabs before the name do not count.

use crate::budget::Budget;
use crate::expand::{Lexer, NoEnv};
use crate::text;

/// A heredoc with its body.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Heredoc {
    /// The word that ends the body, without quotes.
    pub name: String,
    /// Whether variables in the body may be expanded: no part of the word is quoted.
    pub expand: bool,
    /// Whether leading tabs of the body go away (`<<-`).
    pub chomp: bool,
    /// The digits before `<<`, as written.
    pub fd: String,
    /// The body with its line ends as written, tabs included (see [`chomp`]), as text.
    pub content: String,
    /// The body as bytes.
    pub bytes: Vec<u8>,
}

/// Removes the tabs that lines begin with.
#[must_use]
pub fn chomp(content: &str) -> String {
    content
        .split_inclusive('\n')
        .map(|line| line.trim_start_matches('\t'))
        .collect()
}

/// [`chomp`] for bytes.
pub(crate) fn chomp_bytes(content: &[u8]) -> Vec<u8> {
    content
        .split_inclusive(|&byte| byte == b'\n')
        .flat_map(trim_tabs)
        .copied()
        .collect()
}

/// The bytes without the tabs that they begin with.
pub(crate) fn trim_tabs(line: &[u8]) -> &[u8] {
    let tabs = line.iter().take_while(|&&byte| byte == b'\t').count();
    &line[tabs..]
}

/// Reads one shell word such as `<<EOF` or `3<<-"EOF"`. None when it is no heredoc (or none that can be read).
#[must_use]
pub fn parse_word(word: &str) -> Option<Heredoc> {
    read_word(word).ok().flatten()
}

/// A word that looks like a heredoc and cannot be read.
pub(crate) struct Unreadable;

/// Reads one shell word; None when it is no heredoc.
pub(crate) fn read_word(word: &str) -> Result<Option<Heredoc>, Unreadable> {
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
        name: plain.clone(),
        expand: quotes(plain) == quotes(raw),
        chomp,
        fd: fd.to_owned(),
        ..Heredoc::default()
    }))
}

impl Heredoc {
    /// Whether a line ends it.
    pub(crate) fn ends_at(&self, line: &[u8]) -> bool {
        let content = text::trim_line_end(line);
        let content = if self.chomp { trim_tabs(content) } else { content };
        content == self.name.as_bytes()
    }
}

/// The heredocs that a line announces, in order, without their bodies. The error is the word that cannot be read.
pub(crate) fn in_line(line: &str) -> Result<Vec<Heredoc>, String> {
    let lexer = Lexer {
        raw_quotes: true,
        raw_escapes: true,
        skip_unset_env: true,
        ..Lexer::new('\\')
    };
    // A line that the lexer cannot read has no heredocs: the shell may well be able to read it.
    let words = lexer
        .process_words(line, &NoEnv, &Budget::new())
        .unwrap_or_default();
    let mut found = Vec::new();
    for word in words {
        match read_word(&word) {
            Ok(heredoc) => found.extend(heredoc),
            Err(Unreadable) => return Err(word),
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
        assert_eq!(
            chomp_bytes(b"\t\ta\tb\n \tc\n\t\n\td\xff"),
            b"a\tb\n \tc\n\nd\xff"
        );
    }
}
