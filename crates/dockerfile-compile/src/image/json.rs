//! JSON as Go's `encoding/json` prints it: the image's digest depends on every byte.

use std::io;

use serde::Serialize;
use serde_json::ser::{CompactFormatter, Formatter, Serializer};

/// Compact JSON in which `<`, `>`, `&` and the two line separators are escaped, as Go does for HTML's sake.
struct GoFormatter(CompactFormatter);

impl Formatter for GoFormatter {
    fn write_string_fragment<W>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()>
    where
        W: ?Sized + io::Write,
    {
        let mut rest = fragment;
        while let Some(at) = rest.find(['<', '>', '&', '\u{2028}', '\u{2029}']) {
            let (before, from) = rest.split_at(at);
            self.0.write_string_fragment(writer, before)?;
            let Some(special) = from.chars().next() else { break };
            write!(writer, "\\u{:04x}", u32::from(special))?;
            rest = from.get(special.len_utf8()..).unwrap_or_default();
        }
        self.0.write_string_fragment(writer, rest)
    }
}

/// The bytes of `value`; empty only if it cannot be printed, which plain data always can.
pub(crate) fn to_bytes(value: &impl Serialize) -> Vec<u8> {
    let mut out = Vec::new();
    let mut serializer = Serializer::with_formatter(&mut out, GoFormatter(CompactFormatter));
    if value.serialize(&mut serializer).is_err() {
        out.clear();
    }
    out
}

#[cfg(test)]
mod tests {
    #[test]
    fn html_is_escaped() {
        let bytes = super::to_bytes(&"a<b>&\u{2028}\"\n");
        assert_eq!(
            String::from_utf8(bytes).unwrap(),
            r#""a\u003cb\u003e\u0026\u2028\"\n""#
        );
    }
}
