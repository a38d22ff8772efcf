//! Writing protobuf by hand, where a message is written for every operation of a build. Fields are written in the order
//! of their numbers and left out where they have the default, as the reference's encoder does.

use prost::encoding::decode_varint;

/// The wire type of varints.
const VARINT: u8 = 0;
/// The wire type of texts, bytes and messages.
const LENGTH: u8 = 2;

/// How many bytes a field below 16 takes whose text or message has so many.
pub(crate) fn element_len(length: usize) -> usize {
    1 + varint_len(length as u64) + length
}

/// How many bytes a varint takes.
pub(crate) fn varint_len(value: u64) -> usize {
    // Seven bits a byte, at least one.
    (64 - (value | 1).leading_zeros() as usize).div_ceil(7)
}

/// Appends a varint.
pub(crate) fn varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// Appends a field's number and wire type.
fn key(out: &mut Vec<u8>, field: u8, wire_type: u8) {
    varint(out, u64::from(field) << 3 | u64::from(wire_type));
}

/// Appends the key and length of a field of `length` bytes, which come next.
pub(crate) fn head(out: &mut Vec<u8>, field: u8, length: usize) {
    key(out, field, LENGTH);
    varint(out, length as u64);
}

/// A number, unless it is zero. Negative ones take ten bytes.
pub(crate) fn int(out: &mut Vec<u8>, field: u8, value: i64) {
    if value != 0 {
        key(out, field, VARINT);
        varint(out, value.cast_unsigned());
    }
}

/// How many bytes [`int`] takes in a field below 16.
pub(crate) fn int_len(value: i64) -> usize {
    match value {
        0 => 0,
        value => 1 + varint_len(value.cast_unsigned()),
    }
}

/// A flag, unless it is unset.
pub(crate) fn flag(out: &mut Vec<u8>, field: u8, value: bool) {
    int(out, field, i64::from(value));
}

/// A text or bytes, unless empty.
pub(crate) fn text(out: &mut Vec<u8>, field: u8, value: impl AsRef<[u8]>) {
    if !value.as_ref().is_empty() {
        element(out, field, value);
    }
}

/// A text or bytes, also where empty: an element of a list, or a part of a map's entry.
pub(crate) fn element(out: &mut Vec<u8>, field: u8, value: impl AsRef<[u8]>) {
    head(out, field, value.as_ref().len());
    out.extend_from_slice(value.as_ref());
}

/// Elements of a list of texts.
pub(crate) fn elements<T: AsRef<[u8]>>(out: &mut Vec<u8>, field: u8, values: impl IntoIterator<Item = T>) {
    for value in values {
        element(out, field, value);
    }
}

/// An entry of a map of texts.
pub(crate) fn entry(out: &mut Vec<u8>, field: u8, name: &str, value: &str) {
    message(out, field, |out| {
        element(out, 1, name);
        element(out, 2, value);
    });
}

/// A field of a message.
pub(crate) struct Field<'m> {
    pub(crate) number: u64,
    /// Its text or message; nothing of a number.
    pub(crate) content: &'m [u8],
    /// All of it, key and length included.
    pub(crate) bytes: &'m [u8],
}

/// Takes the first field off a message that was written here: a number, or something with a length.
pub(crate) fn next_field<'m>(rest: &mut &'m [u8]) -> Option<Field<'m>> {
    let whole = *rest;
    if whole.is_empty() {
        return None;
    }
    let key = decode_varint(rest).ok()?;
    let value = decode_varint(rest).ok()?;
    let length = match key & 7 == u64::from(LENGTH) {
        true => usize::try_from(value).ok()?,
        false => 0,
    };
    let content;
    (content, *rest) = rest.split_at_checked(length)?;
    let bytes = &whole[..whole.len() - rest.len()];
    Some(Field {
        number: key >> 3,
        content,
        bytes,
    })
}

/// A message, which `write` appends.
pub(crate) fn message(out: &mut Vec<u8>, field: u8, write: impl FnOnce(&mut Vec<u8>)) {
    message_before(out, field, 0, write);
}

/// [`message`], of which the last `rest` bytes come later.
pub(crate) fn message_before(out: &mut Vec<u8>, field: u8, rest: usize, write: impl FnOnce(&mut Vec<u8>)) {
    key(out, field, LENGTH);
    // Most are short: the length takes one byte, and is made room for where it takes more.
    let at = out.len();
    out.push(0);
    write(out);
    let written = out.len() - at - 1;
    let mut length = written + rest;
    let more = varint_len(length as u64) - 1;
    if more > 0 {
        out.resize(out.len() + more, 0);
        out.copy_within(at + 1..at + 1 + written, at + 1 + more);
    }
    for byte in &mut out[at..=at + more] {
        *byte = (length & 0x7f) as u8 | 0x80;
        length >>= 7;
    }
    out[at + more] &= 0x7f;
}

#[cfg(test)]
mod tests {
    use prost::Message;

    use super::*;
    use crate::proto;

    #[test]
    fn as_the_generated_code_writes_it() {
        for length in [0, 1, 126, 127, 128, 300, 16_383, 16_384, 2_100_000] {
            let name = "x".repeat(length);
            let expected = proto::NamedUserOpt {
                name: name.clone(),
                input: -1,
            };
            let expected = proto::UserOpt {
                user: Some(proto::user_opt::User::ByName(expected)),
            };
            let mut out = Vec::new();
            message(&mut out, 1, |out| {
                text(out, 1, &name);
                int(out, 2, -1);
            });
            assert_eq!(out, expected.encode_to_vec(), "{length}");
        }
        for value in [0, 1, 127, 128, 16_383, 16_384, u64::MAX >> 1, u64::MAX] {
            let mut out = Vec::new();
            varint(&mut out, value);
            assert_eq!(out.len(), varint_len(value), "{value}");
        }
    }
}
