//! Text as the reference sees it: bytes first, characters where it decodes them.

use std::borrow::Cow;
use std::ops::Range;

/// The byte order mark.
pub(crate) const BOM: &[u8] = b"\xef\xbb\xbf";

/// Decodes bytes; each byte that is no UTF-8 becomes one U+FFFD (`String::from_utf8_lossy` may join several).
pub(crate) fn lossy(bytes: &[u8]) -> Cow<'_, str> {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        out.push_str(chunk.valid());
        for _ in chunk.invalid() {
            out.push(char::REPLACEMENT_CHARACTER);
        }
    }
    Cow::Owned(out)
}

/// Where `wanted` first stands.
pub(crate) fn find(bytes: &[u8], wanted: u8) -> Option<usize> {
    find_any(bytes, [wanted])
}

/// Where one of `wanted` first stands.
pub(crate) fn find_any<const N: usize>(bytes: &[u8], wanted: [u8; N]) -> Option<usize> {
    // Eight bytes at a time: a byte is `wanted` where the difference is zero, which borrows into its highest bit.
    const ONES: u64 = u64::MAX / 255;
    const HIGHEST: u64 = ONES << 7;
    let (blocks, rest) = bytes.as_chunks::<8>();
    for (index, block) in blocks.iter().enumerate() {
        let block = u64::from_le_bytes(*block);
        let zeros = wanted.iter().fold(0, |zeros, wanted| {
            let difference = block ^ (ONES * u64::from(*wanted));
            zeros | difference.wrapping_sub(ONES) & !difference & HIGHEST
        });
        if zeros != 0 {
            return Some(index * 8 + zeros.trailing_zeros() as usize / 8);
        }
    }
    let before = bytes.len() - rest.len();
    let found = rest
        .iter()
        .position(|byte| wanted.iter().any(|wanted| wanted == byte))?;
    Some(before + found)
}

/// The first character and its width; U+FFFD of width 1 for a byte that begins none. Width 0 at the end.
pub(crate) fn decode(bytes: &[u8]) -> (char, usize) {
    let Some(&first) = bytes.first() else {
        return (char::REPLACEMENT_CHARACTER, 0);
    };
    let width = match first {
        0..0x80 => return (char::from(first), 1),
        0xC2..0xE0 => 2,
        0xE0..0xF0 => 3,
        0xF0..0xF5 => 4,
        _ => return (char::REPLACEMENT_CHARACTER, 1),
    };
    bytes
        .get(..width)
        .and_then(|head| std::str::from_utf8(head).ok())
        .and_then(|head| head.chars().next())
        .map_or((char::REPLACEMENT_CHARACTER, 1), |ch| (ch, width))
}

/// The character that `at` is in the middle of; nothing, at `at`, where that is between two.
pub(crate) fn character_at(bytes: &[u8], at: usize) -> Range<usize> {
    if bytes.get(at).is_none_or(|byte| byte & 0xC0 != 0x80) {
        // A byte that begins a character.
        return at..at;
    }
    for start in at.saturating_sub(3)..at {
        let (_, width) = decode(bytes.get(start..).unwrap_or_default());
        if start + width > at {
            return start..start + width;
        }
    }
    at..at
}

fn decode_last(bytes: &[u8]) -> (char, usize) {
    for width in 1..=bytes.len().min(4) {
        let tail = &bytes[bytes.len() - width..];
        // Continuation bytes belong to a character further left.
        if tail[0] & 0xC0 != 0x80 {
            let (ch, used) = decode(tail);
            return if used == width {
                (ch, width)
            } else {
                (char::REPLACEMENT_CHARACTER, 1)
            };
        }
    }
    (char::REPLACEMENT_CHARACTER, 1)
}

/// How many bytes of white space (as Unicode has it) the bytes begin with.
pub(crate) fn leading_space(bytes: &[u8]) -> usize {
    let mut at = 0;
    while at < bytes.len() {
        let (ch, width) = decode(&bytes[at..]);
        if !ch.is_whitespace() {
            break;
        }
        at += width;
    }
    at
}

/// The range that is left when white space is trimmed from both ends of `range`.
pub(crate) fn trimmed(bytes: &[u8], range: Range<usize>) -> Range<usize> {
    let start = range.start + leading_space(&bytes[range.clone()]);
    let mut end = range.end;
    while end > start {
        let (ch, width) = decode_last(&bytes[start..end]);
        if !ch.is_whitespace() {
            break;
        }
        end -= width;
    }
    start..end
}

/// The bytes without white space at both ends.
pub(crate) fn trim(bytes: &[u8]) -> &[u8] {
    &bytes[trimmed(bytes, 0..bytes.len())]
}

/// The bytes without any run of `\r` and `\n` at the end.
pub(crate) fn trim_line_end(bytes: &[u8]) -> &[u8] {
    let end = bytes
        .iter()
        .rposition(|byte| !matches!(byte, b'\r' | b'\n'))
        .map_or(0, |last| last + 1);
    &bytes[..end]
}

/// Whether a byte separates words: tab, vertical tab, form feed, carriage return and space.
pub(crate) fn is_blank(byte: u8) -> bool {
    matches!(byte, b'\t' | 0x0B | 0x0C | b'\r' | b' ')
}

/// Whether a byte, read as Latin-1, is white space.
pub(crate) fn is_latin1_space(byte: u8) -> bool {
    matches!(byte, b'\t'..=b'\r' | b' ' | 0x85 | 0xA0)
}

/// Splits at the first run of blanks. The second range is None without blanks.
pub(crate) fn cut_blanks(bytes: &[u8], range: Range<usize>) -> (Range<usize>, Option<Range<usize>>) {
    let tail = &bytes[range.clone()];
    let Some(first) = tail.iter().position(|&byte| is_blank(byte)) else {
        return (range, None);
    };
    let rest = tail[first..]
        .iter()
        .position(|&byte| !is_blank(byte))
        .map_or(tail.len(), |len| first + len);
    (
        range.start..range.start + first,
        Some(range.start + rest..range.end),
    )
}

/// Splits at every run of blanks; there are empty parts where the text begins or ends with blanks.
pub(crate) fn split_blanks(bytes: &[u8], range: Range<usize>) -> impl Iterator<Item = Range<usize>> {
    let mut left = Some(range);
    std::iter::from_fn(move || {
        let (part, rest) = cut_blanks(bytes, left.take()?);
        left = rest;
        Some(part)
    })
}

/// Lower case, character by character, each staying one character, as in the reference.
#[must_use]
pub fn lower(text: &str) -> Cow<'_, str> {
    if text
        .bytes()
        .all(|byte| byte.is_ascii() && !byte.is_ascii_uppercase())
    {
        return Cow::Borrowed(text);
    }
    text.chars().map(lower_char).collect()
}

fn lower_char(ch: char) -> char {
    // The only character whose lower case is two characters: simple case mapping knows the plain i.
    if ch == '\u{130}' {
        'i'
    } else {
        single(ch.to_lowercase()).unwrap_or(ch)
    }
}

/// Upper case, character by character, each staying one character, as in the reference.
#[must_use]
pub fn upper(text: &str) -> String {
    text.chars().map(upper_char).collect()
}

fn upper_char(ch: char) -> char {
    single(ch.to_uppercase()).unwrap_or_else(|| {
        // Greek with an iota below: simple case mapping goes to the title case, which lies 8 or 9 behind.
        let title = [8, 9]
            .into_iter()
            .filter_map(|step| char::from_u32(ch as u32 + step));
        let mut title = title.filter(|title| title.to_lowercase().eq([ch]));
        title.next().unwrap_or(ch)
    })
}

fn single(mut chars: impl Iterator<Item = char>) -> Option<char> {
    let first = chars.next();
    if chars.next().is_some() { None } else { first }
}

/// The index of the first byte that is not UTF-8.
pub(crate) fn first_invalid(bytes: &[u8]) -> Option<usize> {
    std::str::from_utf8(bytes).err().map(|error| error.valid_up_to())
}
