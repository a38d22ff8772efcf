//! Decoding what the daemon answers: weighed first, by the shapes that the build script makes from `proto/`.

use bytes::{Buf, Bytes};
use llb_graph::weight::{Content, Part, Shapes};
use prost::Message;
use tonic::Status;
use tonic::codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder};

use super::protocol;
use super::size::mebibytes;

include!(concat!(env!("OUT_DIR"), "/shapes.rs"));

/// The most that one answer may take in memory once it is decoded. A client's graph weighs three to six times its bytes,
/// so there is room for one of 18,000 steps.
pub const MAX_DECODED_BYTES: usize = 40 << 20;

/// How the error about a larger one begins.
pub(super) const TOO_HEAVY: &str = "takes too much memory: ";

/// What a daemon answers with.
pub(super) trait Answered: Message + Default {
    /// Its number in [`SHAPES`].
    const SHAPE: u16;
}

/// Decodes an answer, or says what is wrong with it.
pub(super) fn decode<T: Answered>(message: impl Buf + AsRef<[u8]>) -> Result<T, Status> {
    let Some(weight) = SHAPES.weigh(T::SHAPE, message.as_ref()) else {
        return Err(Status::internal("not a message of this kind"));
    };
    if weight > MAX_DECODED_BYTES {
        let message = format!(
            "{TOO_HEAVY}{} where {} may be",
            mebibytes(weight),
            mebibytes(MAX_DECODED_BYTES)
        );
        return Err(Status::resource_exhausted(message));
    }
    T::decode(message).map_err(|error| Status::internal(error.to_string()))
}

/// A message on its way out, of whatever kind.
pub(super) trait Sent: Send + Sync {
    /// How many bytes it has on the wire.
    fn size(&self) -> usize;
    /// Writes them.
    fn write(&self, buffer: &mut EncodeBuf<'_>);
}

impl<M: Message> Sent for M {
    fn size(&self) -> usize {
        self.encoded_len()
    }

    fn write(&self, buffer: &mut EncodeBuf<'_>) {
        self.encode_raw(buffer);
    }
}

/// Messages out, bytes in: the same for every call, so that all calls are one to the compiler. [`decode`] reads the bytes.
pub(super) struct Calls;

impl Codec for Calls {
    type Encode = Box<dyn Sent>;
    type Decode = Bytes;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        Self
    }

    fn decoder(&mut self) -> Self {
        Self
    }
}

impl Encoder for Calls {
    type Item = Box<dyn Sent>;
    type Error = Status;

    /// Makes room for the whole message first: growing step by step would copy a large one.
    fn encode(&mut self, message: Box<dyn Sent>, buffer: &mut EncodeBuf<'_>) -> Result<(), Status> {
        buffer.reserve(message.size());
        message.write(buffer);
        Ok(())
    }
}

impl Decoder for Calls {
    type Item = Bytes;
    type Error = Status;

    fn decode(&mut self, buffer: &mut DecodeBuf<'_>) -> Result<Option<Bytes>, Status> {
        // It goes on sharing the memory that it was received in.
        Ok(Some(buffer.copy_to_bytes(buffer.remaining())))
    }
}

#[cfg(test)]
mod tests {
    use std::mem::size_of;

    use super::*;
    use crate::gateway::{Any, Stat, pb};

    /// What an empty element of the list that field `number` is weighs in a long list.
    fn element<T: Answered>(number: u8) -> usize {
        SHAPES
            .weigh(T::SHAPE, &[number << 3 | 2, 0].repeat(1000))
            .unwrap()
            / 1000
    }

    #[test]
    fn an_element_is_weighed_with_no_less_than_it_takes() {
        assert!(element::<pb::InputsResponse>(1) >= size_of::<pb::DefinitionEntry>());
        assert!(element::<pb::ReadDirResponse>(1) >= size_of::<Stat>());
        assert!(element::<pb::PongResponse>(1) >= size_of::<protocol::moby::buildkit::v1::apicaps::ApiCap>());
        assert!(element::<protocol::google::rpc::Status>(3) >= size_of::<Any>());
    }

    #[test]
    fn a_file_weighs_nothing_beside_itself() {
        let file = pb::ReadFileResponse {
            data: vec![b'x'; 1_000_000].into(),
        };
        let message = file.encode_to_vec();
        assert_eq!(
            SHAPES.weigh(<pb::ReadFileResponse as Answered>::SHAPE, &message),
            Some(0)
        );
        assert_eq!(decode::<pb::ReadFileResponse>(message.as_slice()).unwrap(), file);
    }
}
