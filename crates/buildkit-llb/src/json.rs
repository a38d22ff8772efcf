//! A definition as JSON.

/// A JSON array of strings, as Go's encoder writes it.
pub fn string_array(strings: &[String]) -> String {
    let mut out = String::from("[");
    for (index, string) in strings.iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        push_string(&mut out, string);
    }
    out.push(']');
    out
}

/// A JSON string, with the escapes of Go's encoder: what is special in HTML or
/// JavaScript is escaped too.
pub(crate) fn push_string(out: &mut String, text: &str) {
    use std::fmt::Write;

    out.push('"');
    for char in text.chars() {
        match char {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '\0'..='\u{1f}' | '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
                // A string takes all that is written to it.
                let _ = write!(out, "\\u{:04x}", u32::from(char));
            }
            other => out.push(other),
        }
    }
    out.push('"');
}
