//! JSON as Go's `encoding/json` prints it: the image's digest depends on every byte.

use std::io::Write as _;

/// The first of the three bytes of a line separator.
const SEPARATOR: u8 = 0xe2;

/// The bytes that may begin something to escape: those that JSON escapes, and `<`, `>`, `&` and the two line separators,
/// which Go escapes for HTML's sake.
static SUSPECTS: [bool; 256] = {
    let mut suspects = [false; 256];
    let mut control = 0;
    while control < b' ' {
        suspects[control as usize] = true;
        control += 1;
    }
    suspects[b'"' as usize] = true;
    suspects[b'\\' as usize] = true;
    suspects[b'<' as usize] = true;
    suspects[b'>' as usize] = true;
    suspects[b'&' as usize] = true;
    suspects[SEPARATOR as usize] = true;
    suspects
};

/// An object that is being written, in the order in which its fields come.
pub(crate) struct Object<'o> {
    out: &'o mut Vec<u8>,
    is_empty: bool,
}

impl<'o> Object<'o> {
    /// Begins an object.
    pub(crate) fn new(out: &'o mut Vec<u8>) -> Self {
        out.push(b'{');
        Self { out, is_empty: true }
    }

    /// Ends the object.
    pub(crate) fn end(self) {
        self.out.push(b'}');
    }

    /// Ends the object with fields that are written already, behind others.
    pub(crate) fn end_with(self, fields: &str) {
        self.out.extend_from_slice(fields.as_bytes());
        self.end();
    }

    /// Writes the name of a field, in which there is nothing to escape; its value comes next.
    pub(crate) fn field(&mut self, name: &'static str) -> &mut Vec<u8> {
        let out = self.next();
        out.push(b'"');
        out.extend_from_slice(name.as_bytes());
        out.extend_from_slice(b"\":");
        out
    }

    /// [`Object::field`] of any name.
    pub(crate) fn key(&mut self, name: &str) -> &mut Vec<u8> {
        let out = self.next();
        text(out, name);
        out.push(b':');
        out
    }

    fn next(&mut self) -> &mut Vec<u8> {
        if !self.is_empty {
            self.out.push(b',');
        }
        self.is_empty = false;
        self.out
    }

    /// A text.
    pub(crate) fn text(&mut self, name: &'static str, value: &str) {
        text(self.field(name), value);
    }

    /// A text, unless it is empty.
    pub(crate) fn some_text(&mut self, name: &'static str, value: &str) {
        if !value.is_empty() {
            self.text(name, value);
        }
    }

    /// A number, unless it is zero.
    pub(crate) fn some_number(&mut self, name: &'static str, value: i64) {
        if value != 0 {
            // A list of bytes takes all that is written to it.
            let _ = write!(self.field(name), "{value}");
        }
    }

    /// A flag, unless it is unset.
    pub(crate) fn some_flag(&mut self, name: &'static str, value: bool) {
        if value {
            self.field(name).extend_from_slice(b"true");
        }
    }

    /// Texts, unless there are none.
    pub(crate) fn some_texts<T: AsRef<str>>(&mut self, name: &'static str, values: &[T]) {
        if !values.is_empty() {
            texts(self.field(name), values);
        }
    }
}

/// Writes a list of texts.
pub(crate) fn texts<T: AsRef<str>>(out: &mut Vec<u8>, values: &[T]) {
    list(out, values, |out, value| text(out, value.as_ref()));
}

/// Writes a list.
pub(crate) fn list<T>(
    out: &mut Vec<u8>,
    values: impl IntoIterator<Item = T>,
    mut write: impl FnMut(&mut Vec<u8>, T),
) {
    out.push(b'[');
    for (index, value) in values.into_iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        write(out, value);
    }
    out.push(b']');
}

/// Writes a text.
pub(crate) fn text(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    // By bytes: a search for several characters would decode them all.
    let is_suspect = |byte: &u8| SUSPECTS[usize::from(*byte)];
    let bytes = text.as_bytes();
    let (mut written, mut at) = (0, 0);
    while let Some(step) = bytes[at..].iter().position(is_suspect) {
        at += step;
        let length = match bytes[at..] {
            [SEPARATOR, 0x80, 0xa8 | 0xa9, ..] => 3,
            [SEPARATOR, ..] => {
                at += 1;
                continue;
            }
            _ => 1,
        };
        out.extend_from_slice(&bytes[written..at]);
        escape(out, &bytes[at..at + length]);
        at += length;
        written = at;
    }
    out.extend_from_slice(&bytes[written..]);
    out.push(b'"');
}

/// Writes a character that stands for itself nowhere in a text.
fn escape(out: &mut Vec<u8>, character: &[u8]) {
    let letter = match *character {
        [quote @ (b'"' | b'\\')] => quote,
        [b'\n'] => b'n',
        [b'\r'] => b'r',
        [b'\t'] => b't',
        [0x08] => b'b',
        [0x0c] => b'f',
        [.., last] => {
            let code = match character.len() {
                1 => u32::from(last),
                _ => 0x2000 + u32::from(last & 0x7f),
            };
            // A list of bytes takes all that is written to it.
            let _ = write!(out, "\\u{code:04x}");
            return;
        }
        [] => return,
    };
    out.extend_from_slice(&[b'\\', letter]);
}

/// Whether a value is left out as it says nothing.
pub(crate) fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_are_escaped() {
        let mut out = Vec::new();
        text(
            &mut out,
            "a<b>&\u{2028}\u{2027}\u{202a}\u{2029}\"\\\n\r\t\u{8}\u{c}\u{1}\u{1f}\u{7f}é",
        );
        assert_eq!(
            String::from_utf8(out).unwrap(),
            concat!(
                r#""a\u003cb\u003e\u0026\u2028"#,
                "\u{2027}\u{202a}",
                r#"\u2029\"\\\n\r\t\b\f\u0001\u001f"#,
                "\u{7f}é\""
            )
        );
    }

    #[test]
    fn what_says_nothing_is_left_out() {
        let mut out = Vec::new();
        let mut object = Object::new(&mut out);
        object.some_text("a", "");
        object.some_number("b", 0);
        object.some_flag("c", false);
        object.some_texts::<&str>("d", &[]);
        object.text("e", "");
        object.some_number("f", -1);
        object.some_texts("g", &["x", ""]);
        object.some_flag("h", true);
        object.end();
        assert_eq!(out, br#"{"e":"","f":-1,"g":["x",""],"h":true}"#);
    }
}
