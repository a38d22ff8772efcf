//! JSON as far as a Dockerfile has it: arrays of strings, and one key of an object.
//!
//! Strings are decoded as the reference decodes them: bytes that are not UTF-8 and halves of surrogate pairs become
//! U+FFFD. Values of other kinds are checked and passed over, without recursion.

use std::borrow::Cow;
use std::ops::Range;

/// More than so many arrays and objects within each other are no JSON.
const MAX_DEPTH: usize = 10_000;

/// What a text is that begins with `[`.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Array {
    /// No JSON array.
    No,
    /// An array of strings.
    Strings(Vec<Text>),
    /// An array with something else in it.
    Mixed,
}

/// A string.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Text {
    /// Where it stands in the text, quotes included.
    pub(crate) range: Range<usize>,
    /// The string, where it has escapes; otherwise it is what stands there.
    pub(crate) decoded: Option<String>,
}

impl Text {
    /// What stands between the quotes.
    pub(crate) fn inner(&self) -> Range<usize> {
        self.range.start + 1..self.range.end - 1
    }
}

/// Reads a whole text as an array.
pub(crate) fn array(text: &[u8]) -> Array {
    let mut scanner = Scanner {
        text,
        at: 0,
        too_large: false,
    };
    match scanner.array() {
        Some(_) if scanner.too_large => Array::No,
        Some(Some(strings)) => Array::Strings(strings),
        Some(None) => Array::Mixed,
        None => Array::No,
    }
}

/// Reads a whole text as an object; gives the value of a key when that is a string. The last one counts.
pub(crate) fn string_of_key(text: &[u8], key: &str) -> Option<String> {
    let mut scanner = Scanner {
        text,
        at: 0,
        too_large: false,
    };
    let value = scanner.object(key)?;
    if scanner.too_large { None } else { value }
}

struct Scanner<'a> {
    text: &'a [u8],
    at: usize,
    /// Whether there was a number that no 64-bit float holds.
    too_large: bool,
}

impl<'a> Scanner<'a> {
    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn blanks(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\r' | b'\n')) {
            self.at += 1;
        }
    }

    /// Takes a byte behind blanks, if it is the next one.
    fn take(&mut self, byte: u8) -> bool {
        self.blanks();
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn end(&mut self) -> Option<()> {
        self.blanks();
        (self.at == self.text.len()).then_some(())
    }

    /// None: no JSON. Some(None): not only strings.
    fn array(&mut self) -> Option<Option<Vec<Text>>> {
        let mut strings = Some(Vec::new());
        self.take(b'[').then_some(())?;
        if !self.take(b']') {
            loop {
                self.blanks();
                if self.peek() == Some(b'"') {
                    let text = self.text()?;
                    if let Some(strings) = &mut strings {
                        strings.push(text);
                    }
                } else {
                    self.skip_value()?;
                    strings = None;
                }
                if self.take(b']') {
                    break;
                }
                self.take(b',').then_some(())?;
            }
        }
        self.end()?;
        Some(strings)
    }

    /// None: no JSON object. Some(None): the key is missing or no string.
    fn object(&mut self, wanted: &str) -> Option<Option<String>> {
        let mut found = None;
        self.take(b'{').then_some(())?;
        if !self.take(b'}') {
            loop {
                let key = self.key()?;
                self.blanks();
                let value = if self.peek() == Some(b'"') {
                    Some(self.string()?.into_owned())
                } else {
                    self.skip_value()?;
                    None
                };
                if key == wanted {
                    found = value;
                }
                if self.take(b'}') {
                    break;
                }
                self.take(b',').then_some(())?;
            }
        }
        self.end()?;
        Some(found)
    }

    /// A key and its colon.
    fn key(&mut self) -> Option<Cow<'a, str>> {
        self.blanks();
        let key = self.string()?;
        self.take(b':').then_some(key)
    }

    /// Passes over a value that stands within the outermost array or object.
    fn skip_value(&mut self) -> Option<()> {
        // The closing byte of each array and object that is open.
        let mut open = Vec::new();
        loop {
            self.blanks();
            match self.peek()? {
                b'"' => drop(self.string()?),
                b'[' => {
                    self.at += 1;
                    if !self.take(b']') {
                        open.push(b']');
                        (open.len() < MAX_DEPTH).then_some(())?;
                        continue;
                    }
                    (open.len() + 1 < MAX_DEPTH).then_some(())?;
                }
                b'{' => {
                    self.at += 1;
                    if !self.take(b'}') {
                        open.push(b'}');
                        (open.len() < MAX_DEPTH).then_some(())?;
                        self.key()?;
                        continue;
                    }
                    (open.len() + 1 < MAX_DEPTH).then_some(())?;
                }
                b't' => self.literal(b"true")?,
                b'f' => self.literal(b"false")?,
                b'n' => self.literal(b"null")?,
                _ => self.number()?,
            }
            loop {
                let Some(&close) = open.last() else {
                    return Some(());
                };
                if self.take(close) {
                    open.pop();
                    continue;
                }
                self.take(b',').then_some(())?;
                if close == b'}' {
                    self.key()?;
                }
                break;
            }
        }
    }

    fn literal(&mut self, word: &[u8]) -> Option<()> {
        self.text[self.at..].starts_with(word).then_some(())?;
        self.at += word.len();
        Some(())
    }

    fn digits(&mut self) -> Option<()> {
        let start = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        (self.at > start).then_some(())
    }

    fn number(&mut self) -> Option<()> {
        let start = self.at;
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        if self.peek() == Some(b'0') {
            self.at += 1;
        } else {
            self.digits()?;
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.digits()?;
        }
        let number = std::str::from_utf8(&self.text[start..self.at]).ok()?;
        self.too_large |= number.parse::<f64>().is_ok_and(f64::is_infinite);
        Some(())
    }

    fn string(&mut self) -> Option<Cow<'a, str>> {
        let text = self.text()?;
        Some(match text.decoded {
            Some(decoded) => Cow::Owned(decoded),
            None => crate::text::lossy(&self.text[text.inner()]),
        })
    }

    fn text(&mut self) -> Option<Text> {
        let start = self.at;
        (self.peek() == Some(b'"')).then_some(())?;
        self.at += 1;
        let mut decoded: Option<String> = None;
        loop {
            let rest = &self.text[self.at..];
            let plain = rest
                .iter()
                .position(|&byte| matches!(byte, b'"' | b'\\' | 0..0x20))?;
            let piece = &rest[..plain];
            self.at += plain + 1;
            match rest[plain] {
                b'"' => {
                    if let Some(decoded) = &mut decoded {
                        decoded.push_str(&crate::text::lossy(piece));
                    }
                    let range = start..self.at;
                    return Some(Text { range, decoded });
                }
                b'\\' => {
                    let escaped = self.escaped()?;
                    let decoded = decoded.get_or_insert_default();
                    decoded.push_str(&crate::text::lossy(piece));
                    decoded.push(escaped);
                }
                _ => return None,
            }
        }
    }

    /// What stands behind a backslash.
    fn escaped(&mut self) -> Option<char> {
        let byte = self.peek()?;
        self.at += 1;
        Some(match byte {
            b'"' | b'\\' | b'/' => char::from(byte),
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => return self.unicode(),
            _ => return None,
        })
    }

    fn hex(&self, at: usize) -> Option<u32> {
        let digits = self.text.get(at..at + 4)?;
        digits
            .iter()
            .try_fold(0, |sum, &byte| Some(sum * 16 + char::from(byte).to_digit(16)?))
    }

    /// Four hex digits, or twice that for a surrogate pair.
    fn unicode(&mut self) -> Option<char> {
        let first = self.hex(self.at)?;
        self.at += 4;
        if let Some(ch) = char::from_u32(first) {
            return Some(ch);
        }
        if first < 0xDC00
            && self.text[self.at..].starts_with(b"\\u")
            && let Some(second @ 0xDC00..0xE000) = self.hex(self.at + 2)
        {
            self.at += 6;
            return char::from_u32(0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00));
        }
        Some(char::REPLACEMENT_CHARACTER)
    }
}
