//! Numbers, booleans, durations and sizes, read exactly as the reference's language reads them.

/// A boolean: `1 t T TRUE true True` or `0 f F FALSE false False`.
pub(crate) fn parse_bool(text: &str) -> Option<bool> {
    match text {
        "1" | "t" | "T" | "TRUE" | "true" | "True" => Some(true),
        "0" | "f" | "F" | "FALSE" | "false" | "False" => Some(false),
        _ => None,
    }
}

/// A number of 32 bits without a sign, in the given base.
pub(crate) fn parse_u32(text: &str, radix: u32) -> Option<u32> {
    if text.starts_with('+') {
        return None;
    }
    u32::from_str_radix(text, radix).ok()
}

const LIMIT: u64 = 1 << 63;

/// A duration such as `1h15m30.5s`, in nanoseconds. Units: ns, us (or µs), ms, s, m, h. `0` needs none.
pub(crate) fn parse_duration(text: &str) -> Option<i64> {
    let negative = text.starts_with('-');
    let mut rest = text.strip_prefix(['-', '+']).unwrap_or(text);
    if rest == "0" {
        return Some(0);
    }
    if rest.is_empty() {
        return None;
    }
    let mut total: u64 = 0;
    while !rest.is_empty() {
        let (value, tail) = duration_part(rest)?;
        total = total.checked_add(value).filter(|&sum| sum <= LIMIT)?;
        rest = tail;
    }
    if negative {
        return Some((total as i64).wrapping_neg());
    }
    i64::try_from(total).ok()
}

/// One number and its unit.
fn duration_part(text: &str) -> Option<(u64, &str)> {
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let whole = digits(text);
    let mut value: u64 = 0;
    for digit in text[..whole].bytes() {
        value = value
            .checked_mul(10)?
            .checked_add(u64::from(digit - b'0'))
            .filter(|&sum| sum <= LIMIT)?;
    }
    let mut rest = &text[whole..];
    let (mut fraction, mut scale) = (0_u64, 1.0_f64);
    let mut places = 0;
    if let Some(tail) = rest.strip_prefix('.') {
        places = digits(tail);
        for digit in tail[..places].bytes() {
            // Digits beyond the precision do not count.
            if fraction > (LIMIT - 1) / 10 {
                break;
            }
            fraction = fraction * 10 + u64::from(digit - b'0');
            scale *= 10.0;
        }
        rest = &tail[places..];
    }
    if whole == 0 && places == 0 {
        return None;
    }
    let unit_len = rest
        .bytes()
        .take_while(|byte| *byte != b'.' && !byte.is_ascii_digit())
        .count();
    let unit: u64 = match rest.get(..unit_len)? {
        "ns" => 1,
        "us" | "\u{b5}s" | "\u{3bc}s" => 1_000,
        "ms" => 1_000_000,
        "s" => 1_000_000_000,
        "m" => 60_000_000_000,
        "h" => 3_600_000_000_000,
        _ => return None,
    };
    let mut value = value.checked_mul(unit).filter(|&product| product <= LIMIT)?;
    if fraction > 0 {
        let part = (fraction as f64 * (unit as f64 / scale)) as u64;
        value = value.checked_add(part).filter(|&sum| sum <= LIMIT)?;
    }
    Some((value, &rest[unit_len..]))
}

/// A size such as `64m` or `1.5GiB`, in bytes, units of 1024.
pub(crate) fn parse_size(text: &str) -> Option<i64> {
    let sep = text.rfind(|ch: char| ch.is_ascii_digit() || ch == '.' || ch == ' ')?;
    let number = if text[sep..].starts_with(' ') {
        &text[..sep]
    } else {
        &text[..=sep]
    };
    let suffix = text[sep + 1..].to_ascii_lowercase();
    let size = parse_float(number)?;
    if size < 0.0 {
        return None;
    }
    let power = match suffix.as_bytes() {
        [] | [b'b'] => 0,
        [unit] | [unit, b'b'] | [unit, b'i', b'b'] => b"kmgtp".iter().position(|known| known == unit)? + 1,
        _ => return None,
    };
    let bytes = size * (0..power).fold(1.0, |product, _| product * 1024.0);
    // What an x86-64 processor makes of a number that does not fit.
    if bytes.is_nan() || bytes >= LIMIT as f64 {
        Some(i64::MIN)
    } else {
        Some(bytes as i64)
    }
}

/// A floating-point number, decimal or hexadecimal, `_` between digits allowed; None also when it is too large.
fn parse_float(text: &str) -> Option<f64> {
    if text.contains('_') {
        let plain = text.replace('_', "");
        return if underscores_fit(text) {
            parse_float(&plain)
        } else {
            None
        };
    }
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    if let Some(hex) = unsigned
        .strip_prefix("0x")
        .or_else(|| unsigned.strip_prefix("0X"))
    {
        let size = parse_hex_float(hex)?;
        return Some(if text.starts_with('-') { -size } else { size });
    }
    let size: f64 = text.parse().ok()?;
    if size.is_infinite() && unsigned.bytes().any(|byte| byte.is_ascii_digit()) {
        return None;
    }
    Some(size)
}

/// Whether each `_` stands behind a digit (or a prefix such as `0x`) and before a digit.
fn underscores_fit(text: &str) -> bool {
    let lower = text.strip_prefix(['+', '-']).unwrap_or(text).to_ascii_lowercase();
    let prefix = ["0x", "0b", "0o"]
        .into_iter()
        .find(|prefix| lower.starts_with(prefix));
    let is_digit = |byte: u8| byte.is_ascii_digit() || prefix == Some("0x") && byte.is_ascii_hexdigit();
    let mut after_digit = prefix.is_some();
    let mut after_underscore = false;
    for byte in lower.bytes().skip(prefix.map_or(0, str::len)) {
        let digit = is_digit(byte);
        if (byte == b'_' && !after_digit) || (byte != b'_' && !digit && after_underscore) {
            return false;
        }
        (after_digit, after_underscore) = (digit, byte == b'_');
    }
    !after_underscore
}

fn parse_hex_float(text: &str) -> Option<f64> {
    let (mantissa, exponent) = text.split_once(['p', 'P'])?;
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let mut value = 0.0_f64;
    for digit in whole.chars().chain(fraction.chars()) {
        value = value * 16.0 + f64::from(digit.to_digit(16)?);
    }
    let digits = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let exponent: i32 = exponent.parse().ok()?;
    let shift = exponent.saturating_sub(i32::try_from(fraction.len()).ok()?.saturating_mul(4));
    let size = value * 2.0_f64.powi(shift);
    size.is_finite().then_some(size)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations() {
        for (text, want) in [
            ("0", Some(0)),
            ("1s", Some(1_000_000_000)),
            ("-1.5h", Some(-5_400_000_000_000)),
            ("1h15m30.5s", Some(4_530_500_000_000)),
            ("1.5.5s", None),
            (".5ms", Some(500_000)),
            ("5.ms", Some(5_000_000)),
            (".s", None),
            ("3", None),
            ("", None),
            ("+", None),
            ("2562047h47m16.854775807s", Some(i64::MAX)),
            ("2562047h47m16.854775808s", None),
            ("-2562047h47m16.854775808s", Some(i64::MIN)),
            ("99999999999999999999s", None),
            ("7\u{b5}s", Some(7_000)),
        ] {
            assert_eq!(parse_duration(text), want, "{text}");
        }
    }

    #[test]
    fn sizes() {
        for (text, want) in [
            ("64m", Some(64 << 20)),
            ("1.5GiB", Some(1_610_612_736)),
            ("32 kb", Some(32 << 10)),
            ("7", Some(7)),
            ("7b", Some(7)),
            ("7bb", None),
            ("7kib", Some(7168)),
            ("7kix", None),
            ("-1m", None),
            ("m", None),
            ("1e400", None),
            ("1_000k", Some(1_024_000)),
            ("1__0", None),
            ("_1", None),
            ("1_", None),
            ("0x_1p2", Some(4)),
            ("0x1p4", Some(16)),
            ("0x.8p1", Some(1)),
            ("9999999p", Some(i64::MIN)),
        ] {
            assert_eq!(parse_size(text), want, "{text}");
        }
    }
}
