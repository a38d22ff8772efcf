//! Two texts, line by line.

/// The lines of two texts that differ: ours under `-`, the reference's under `+`.
#[must_use]
pub fn difference(ours: &str, reference: &str) -> String {
    let (left, right): (Vec<&str>, Vec<&str>) = (ours.lines().collect(), reference.lines().collect());
    let head = left.iter().zip(&right).take_while(|(a, b)| a == b).count();
    let (left, right) = (&left[head..], &right[head..]);
    let tail = left
        .iter()
        .rev()
        .zip(right.iter().rev())
        .take_while(|(a, b)| a == b)
        .count();
    let (left, right) = (&left[..left.len() - tail], &right[..right.len() - tail]);
    let mut out = String::new();
    for step in steps(left, right) {
        out.push_str(&step);
    }
    out
}

/// Lines of one and of the other, those that both have in between left out.
fn steps(left: &[&str], right: &[&str]) -> Vec<String> {
    /// Longer texts are shown whole.
    const LIMIT: usize = 400;
    let mut out = Vec::new();
    if left.len().max(right.len()) > LIMIT {
        out.extend(left.iter().map(|line| format!("    - {line}\n")));
        out.extend(right.iter().map(|line| format!("    + {line}\n")));
        return out;
    }
    // Length of the longest common part of what is left from each pair of places.
    let mut common = vec![vec![0_usize; right.len() + 1]; left.len() + 1];
    for i in (0..left.len()).rev() {
        for j in (0..right.len()).rev() {
            common[i][j] = match left[i] == right[j] {
                true => common[i + 1][j + 1] + 1,
                false => common[i + 1][j].max(common[i][j + 1]),
            };
        }
    }
    let (mut i, mut j) = (0, 0);
    while i < left.len() || j < right.len() {
        if i < left.len() && j < right.len() && left[i] == right[j] {
            (i, j) = (i + 1, j + 1);
        } else if j >= right.len() || (i < left.len() && common[i + 1][j] >= common[i][j + 1]) {
            out.push(format!("    - {}\n", left[i]));
            i += 1;
        } else {
            out.push(format!("    + {}\n", right[j]));
            j += 1;
        }
    }
    out
}

/// Stands where something is not shown, or what is around it would be read together.
const MARK: char = '\u{1}';

/// A text with a mark for what no terminal gets raw: control characters, bytes that are no text, and the escapes that
/// stand for them in ours.
#[must_use]
pub fn shown(bytes: &[u8]) -> String {
    let mut out = String::new();
    for chunk in bytes.utf8_chunks() {
        push_shown(&mut out, chunk.valid());
        if !chunk.invalid().is_empty() {
            push_mark(&mut out);
        }
    }
    out
}

/// Several in a row are as one.
fn push_mark(out: &mut String) {
    if !out.ends_with(MARK) {
        out.push(MARK);
    }
}

fn push_shown(out: &mut String, mut left: &str) {
    let is_hex = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let escape = |text: &str| match text.as_bytes() {
        [b'x', ..] => text.get(1..3).filter(|code| is_hex(code)).map(|_| 3),
        [b'u', b'{', ..] => text
            .find('}')
            .filter(|end| is_hex(&text[2..*end]))
            .map(|end| end + 1),
        [b'r', ..] => Some(1),
        _ => None,
    };
    while let Some(next) = left.chars().next() {
        left = &left[next.len_utf8()..];
        match next {
            '\\' => match escape(left) {
                Some(length) => {
                    left = &left[length..];
                    push_mark(out);
                }
                None => out.push(next),
            },
            '\n' | '\t' => out.push(next),
            // Changes of the direction of text.
            '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
                push_mark(out);
            }
            next if next.is_control() => push_mark(out),
            next => out.push(next),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{difference, shown};

    #[test]
    fn an_escape_and_what_it_stands_for_are_the_same() {
        assert_eq!(shown(b"a\\x1b\\u{85}\\xff\n"), shown(b"a\x1b\xc2\x85\xff\n"));
        assert_eq!(shown(b"\\\xffn"), shown(b"\\\\xffn"));
        assert_eq!(shown(b"\xc3\0\xa4"), shown(b"\\xc3\\x00\\xa4"));
        assert_eq!(shown(b"\\d \\xyz \\u{} \\"), "\\d \\xyz \\u{} \\");
    }

    #[test]
    fn shows_what_differs() {
        assert_eq!(
            difference("a\nb\nc\nd\n", "a\nx\nc\ny\nd\n"),
            "    - b\n    + x\n    + y\n"
        );
        assert_eq!(difference("a\n", "a\n"), "");
    }
}
