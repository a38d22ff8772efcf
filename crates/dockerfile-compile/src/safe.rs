//! What may be shown on a terminal: no credentials of URLs, no control characters.

use std::borrow::Cow;
use std::fmt::Write as _;

/// In place of a credential; BuildKit writes the same.
const MASK: &str = "xxxxx";
/// Schemes of names that have an `@` of another meaning.
const IMAGE_SCHEMES: [&str; 2] = ["docker-image", "oci-layout"];
/// A query parameter whose name has one of these holds a credential.
const SECRET_PARAMETERS: [&str; 8] = [
    "token",
    "secret",
    "signature",
    "password",
    "passwd",
    "credential",
    "api_key",
    "apikey",
];

/// A text without the credentials of the URLs in it, and with its control characters escaped. Line ends and tabs stay.
#[must_use]
pub fn safe_text(text: &str) -> Cow<'_, str> {
    match redact(text) {
        Cow::Borrowed(text) => escape(text),
        Cow::Owned(text) => Cow::Owned(escape(&text).into_owned()),
    }
}

/// Lines of a file as they may be shown: control characters and what is no UTF-8 escaped.
#[must_use]
pub fn safe_lines(data: &[u8]) -> Cow<'_, [u8]> {
    let Ok(text) = std::str::from_utf8(data) else {
        let mut out = String::with_capacity(data.len());
        for chunk in data.utf8_chunks() {
            out.push_str(&escape(chunk.valid()));
            for byte in chunk.invalid() {
                // Writing to a string can't fail.
                let _ = write!(out, "\\x{byte:02x}");
            }
        }
        return Cow::Owned(out.into_bytes());
    };
    match escape(text) {
        Cow::Borrowed(text) => Cow::Borrowed(text.as_bytes()),
        Cow::Owned(text) => Cow::Owned(text.into_bytes()),
    }
}

/// Masks user names and passwords of URLs, and query parameters that hold credentials. The user name of an ssh URL
/// stays: it says whose key is needed.
#[must_use]
pub fn redact(text: &str) -> Cow<'_, str> {
    if !text.contains("://") {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("://") {
        let (before, after) = rest.split_at(at + 3);
        out.push_str(before);
        rest = after;
        let not_in_scheme = |c: char| !c.is_ascii_alphanumeric() && !"+-.".contains(c);
        let scheme = before[..at].rsplit(not_in_scheme).next().unwrap_or_default();
        let user = user_info(after).filter(|_| !IMAGE_SCHEMES.contains(&scheme));
        let Some(user) = user else { continue };
        match user.contains(':') {
            true => out.push_str(&format!("{MASK}:{MASK}")),
            false if scheme.ends_with("ssh") => out.push_str(user),
            false => out.push_str(MASK),
        }
        rest = &after[user.len()..];
    }
    out.push_str(rest);
    Cow::Owned(redact_parameters(&out))
}

/// What stands in front of the `@` of a URL; `url` begins behind its `://`.
fn user_info(url: &str) -> Option<&str> {
    // The next URL first: a text of nothing but these is gone through once.
    let url = &url[..url.find("://").unwrap_or(url.len())];
    let url = &url[..url.find(ends_url).unwrap_or(url.len())];
    let authority = &url[..url.find(['/', '?', '#']).unwrap_or(url.len())];
    if let Some((user, _)) = authority.rsplit_once('@') {
        return Some(user);
    }
    // A slash in a password ought to be written `%2F`; where it isn't, what follows the colon is no port.
    let (_, port) = authority.split_once(':')?;
    let is_port = port.bytes().all(|byte| byte.is_ascii_digit());
    let (user, _) = url.rsplit_once('@').filter(|_| !is_port)?;
    Some(user)
}

fn ends_url(c: char) -> bool {
    c.is_whitespace() || matches!(c, '"' | '`' | '<' | '>')
}

fn redact_parameters(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['?', '&']) {
        let (before, parameter) = rest.split_at(at + 1);
        out.push_str(before);
        let end = parameter.find(|c| ends_url(c) || matches!(c, '&' | '#' | '?'));
        let (parameter, behind) = parameter.split_at(end.unwrap_or(parameter.len()));
        match parameter.split_once('=') {
            Some((name, _)) if holds_credential(name) => out.push_str(&format!("{name}={MASK}")),
            _ => out.push_str(parameter),
        }
        rest = behind;
    }
    out.push_str(rest);
    out
}

fn holds_credential(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name == "sig" || SECRET_PARAMETERS.iter().any(|word| name.contains(word))
}

/// Writes out what a terminal would obey or hide: control characters and changes of the direction of text.
fn escape(text: &str) -> Cow<'_, str> {
    let ends_a_line = |(at, _): (usize, &str)| text[at + 1..].starts_with('\n');
    if !text.contains(is_special) && text.match_indices('\r').all(ends_a_line) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\r' if chars.peek() == Some(&'\n') => out.push(c),
            '\r' => out.push_str("\\r"),
            c if is_special(c) => match u32::from(c) {
                code @ 0..=0x7f => out.push_str(&format!("\\x{code:02x}")),
                code => out.push_str(&format!("\\u{{{code:x}}}")),
            },
            c => out.push(c),
        }
    }
    Cow::Owned(out)
}

fn is_special(c: char) -> bool {
    match c {
        '\n' | '\t' | '\r' => false,
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => true,
        c => c.is_control(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_masked() {
        for (text, shown) in [
            ("no URL: a@b", "no URL: a@b"),
            ("https://example.org/a", "https://example.org/a"),
            (
                "https://user:p@ss@example.org/a@b",
                "https://xxxxx:xxxxx@example.org/a@b",
            ),
            (
                "at https://TOKEN@example.org: 404",
                "at https://xxxxx@example.org: 404",
            ),
            ("https://:p@h", "https://xxxxx:xxxxx@h"),
            ("ssh://git@example.org/a", "ssh://git@example.org/a"),
            ("ssh://git:p@example.org/a", "ssh://xxxxx:xxxxx@example.org/a"),
            (
                "(`https://a:b@h`, http://c:d@h,http://e,(f:g@h/)",
                "(`https://xxxxx:xxxxx@h`, http://xxxxx:xxxxx@h,http://xxxxx:xxxxx@h/)",
            ),
            ("https://u:p/q?r@h/a", "https://xxxxx:xxxxx@h/a"),
            ("http://h:80/a@b", "http://h:80/a@b"),
            (
                "https://h/x?a=1&X-Amz-Signature=2&sig=3&access_token=4#t=5",
                "https://h/x?a=1&X-Amz-Signature=xxxxx&sig=xxxxx&access_token=xxxxx#t=5",
            ),
            ("docker-image://a:b@sha256:00", "docker-image://a:b@sha256:00"),
        ] {
            assert_eq!(redact(text), shown);
        }
    }

    #[test]
    fn terminals_are_not_told_what_to_do() {
        for (text, shown) in [
            ("plain\ttext\r\n", "plain\ttext\r\n"),
            ("\u{1b}]0;x\u{7}", "\\x1b]0;x\\x07"),
            ("a\rb\r", "a\\rb\\r"),
            ("\u{202e}gpj\u{9b}", "\\u{202e}gpj\\u{9b}"),
        ] {
            assert_eq!(safe_text(text), shown);
        }
        assert_eq!(
            safe_lines(b"a\xff\x1b\xc3\xa4").as_ref(),
            "a\\xff\\x1bä".as_bytes()
        );
        assert!(matches!(safe_lines(b"RUN x\r\n"), Cow::Borrowed(_)));
    }
}
