//! A whole graph as it goes over the wire.

mod source_map;

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt;

use prost::Message;

use crate::collect;
use crate::proto;
use crate::weight::{DEFINITION, OP, SHAPES};
use crate::{OpMetadata, digest};

pub use source_map::{
    Location, Position, Range, Ranges, Source, SourceInfo, SourceLocation, SourceMap, SourceMapId,
};

/// An encoded graph. The last op is the terminal one: it has no work, it only
/// names the output that is the result. The empty file system has no ops at all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Definition {
    /// Encoded ops, inputs before users.
    pub def: Vec<Vec<u8>>,
    /// By digest of the op.
    pub metadata: BTreeMap<String, OpMetadata>,
    /// The source files that the ops come from.
    pub source: Option<Source>,
}

/// The most memory that messages are decoded to: 64 MiB, four messages of the size that BuildKit takes.
const DECODED_BYTES: usize = 64 << 20;

/// The bytes are no definition (or no op).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecodeError(Problem);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Problem {
    /// What the protobuf decoder says.
    Malformed(prost::DecodeError),
    /// It would take so many bytes.
    TooLarge(usize),
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Problem::Malformed(error) => write!(f, "not a valid LLB message: {error}"),
            Problem::TooLarge(weight) => write!(
                f,
                "too many small parts in an LLB message: {} MiB in memory, and no more than {} MiB are read",
                weight.div_ceil(1 << 20),
                DECODED_BYTES >> 20
            ),
        }
    }
}

impl Error for DecodeError {}

/// Decodes a message of a shape, if it takes no more than is left.
fn decode<M: Message + Default>(shape: u16, bytes: &[u8], left: &mut usize) -> Result<M, DecodeError> {
    // What is no message the decoder words.
    let weight = SHAPES.weigh(shape, bytes).unwrap_or_default();
    let too_large = || DecodeError(Problem::TooLarge(weight));
    *left = left.checked_sub(weight).ok_or_else(too_large)?;
    M::decode(bytes).map_err(|error| DecodeError(Problem::Malformed(error)))
}

/// Decodes one op.
pub(crate) fn decode_op(bytes: &[u8]) -> Result<proto::Op, DecodeError> {
    decode(OP, bytes, &mut { DECODED_BYTES })
}

impl Definition {
    /// The `pb.Definition` message.
    pub fn encode(&self) -> Vec<u8> {
        proto::Definition::from(self).encode_to_vec()
    }

    /// Reads a `pb.Definition` message. The ops stay bytes: [`ops`](Self::ops) and
    /// [`Graph::import`](crate::Graph::import) read them.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        decode::<proto::Definition>(DEFINITION, bytes, &mut { DECODED_BYTES }).map(Self::from)
    }

    /// The digest of the op that makes the result; `None` for the empty file system.
    pub fn head(&self) -> Result<Option<String>, DecodeError> {
        let Some(last) = self.def.last() else {
            return Ok(None);
        };
        let terminal = decode_op(last)?;
        Ok(terminal.inputs.into_iter().next().map(|input| input.digest))
    }

    /// All ops with their digests, in order, each decoded when it is its turn.
    pub fn each_op(&self) -> impl Iterator<Item = Result<(String, proto::Op), DecodeError>> {
        let decoded = |bytes: &Vec<u8>| Ok((digest(bytes), decode_op(bytes)?));
        self.def.iter().map(decoded)
    }

    /// All ops with their digests, in order. They may take no more memory together than one of them.
    pub fn ops(&self) -> Result<Vec<(String, proto::Op)>, DecodeError> {
        let mut left = DECODED_BYTES;
        self.def
            .iter()
            .map(|bytes| Ok((digest(bytes), decode(OP, bytes, &mut left)?)))
            .collect()
    }
}

impl From<&Definition> for proto::Definition {
    fn from(definition: &Definition) -> Self {
        Self {
            def: definition.def.clone(),
            metadata: definition
                .metadata
                .iter()
                .map(|(digest, metadata)| proto::OpMetadataEntry {
                    key: Some(digest.clone()),
                    value: Some(metadata.into()),
                })
                .collect(),
            source: definition.source.as_ref().map(proto::Source::from),
        }
    }
}

impl From<proto::Definition> for Definition {
    fn from(definition: proto::Definition) -> Self {
        let metadata = definition.metadata.into_iter();
        Self {
            def: definition.def,
            metadata: collect::map(metadata.map(|entry| {
                (
                    entry.key.unwrap_or_default(),
                    entry.value.unwrap_or_default().into(),
                )
            })),
            source: definition.source.map(Source::from),
        }
    }
}
