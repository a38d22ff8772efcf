//! JSON as Go's `encoding/json` prints it: the image's digest depends on every byte.

use std::io;

use serde::Serialize;
use serde_json::ser::{Formatter, Serializer};

/// Compact JSON in which `<`, `>`, `&` and the two line separators are escaped, as Go does for HTML's sake.
struct GoFormatter;

/// The first of the three bytes of a line separator.
const SEPARATOR: u8 = 0xe2;

/// The bytes that may begin something to escape.
static SUSPECTS: [bool; 256] = {
    let mut suspects = [false; 256];
    suspects[b'<' as usize] = true;
    suspects[b'>' as usize] = true;
    suspects[b'&' as usize] = true;
    suspects[SEPARATOR as usize] = true;
    suspects
};

impl Formatter for GoFormatter {
    fn write_string_fragment<W>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()>
    where
        W: ?Sized + io::Write,
    {
        // By bytes: a search for several characters would decode them all.
        let is_suspect = |byte: &u8| SUSPECTS[usize::from(*byte)];
        let bytes = fragment.as_bytes();
        let (mut written, mut at) = (0, 0);
        while let Some(step) = bytes[at..].iter().position(is_suspect) {
            at += step;
            let special = match bytes[at..] {
                [SEPARATOR, 0x80, last @ (0xa8 | 0xa9), ..] => Some((3, 0x2000 + u32::from(last - 0x80))),
                [SEPARATOR, ..] => None,
                _ => Some((1, u32::from(bytes[at]))),
            };
            if let Some((length, code)) = special {
                writer.write_all(&bytes[written..at])?;
                write!(writer, "\\u{code:04x}")?;
                written = at + length;
            }
            at += special.map_or(1, |(length, _)| length);
        }
        writer.write_all(&bytes[written..])
    }
}

/// The bytes of `value`, which are about `length`; empty only if it cannot be printed, which plain data always can.
pub(crate) fn to_bytes(value: &impl Serialize, length: usize) -> Vec<u8> {
    let mut out = Vec::with_capacity(length);
    let mut serializer = Serializer::with_formatter(&mut out, GoFormatter);
    if value.serialize(&mut serializer).is_err() {
        out.clear();
    }
    out
}

/// Whether a value is left out as it says nothing.
pub(crate) fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

#[cfg(test)]
mod tests {
    #[test]
    fn html_is_escaped() {
        let bytes = super::to_bytes(&"a<b>&\u{2028}\u{2027}\u{202a}\u{2029}\"\n", 0);
        assert_eq!(
            String::from_utf8(bytes).unwrap(),
            concat!(
                r#""a\u003cb\u003e\u0026\u2028"#,
                "\u{2027}\u{202a}",
                r#"\u2029\"\n""#
            )
        );
    }
}
