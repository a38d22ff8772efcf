//! JSON as Go's `encoding/json` indents it.

use serde::Serialize;

/// The bytes of `value`; empty only if it cannot be printed, which plain data always can.
pub(super) fn pretty(value: &impl Serialize) -> Vec<u8> {
    let json = serde_json::to_string_pretty(value).unwrap_or_default();
    let mut out = String::with_capacity(json.len());
    // Go escapes what HTML would interpret. Outside of strings JSON has none of these characters.
    for c in json.chars() {
        match c {
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            _ => out.push(c),
        }
    }
    out.into_bytes()
}

#[cfg(test)]
mod tests {
    #[test]
    fn html_is_escaped() {
        let json = super::pretty(&["<&>\"\u{2028}"]);
        assert_eq!(
            String::from_utf8(json).unwrap(),
            "[\n  \"\\u003c\\u0026\\u003e\\\"\\u2028\"\n]"
        );
    }
}
