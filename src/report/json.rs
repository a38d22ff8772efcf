//! JSON as Go's `encoding/json` writes it, for readers that compare bytes.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;

/// A value on one line.
#[must_use]
pub fn go_json<T: Serialize>(value: &T) -> Vec<u8> {
    // Values here are maps, lists and strings; serializing them can't fail.
    escape_html(serde_json::to_string(value).unwrap_or_default()).into_bytes()
}

/// A value on several lines, indented by two spaces.
#[must_use]
pub fn go_json_pretty<T: Serialize>(value: &T) -> Vec<u8> {
    escape_html(serde_json::to_string_pretty(value).unwrap_or_default()).into_bytes()
}

/// Go escapes what HTML would interpret. Outside of strings JSON has none of these characters.
fn escape_html(json: String) -> String {
    let special = |c: char| matches!(c, '<' | '>' | '&' | '\u{2028}' | '\u{2029}');
    if !json.contains(special) {
        return json;
    }
    let mut out = String::with_capacity(json.len() + 16);
    for c in json.chars() {
        match c {
            c if special(c) => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out
}

/// Standard base64 with padding, the form that Go's JSON gives bytes.
#[must_use]
pub(crate) fn base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn like_go() {
        assert_eq!(go_json(&["a<b"]), br#"["a\u003cb"]"#);
        assert_eq!(base64(b""), "");
        assert_eq!(base64(b"a"), "YQ==");
        assert_eq!(base64(b"ab"), "YWI=");
        assert_eq!(base64(b"abc"), "YWJj");
        assert_eq!(base64(&[0xff; 4]), "/////w==");
    }
}
