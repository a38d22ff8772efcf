//! Cutting an instruction's text into words.

use crate::text;
use std::ops::Range;

/// A word as text, and its range in the line.
pub(crate) type Cut = (String, Range<usize>);

/// Cuts at white space outside of quotes. Quotes and escapes stay in the words: expansion removes them.
///
/// Between double quotes the escape character protects the next one, between single quotes nothing does. An escape
/// character at the very end falls away. A word of empty quotes counts.
pub(crate) fn shell_words(line: &[u8], range: Range<usize>, escape: char) -> Vec<Cut> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut begin = None;
    let mut quote = None;
    let mut at = range.start;
    while at < range.end {
        let (ch, width) = text::decode(&line[at..range.end]);
        if quote.is_none() && ch.is_whitespace() {
            if let Some(start) = begin.take()
                && !word.is_empty()
            {
                words.push((std::mem::take(&mut word), start..at));
            }
            at += width;
            continue;
        }
        begin.get_or_insert(at);
        at += width;
        match quote {
            None if ch == '\'' || ch == '"' => quote = Some(ch),
            Some(open) if ch == open => quote = None,
            _ => {}
        }
        if ch == escape && quote != Some('\'') {
            if at == range.end {
                break;
            }
            word.push(ch);
            let (protected, width) = text::decode(&line[at..range.end]);
            word.push(protected);
            at += width;
        } else {
            word.push(ch);
        }
    }
    if let Some(start) = begin
        && !word.is_empty()
    {
        words.push((word, start..range.end));
    }
    words
}

/// Takes the flags off the front of an instruction's text: words that begin with `--`, up to the word `--`.
/// Gives the flags without their quotes and escapes, and where the rest begins.
///
/// This runs over bytes, each taken as a Latin-1 character: what the reference does with other text in flags is odd,
/// but it decides what ends up in the build.
pub(crate) fn flags(line: &[u8], range: Range<usize>, escape: u8) -> (Vec<Cut>, usize) {
    let mut flags = Vec::new();
    let mut at = range.start;
    loop {
        while at < range.end && text::is_latin1_space(line[at]) {
            at += 1;
        }
        if !line[at..range.end].starts_with(b"--") {
            return (flags, at);
        }
        let (word, quoted, end) = flag_word(line, at..range.end, escape);
        if word == "--" {
            return (flags, end);
        }
        if quoted || !word.is_empty() {
            flags.push((word, at..end));
        }
        at = end;
    }
}

/// One flag: its text, whether it had quotes, and where it ends.
fn flag_word(line: &[u8], range: Range<usize>, escape: u8) -> (String, bool, usize) {
    let mut word = String::new();
    let mut quoted = false;
    let mut quote = None;
    let mut at = range.start;
    while at < range.end {
        let byte = line[at];
        match quote {
            None if text::is_latin1_space(byte) => break,
            None if byte == b'\'' || byte == b'"' => {
                quote = Some(byte);
                quoted = true;
            }
            Some(open) if byte == open => quote = None,
            _ if byte == escape => {
                at += 1;
                if at < range.end {
                    word.push(char::from(line[at]));
                }
            }
            _ => word.push(char::from(byte)),
        }
        at += 1;
    }
    (word, quoted, at.min(range.end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_keep_quotes() {
        for (line, want) in [
            ("a b", vec!["a", "b"]),
            ("a=\"b c\" d", vec!["a=\"b c\"", "d"]),
            (r#"a="b\" c" d"#, vec![r#"a="b\" c""#, "d"]),
            (r"a='b\' c", vec![r"a='b\'", "c"]),
            (r"a\ b c\", vec![r"a\ b", "c"]),
            ("'' x", vec!["''", "x"]),
            ("\"open x", vec!["\"open x"]),
            ("a\u{a0}b", vec!["a", "b"]),
            ("", vec![]),
            ("\\", vec![]),
        ] {
            let got: Vec<String> = shell_words(line.as_bytes(), 0..line.len(), '\\')
                .into_iter()
                .map(|word| word.0)
                .collect();
            assert_eq!(got, want, "{line}");
        }
    }

    #[test]
    fn flags_are_taken_off() {
        for (line, want, rest) in [
            ("--a=b c", vec!["--a=b"], "c"),
            ("--a='b c' --d e", vec!["--a=b c", "--d"], "e"),
            (r"--a=b\ c d", vec!["--a=b c"], "d"),
            ("-- --a", vec![], " --a"),
            ("--a", vec!["--a"], ""),
            ("-a", vec![], "-a"),
            ("--ü", vec!["--Ã¼"], ""),
            ("--à x", vec!["--Ã"], "x"),
            ("--a\\", vec!["--a"], ""),
        ] {
            let (got, at) = flags(line.as_bytes(), 0..line.len(), b'\\');
            let got: Vec<String> = got.into_iter().map(|word| word.0).collect();
            assert_eq!(
                (got, &line[at..]),
                (want.into_iter().map(String::from).collect(), rest),
                "{line}"
            );
        }
    }
}
