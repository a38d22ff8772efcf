//! Hosts of URLs, as Go's `net/url` reads them.

use std::net::Ipv6Addr;

/// A host with its percent escapes undone: a host has those of other scripts' letters, and of `%` itself. `None` where
/// it is no host of a URL of this scheme.
pub(super) fn decoded_host(scheme: &str, host: &str) -> Option<String> {
    let fits = |rest: &str| rest.starts_with("25") || !rest.starts_with(|digit| matches!(digit, '0'..='7'));
    let is_fit = is_host(scheme, host) && host.split('%').skip(1).all(fits);
    percent_decode(host, false).filter(|_| is_fit)
}

/// A host name or address with an optional port of digits.
fn is_host(scheme: &str, host: &str) -> bool {
    let (name_fits, port) = match host.rfind('[') {
        Some(0) => {
            let Some((address, port)) = host[1..].rsplit_once(']') else {
                return false;
            };
            (is_address(address), port)
        }
        Some(_) => return false,
        None => {
            // Others than web servers may be lists of hosts.
            let colon = match scheme {
                "http" | "https" => host.find(':'),
                _ => host.rfind(':'),
            };
            let (name, port) = host.split_at(colon.unwrap_or(host.len()));
            (!name.bytes().any(|byte| b" <>\"\\^`{|}".contains(&byte)), port)
        }
    };
    let port_fits = |port: &str| port.bytes().all(|byte| byte.is_ascii_digit());
    name_fits && (port.is_empty() || port.strip_prefix(':').is_some_and(port_fits))
}

/// An address of IPv6, which may name a zone behind an escaped `%`.
fn is_address(text: &str) -> bool {
    let (address, zone) = match text.split_once("%25") {
        Some((address, zone)) => (address, Some(zone)),
        None => (text, None),
    };
    address.parse::<Ipv6Addr>().is_ok() && zone.is_none_or(|zone| !zone.is_empty())
}

/// Undoes percent escapes, and `+` for a space where asked. `None` on a malformed escape.
pub(super) fn percent_decode(text: &str, plus_is_space: bool) -> Option<String> {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        out.push(match byte {
            b'%' => {
                let digits = [bytes.next()?, bytes.next()?];
                let digits = digits
                    .iter()
                    .all(u8::is_ascii_hexdigit)
                    .then(|| std::str::from_utf8(&digits).ok());
                u8::from_str_radix(digits??, 16).ok()?
            }
            b'+' if plus_is_space => b' ',
            other => other,
        });
    }
    Some(String::from_utf8_lossy(&out).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts() {
        for (host, fits) in [
            ("example.org", true),
            ("example.org:80", true),
            ("example.org:", true),
            ("example.org:a", false),
            ("a:b:1", false),
            ("[::1]", true),
            ("[::1]:80", true),
            ("[fe80::1%25en0]", true),
            ("[fe80::1%25]", false),
            ("[]", false),
            ("[x]", false),
            ("[1.2.3.4]", false),
            ("[::ffff:1.2.3.4]", true),
            ("[::1", false),
            ("a[::1]", false),
            ("a b", false),
            ("%41", false),
            ("%c3%a4", true),
        ] {
            assert_eq!(decoded_host("http", host).is_some(), fits, "{host}");
        }
        assert!(decoded_host("ssh", "a:b:1").is_some());
    }
}
