//! Bytes that a text file can't hold as they are.
//!
//! In an escaped section line ends are not part of the content. `\n` `\r` `\t` `\\` are one byte each, `\xHH` any
//! byte, and `\{N}` before a character is that character N times.

/// Runs that are at least this long are counted.
const LONG_RUN: usize = 200;

/// Whether text can stand in a section as it is.
pub(crate) fn is_plain(content: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(content) else {
        return false;
    };
    let odd = |char: char| (char.is_control() && !matches!(char, '\n' | '\t')) || char == '\u{feff}';
    let ends = text.is_empty() || text.ends_with('\n');
    ends && !text.contains(odd) && !text.lines().any(is_header) && longest_run(text) < LONG_RUN
}

/// Whether a line begins a section.
pub(crate) fn is_header(line: &str) -> bool {
    line.len() > 6 && line.starts_with("-- ") && line.ends_with(" --")
}

fn longest_run(text: &str) -> usize {
    let (mut longest, mut run, mut last) = (0, 0, '\0');
    for char in text.chars() {
        run = if char == last { run + 1 } else { 1 };
        last = char;
        longest = longest.max(run);
    }
    longest
}

/// Counts long runs of one character, in text that is for people alone.
pub(crate) fn fold_runs(text: &str) -> String {
    if longest_run(text) < LONG_RUN {
        return text.to_owned();
    }
    let mut out = String::new();
    let chars: Vec<char> = text.chars().collect();
    for run in chars.chunk_by(|a, b| a == b) {
        match run {
            [char, ..] if run.len() >= LONG_RUN => out.push_str(&format!("\\{{{}}}{char}", run.len())),
            short => out.extend(short),
        }
    }
    out
}

/// The escaped form; one line in the file for each of the content.
pub(crate) fn escape(content: &[u8]) -> String {
    let mut out = String::new();
    for run in content.chunk_by(|a, b| a == b) {
        let byte = run.first().copied().unwrap_or_default();
        if run.len() >= LONG_RUN && byte.is_ascii_graphic() && byte != b'\\' {
            out.push_str(&format!("\\{{{}}}{}", run.len(), char::from(byte)));
            continue;
        }
        for &byte in run {
            match byte {
                b'\n' => out.push_str("\\n\n"),
                b'\r' => out.push_str("\\r"),
                b'\t' => out.push_str("\\t"),
                b'\\' => out.push_str("\\\\"),
                b' '..=b'~' => out.push(char::from(byte)),
                _ => out.push_str(&format!("\\x{byte:02x}")),
            }
        }
    }
    if !out.is_empty() && !out.ends_with('\n') {
        out.push('\n');
    }
    out
}

/// The content of an escaped form.
///
/// # Errors
/// Fails on an escape that is none, and says which.
pub(crate) fn unescape(text: &str) -> Result<Vec<u8>, String> {
    let mut out = Vec::new();
    let mut chars = text.chars();
    while let Some(char) = chars.next() {
        match char {
            '\n' => {}
            '\\' => unescape_one(&mut chars, &mut out)?,
            char => out.extend(char.to_string().bytes()),
        }
    }
    Ok(out)
}

fn unescape_one(chars: &mut std::str::Chars<'_>, out: &mut Vec<u8>) -> Result<(), String> {
    match chars.next() {
        Some('n') => out.push(b'\n'),
        Some('r') => out.push(b'\r'),
        Some('t') => out.push(b'\t'),
        Some('\\') => out.push(b'\\'),
        Some('x') => {
            let digits: String = chars.by_ref().take(2).collect();
            out.push(u8::from_str_radix(&digits, 16).map_err(|_| format!("\\x{digits} is no byte"))?);
        }
        Some('{') => {
            let count: String = chars.by_ref().take_while(|&char| char != '}').collect();
            let count: usize = count.parse().map_err(|_| format!("{{{count}}} is no count"))?;
            let char = chars.next().ok_or("a count without a character")?;
            out.extend(char.to_string().repeat(count).bytes());
        }
        other => return Err(format!("\\{} is no escape", other.unwrap_or(' '))),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_come_back() {
        let content = [
            b"\xef\xbb\xbfFROM a\\\r\n\tb\xff ".to_vec(),
            vec![b'x'; 5000],
            vec![b'\n'],
        ]
        .concat();
        assert!(!is_plain(&content));
        assert_eq!(unescape(&escape(&content)), Ok(content));
        assert_eq!(escape(b"a\r\nb"), "a\\r\\n\nb\n");
    }

    #[test]
    fn what_is_plain() {
        assert!(is_plain(b"") && is_plain(b"a\n") && is_plain(b"-- a\n"));
        assert!(!is_plain(b"a") && !is_plain(b"-- a --\n") && !is_plain(b"\r\n"));
    }
}
