//! Definitions as bytes.

use std::borrow::Cow;

use prost::bytes::{Buf, BufMut, Bytes};
use prost::encoding::{DecodeContext, WireType, decode_varint, encode_key, encode_varint};
use prost::{DecodeError as ProstError, Message};

use crate::collect;
use crate::definition::decode_op;
use crate::parts::Parts;
use crate::{DecodeError, Definition, Digest, proto, wire};

/// Number and wire type of the field of a definition that has the ops.
const OP_KEY: u8 = 0x0a;

/// A definition as [`Graph::marshal`](crate::Graph::marshal) makes it: the bytes of the `pb.Definition` message, and
/// what a client has to know of them. Cloning it copies nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Marshalled {
    message: Parts,
    count: usize,
    head: Option<Digest>,
    caps: Vec<String>,
}

impl Marshalled {
    pub(crate) fn new(message: Parts, count: usize, head: Digest, mut caps: Vec<String>) -> Self {
        caps.shrink_to_fit();
        Self {
            message,
            count,
            head: Some(head),
            caps,
        }
    }

    /// The message. Something large in it, such as the text of its source file, is a part of its own until then, so
    /// this copies it.
    pub fn bytes(&self) -> Bytes {
        self.message.joined()
    }

    /// The message in parts, one behind the other.
    pub fn parts(&self) -> impl Iterator<Item = &Bytes> {
        self.message.iter()
    }

    /// How many ops there are, the terminal one included; none for the empty file system.
    pub fn count(&self) -> usize {
        self.count
    }

    /// The digest of the op that makes the result; `None` for the empty file system.
    pub fn head(&self) -> Option<Digest> {
        self.head
    }

    /// The capabilities that the daemon must have, sorted.
    pub fn caps(&self) -> &[String] {
        &self.caps
    }

    /// The encoded ops, inputs before users.
    pub fn ops(&self) -> impl Iterator<Item = Cow<'_, [u8]>> {
        let mut parts = self.message.iter();
        let mut rest: &[u8] = &[];
        std::iter::from_fn(move || {
            while rest.is_empty() {
                rest = parts.next()?;
            }
            // The ops are the first field, so they come first.
            let mut left = rest.strip_prefix(&[OP_KEY])?;
            let length = usize::try_from(decode_varint(&mut left).ok()?).ok()?;
            if let Some((op, after)) = left.split_at_checked(length) {
                rest = after;
                return Some(Cow::Borrowed(op));
            }
            // It goes on in the next parts.
            let mut op = left.to_vec();
            while op.len() < length {
                let next = parts.next()?;
                let (more, after) = next.split_at((length - op.len()).min(next.len()));
                op.extend_from_slice(more);
                rest = after;
            }
            Some(Cow::Owned(op))
        })
    }

    /// [`Marshalled::ops`], each decoded when it is its turn.
    pub fn each_op(&self) -> impl Iterator<Item = Result<proto::Op, DecodeError>> {
        self.ops().map(|op| decode_op(&op))
    }

    /// [`Marshalled::each_op`] with the digest of each.
    pub fn named_ops(&self) -> impl Iterator<Item = Result<(Digest, proto::Op), DecodeError>> {
        self.ops().map(|op| Ok((Digest::of(&op), decode_op(&op)?)))
    }

    /// The parts of the message.
    pub fn decode(&self) -> Result<Definition, DecodeError> {
        Definition::decode(&self.bytes())
    }
}

/// A `pb.Definition` in another message, as it is on the wire: it is neither read nor made anew on its way through.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RawDefinition(Parts);

impl RawDefinition {
    /// The message.
    pub fn bytes(&self) -> Bytes {
        self.0.joined()
    }

    /// The parts of the message.
    pub fn decode(&self) -> Result<Definition, DecodeError> {
        Definition::decode(&self.bytes())
    }

    /// The same without the text of its source files, which may be most of it. Ops, digests and lines stay.
    #[must_use]
    pub fn without_texts(&self) -> Self {
        let mut out = Vec::new();
        without(&self.bytes(), &TEXT, &mut out);
        out.into()
    }
}

/// The fields that lead to the text of a source file.
const TEXT: [u8; 3] = [3, 2, 2];

/// Writes a message without the field that the path leads to.
fn without(mut message: &[u8], path: &[u8], out: &mut Vec<u8>) {
    while let Some(field) = wire::next_field(&mut message) {
        match path {
            [number, inner @ ..] if field.number == u64::from(*number) => {
                if !inner.is_empty() {
                    wire::message(out, *number, |out| without(field.content, inner, out));
                }
            }
            _ => out.extend_from_slice(field.bytes),
        }
    }
}

impl From<&Definition> for Marshalled {
    fn from(definition: &Definition) -> Self {
        let caps = definition
            .metadata
            .values()
            .flat_map(|metadata| metadata.caps.iter());
        let caps = collect::set(caps);
        let terminal = definition.def.last();
        let terminal = terminal.and_then(|bytes| proto::Op::decode(bytes.as_slice()).ok());
        let target = terminal.and_then(|op| op.inputs.into_iter().next());
        Self {
            message: definition.encode().into(),
            count: definition.def.len(),
            head: target.and_then(|input| Digest::parse(&input.digest)),
            caps: caps.into_iter().cloned().collect(),
        }
    }
}

impl From<Vec<u8>> for RawDefinition {
    fn from(message: Vec<u8>) -> Self {
        Self(message.into())
    }
}

impl From<&Marshalled> for RawDefinition {
    fn from(definition: &Marshalled) -> Self {
        Self(definition.message.clone())
    }
}

impl From<&Definition> for RawDefinition {
    fn from(definition: &Definition) -> Self {
        Self(definition.encode().into())
    }
}

impl Message for RawDefinition {
    fn encode_raw(&self, buf: &mut impl BufMut) {
        self.0.iter().for_each(|part| buf.put_slice(part));
    }

    fn merge_field(
        &mut self,
        tag: u32,
        wire_type: WireType,
        buf: &mut impl Buf,
        context: DecodeContext,
    ) -> Result<(), ProstError> {
        if wire_type != WireType::LengthDelimited {
            // A definition has no such field; whoever decodes it would pass over it.
            return prost::encoding::skip_field(wire_type, tag, buf, context);
        }
        let mut field = Bytes::new();
        prost::encoding::bytes::merge(wire_type, &mut field, buf, context)?;
        let mut message = Vec::from(std::mem::take(&mut self.0).into_joined());
        encode_key(tag, wire_type, &mut message);
        encode_varint(field.len() as u64, &mut message);
        message.extend_from_slice(&field);
        self.0 = message.into();
        Ok(())
    }

    fn encoded_len(&self) -> usize {
        self.0.len()
    }

    fn clear(&mut self) {
        self.0 = Parts::default();
    }
}
