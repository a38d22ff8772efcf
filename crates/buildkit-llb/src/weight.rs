//! What a message takes in memory once it is decoded, told from its bytes before it is.
//!
//! An empty element of a list is two bytes on the wire and hundreds in memory. A table made from the protocol's
//! definition says for each field what an element of it takes, so whatever there is to decode can be weighed first. The
//! weight is never less than what the decoder allocates, but for the bytes that it shares with the message.

/// What a text or a block of bytes takes beside its length: the allocator rounds up and has a header of its own.
const ALLOCATED_BYTES: usize = 32;

/// A list grows by doubling…
const GROWTH: usize = 2;

/// … and begins with room for four.
const FIRST_ELEMENTS: usize = 4;

/// How deep messages may be in each other, as the decoder has it.
const MAX_DEPTH: usize = 100;

/// The shapes of messages, by numbers that the build scripts give.
#[derive(Debug)]
pub struct Shapes {
    /// The first part of each message; after the last message, the number of all parts.
    pub first: &'static [u16],
    /// The fields of all messages.
    pub parts: &'static [Part],
}

/// A field of a message.
#[derive(Debug)]
pub struct Part {
    /// Its number on the wire.
    pub number: u16,
    /// What an element takes in the list that the field is; 0 for what is no list.
    pub each: u16,
    /// What is in it.
    pub content: Content,
}

/// What a field holds.
#[derive(Clone, Copy, Debug)]
pub enum Content {
    /// Numbers of any kind.
    Number,
    /// Text or bytes that are copied.
    Copied,
    /// Bytes that stay where the message is.
    Shared,
    /// A message, by its number.
    Message(u16),
}

impl Shapes {
    /// What a message takes once it is decoded, in bytes, without the message's own struct; `None` where it is no
    /// message.
    #[must_use]
    pub fn weigh(&self, shape: u16, message: &[u8]) -> Option<usize> {
        self.walk(shape, message, 0)
    }

    fn walk(&self, shape: u16, mut rest: &[u8], depth: usize) -> Option<usize> {
        let shape = usize::from(shape);
        let (start, end) = (*self.first.get(shape)?, *self.first.get(shape + 1)?);
        let parts = self.parts.get(usize::from(start)..usize::from(end))?;
        if depth > MAX_DEPTH {
            return None;
        }
        let mut weight = 0_usize;
        let mut previous = 0;
        while !rest.is_empty() {
            let key = varint(&mut rest)?;
            let content = match key & 7 {
                0 => varint(&mut rest).map(|_| None)?,
                1 => take(&mut rest, 8).map(|_| None)?,
                2 => {
                    let length = usize::try_from(varint(&mut rest)?).ok()?;
                    Some(take(&mut rest, length)?)
                }
                5 => take(&mut rest, 4).map(|_| None)?,
                _ => return None,
            };
            let number = key >> 3;
            let Some(part) = parts.iter().find(|part| u64::from(part.number) == number) else {
                continue;
            };
            let (elements, inside) = match (part.content, content) {
                // Many in one.
                (Content::Number, Some(packed)) => (packed.iter().filter(|byte| **byte < 0x80).count(), 0),
                (Content::Message(inner), Some(message)) => (1, self.walk(inner, message, depth + 1)?),
                (Content::Copied, Some(text)) if !text.is_empty() => (1, text.len() + ALLOCATED_BYTES),
                _ => (1, 0),
            };
            let room = match number == previous {
                true => elements.saturating_mul(GROWTH),
                false => elements.saturating_mul(GROWTH).max(FIRST_ELEMENTS),
            };
            previous = number;
            weight = weight
                .saturating_add(room.saturating_mul(usize::from(part.each)))
                .saturating_add(inside);
        }
        Some(weight)
    }
}

fn take<'m>(rest: &mut &'m [u8], length: usize) -> Option<&'m [u8]> {
    let (taken, behind) = rest.split_at_checked(length)?;
    *rest = behind;
    Some(taken)
}

fn varint(rest: &mut &[u8]) -> Option<u64> {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let (byte, behind) = rest.split_first()?;
        *rest = behind;
        value |= u64::from(byte & 0x7f) << shift;
        if *byte < 0x80 {
            return Some(value);
        }
    }
    None
}

include!(concat!(env!("OUT_DIR"), "/shapes.rs"));

#[cfg(test)]
mod tests {
    use std::mem::size_of;

    use prost::Message as _;

    use super::{DEFINITION, OP, SHAPES};
    use crate::proto;

    #[test]
    fn an_element_is_weighed_with_no_less_than_it_takes() {
        let empty = |number: u8| {
            SHAPES
                .weigh(DEFINITION, &[number << 3 | 2, 0].repeat(1000))
                .unwrap()
                / 1000
        };
        assert!(empty(1) >= size_of::<Vec<u8>>());
        assert!(empty(2) >= size_of::<proto::OpMetadataEntry>());
        let list = |path: &[u8], elements: &[u8]| {
            let message = path.iter().rev().fold(elements.to_vec(), |inner, number| {
                let mut outer = vec![number << 3 | 2];
                prost::encoding::encode_varint(inner.len() as u64, &mut outer);
                [outer, inner].concat()
            });
            SHAPES.weigh(DEFINITION, &message).unwrap() / 1000
        };
        // Definition.Source.locations.value.locations.ranges, and what is on the way.
        assert!(list(&[3], &[0x0a, 0].repeat(1000)) >= size_of::<proto::LocationsEntry>());
        assert!(list(&[3, 1, 2], &[0x0a, 0].repeat(1000)) >= size_of::<proto::Location>());
        assert!(list(&[3, 1, 2, 1], &[0x12, 0].repeat(1000)) >= size_of::<proto::Range>());
        assert!(list(&[3], &[0x12, 0].repeat(1000)) >= size_of::<proto::SourceInfo>());
        let mounts = [&[0x12, 0xd0, 0x0f][..], &[0x12, 0].repeat(1000)].concat();
        assert!(SHAPES.weigh(OP, &mounts).unwrap() / 1000 >= size_of::<proto::Mount>());
    }

    #[test]
    fn texts_weigh_what_they_are() {
        let op = proto::Op {
            op: Some(proto::op::Op::Source(proto::SourceOp {
                identifier: "x".repeat(1_000_000),
                attrs: Vec::new(),
            })),
            ..proto::Op::default()
        };
        let weight = SHAPES.weigh(OP, &op.encode_to_vec()).unwrap();
        assert!((1_000_000..1_001_000).contains(&weight), "{weight}");
    }

    #[test]
    fn what_the_decoder_refuses_is_no_message() {
        for bytes in [
            &[0x0a][..],
            &[0x0a, 2, 0],
            &[0x0b, 0x0c],
            &[0xff; 11],
            &[0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1],
        ] {
            assert_eq!(SHAPES.weigh(DEFINITION, bytes), None, "{bytes:?}");
            assert!(proto::Definition::decode(bytes).is_err(), "{bytes:?}");
        }
        // Fields that nobody knows are passed over.
        assert_eq!(
            SHAPES.weigh(DEFINITION, &[0xfa, 0x3f, 2, b'h', b'i', 0xf8, 0x3f, 1]),
            Some(0)
        );
    }

    #[test]
    fn numbers_are_counted_in_one_piece_too() {
        let exits = |bytes: &[u8]| {
            let meta = [&[0x62, u8::try_from(bytes.len()).unwrap()], bytes].concat();
            let exec = [&[0x0a, u8::try_from(meta.len()).unwrap()], meta.as_slice()].concat();
            let op = [&[0x12, u8::try_from(exec.len()).unwrap()], exec.as_slice()].concat();
            proto::Op::decode(op.as_slice()).unwrap();
            SHAPES.weigh(OP, &op).unwrap()
        };
        assert!(exits(&[1; 100]) >= 100 * size_of::<i32>());
        assert!(exits(&[0x81, 1].repeat(50)) < exits(&[1; 100]));
    }
}
