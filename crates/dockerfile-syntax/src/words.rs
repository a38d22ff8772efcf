//! Cutting an instruction's text into words.

use crate::text;
use std::ops::Range;

/// Cuts at white space outside of quotes. Quotes and escapes stay in the words: expansion removes them.
///
/// Between double quotes the escape character protects the next one, between single quotes nothing does. An escape
/// character at the very end falls away. A word of empty quotes counts.
pub(crate) fn shell_words(
    line: &[u8],
    range: Range<usize>,
    escape: char,
) -> impl Iterator<Item = Range<usize>> {
    let mut at = range.start;
    std::iter::from_fn(move || shell_word(line, &mut at, range.end, escape))
}

/// The word that is next between `at` and `last`.
fn shell_word(line: &[u8], at: &mut usize, last: usize, escape: char) -> Option<Range<usize>> {
    *at += text::leading_space(&line[*at..last]);
    let begin = *at;
    let mut quote = None;
    while *at < last {
        let (ch, width) = text::decode(&line[*at..last]);
        if quote.is_none() && ch.is_whitespace() {
            return Some(begin..*at);
        }
        *at += width;
        match quote {
            None if ch == '\'' || ch == '"' => quote = Some(ch),
            Some(open) if ch == open => quote = None,
            _ => {}
        }
        if ch == escape && quote != Some('\'') {
            if *at == last {
                let end = last - width;
                return (begin < end).then_some(begin..end);
            }
            *at += text::decode(&line[*at..last]).1;
        }
    }
    (begin < last).then_some(begin..last)
}

/// Takes the flags off the front of an instruction's text: words that begin with `--`, up to the word `--`.
/// Gives where the rest begins, and to `found` each flag's range, and its text where quotes and escapes were taken out
/// of it or it has other than ASCII characters.
///
/// This runs over bytes, each taken as a Latin-1 character: what the reference does with other text in flags is odd,
/// but it decides what ends up in the build.
pub(crate) fn flags(
    line: &[u8],
    range: Range<usize>,
    escape: u8,
    mut found: impl FnMut(Range<usize>, Option<String>),
) -> usize {
    let mut at = range.start;
    loop {
        while at < range.end && text::is_latin1_space(line[at]) {
            at += 1;
        }
        if !line[at..range.end].starts_with(b"--") {
            return at;
        }
        let (changed, end) = flag_word(line, at..range.end, escape);
        if changed.as_deref().map_or(&line[at..end], str::as_bytes) == b"--" {
            return end;
        }
        found(at..end, changed);
        at = end;
    }
}

/// One flag: its text where that is not what stands there, and where it ends.
fn flag_word(line: &[u8], range: Range<usize>, escape: u8) -> (Option<String>, usize) {
    let ends_plain =
        |byte: &u8| matches!(byte, b'\'' | b'"' | 0x80..) || *byte == escape || text::is_latin1_space(*byte);
    let plain = line[range.clone()].iter().position(ends_plain);
    let mut at = plain.map_or(range.end, |plain| range.start + plain);
    if at == range.end || text::is_latin1_space(line[at]) {
        return (None, at);
    }
    let mut word: String = line[range.start..at].iter().copied().map(char::from).collect();
    let mut quote = None;
    while at < range.end {
        let byte = line[at];
        match quote {
            None if text::is_latin1_space(byte) => break,
            None if byte == b'\'' || byte == b'"' => quote = Some(byte),
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
    (Some(word), at.min(range.end))
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
            let got: Vec<&str> = shell_words(line.as_bytes(), 0..line.len(), '\\')
                .map(|word| &line[word])
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
            let mut got: Vec<String> = Vec::new();
            let at = flags(line.as_bytes(), 0..line.len(), b'\\', |range, changed| {
                got.push(changed.unwrap_or_else(|| line[range].to_owned()));
            });
            assert_eq!(
                (got, &line[at..]),
                (want.into_iter().map(String::from).collect(), rest),
                "{line}"
            );
        }
    }
}
