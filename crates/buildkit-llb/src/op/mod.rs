//! The operations, one a file.

use crate::marshal::Encoder;
use crate::{
    BuildOp, DiffOp, ExecOp, FileOp, GraphError, ImportedOp, MergeOp, Output, PassthroughOp, SourceOp, proto,
};

pub mod build;
pub mod diff;
pub mod exec;
pub(crate) mod exec_encode;
pub mod file;
pub mod imported;
pub mod merge;
pub mod passthrough;

/// What a vertex does.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(
    clippy::large_enum_variant,
    reason = "most vertices of a build are execs, so a box would save nothing"
)]
pub enum Op {
    /// Runs a program.
    Exec(ExecOp),
    /// Copies, writes and removes files.
    File(FileOp),
    /// Lays file systems over each other.
    Merge(MergeOp),
    /// What one file system changes of another.
    Diff(DiffOp),
    /// Builds a definition that another vertex made.
    Build(BuildOp),
    /// Waits for inputs, gives some on.
    Passthrough(PassthroughOp),
    /// Comes from outside: an image, a repository, a download, a directory.
    Source(SourceOp),
    /// Came in encoded, see [`Graph::import`](crate::Graph::import).
    Imported(ImportedOp),
}

impl Op {
    /// The inputs, in the order in which their vertices come in a definition.
    pub fn inputs(&self) -> Vec<Output> {
        match self {
            Self::Exec(op) => op.inputs(),
            Self::File(op) => op.inputs(),
            Self::Merge(op) => op.inputs.clone(),
            Self::Diff(op) => op.lower.into_iter().chain(op.upper).collect(),
            Self::Build(op) => vec![op.source],
            Self::Passthrough(op) => op.inputs.clone(),
            Self::Source(_) => Vec::new(),
            Self::Imported(op) => op.inputs().to_vec(),
        }
    }

    /// How many outputs there are; `None` when only the daemon knows.
    pub fn output_count(&self) -> Option<u32> {
        match self {
            Self::Exec(op) => Some(op.output_count()),
            Self::Passthrough(op) => Some(u32::try_from(op.outputs.len()).unwrap_or(u32::MAX)),
            Self::Imported(_) => None,
            Self::File(_) | Self::Merge(_) | Self::Diff(_) | Self::Build(_) | Self::Source(_) => Some(1),
        }
    }

    pub(crate) fn validate(&self) -> Result<(), GraphError> {
        match self {
            Self::Exec(op) => op.validate(),
            Self::File(op) if op.actions.is_empty() => Err(GraphError::NoActions),
            Self::Merge(op) if op.inputs.len() < 2 => Err(GraphError::TooFewInputs),
            Self::Source(op) if op.identifier.is_empty() => Err(GraphError::NoIdentifier),
            Self::Passthrough(op) => op.validate(),
            _ => Ok(()),
        }
    }

    /// Whether the platform is part of the bytes.
    pub(crate) fn has_platform(&self) -> bool {
        match self {
            Self::Exec(_) | Self::Build(_) => true,
            Self::Source(op) => op.has_platform(),
            _ => false,
        }
    }

    /// The message, unless the op came in encoded.
    pub(crate) fn encode(&self, encoder: &mut Encoder<'_>) -> Option<proto::op::Op> {
        Some(match self {
            Self::Exec(op) => proto::op::Op::Exec(op.encode(encoder)),
            Self::File(op) => proto::op::Op::File(op.encode(encoder)),
            Self::Merge(op) => proto::op::Op::Merge(op.encode(encoder)),
            Self::Diff(op) => proto::op::Op::Diff(op.encode(encoder)),
            Self::Build(op) => proto::op::Op::Build(op.encode(encoder)),
            Self::Passthrough(op) => proto::op::Op::Passthrough(op.encode(encoder)),
            Self::Source(op) => proto::op::Op::Source(op.encode(encoder)),
            Self::Imported(_) => return None,
        })
    }
}
