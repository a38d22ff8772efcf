//! A whole graph as it goes over the wire.

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt;

use prost::Message;

use crate::proto;
use crate::{OpMetadata, Source, digest};

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

/// The bytes are no definition (or no op): what the protobuf decoder says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecodeError(pub(crate) prost::DecodeError);

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not a valid LLB message: {}", self.0)
    }
}

impl Error for DecodeError {}

impl Definition {
    /// The `pb.Definition` message.
    pub fn encode(&self) -> Vec<u8> {
        proto::Definition::from(self).encode_to_vec()
    }

    /// Reads a `pb.Definition` message. The ops stay bytes: [`ops`](Self::ops) and
    /// [`Graph::import`](crate::Graph::import) read them.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        proto::Definition::decode(bytes)
            .map(Self::from)
            .map_err(DecodeError)
    }

    /// The digest of the op that makes the result; `None` for the empty file system.
    pub fn head(&self) -> Result<Option<String>, DecodeError> {
        let Some(last) = self.def.last() else {
            return Ok(None);
        };
        let terminal = proto::Op::decode(last.as_slice()).map_err(DecodeError)?;
        Ok(terminal.inputs.into_iter().next().map(|input| input.digest))
    }

    /// All ops with their digests, in order.
    pub fn ops(&self) -> Result<Vec<(String, proto::Op)>, DecodeError> {
        self.def
            .iter()
            .map(|bytes| {
                let op = proto::Op::decode(bytes.as_slice()).map_err(DecodeError)?;
                Ok((digest(bytes), op))
            })
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
        Self {
            def: definition.def,
            metadata: definition
                .metadata
                .into_iter()
                .map(|entry| {
                    (
                        entry.key.unwrap_or_default(),
                        entry.value.unwrap_or_default().into(),
                    )
                })
                .collect(),
            source: definition.source.map(Source::from),
        }
    }
}
