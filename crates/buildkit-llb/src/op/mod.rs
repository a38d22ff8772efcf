//! The operations, one a file.

use crate::encode::Encoder;
use crate::{
    BuildOp, DiffOp, ExecOp, FileAction, FileOp, GraphError, MergeOp, Output, PassthroughOp, SourceOp, proto,
    wire,
};

pub mod build;
pub mod diff;
pub mod exec;
pub(crate) mod exec_encode;
pub mod file;
pub mod merge;
pub mod mount;
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
}

macro_rules! from_operations {
    ($($op:ident($of:ty)),*) => {$(
        impl From<$of> for Op {
            fn from(op: $of) -> Self {
                Self::$op(op)
            }
        }
    )*};
}

from_operations!(
    Exec(ExecOp),
    File(FileOp),
    Merge(MergeOp),
    Diff(DiffOp),
    Build(BuildOp),
    Passthrough(PassthroughOp),
    Source(SourceOp)
);

impl Op {
    /// Gives the inputs, each once, in the order in which their vertices come in a definition.
    pub(crate) fn visit_inputs(&self, visit: &mut impl FnMut(Output)) {
        match self {
            Self::Exec(op) => op.inputs().into_iter().for_each(visit),
            Self::File(op) => op.inputs().into_iter().for_each(visit),
            Self::Merge(op) => op.inputs.iter().copied().for_each(visit),
            Self::Diff(op) => op.lower.into_iter().chain(op.upper).for_each(visit),
            Self::Build(op) => visit(op.source),
            Self::Passthrough(op) => op.inputs.iter().copied().for_each(visit),
            Self::Source(_) => {}
        }
    }

    /// Whether the vertices of the inputs come in a definition in the order in which the message lists them.
    pub(crate) fn visits_as_listed(&self) -> bool {
        match self {
            // The message lists them from the first action on, and they come from the last one on.
            Self::File(op) => op.actions.len() == 1,
            _ => true,
        }
    }

    /// Gives every mention of an input, to be changed.
    pub(crate) fn visit_inputs_mut(&mut self, visit: &mut impl FnMut(&mut Output)) {
        match self {
            Self::Exec(op) => {
                let mounts = op.mounts.iter_mut().map(|mount| &mut mount.source);
                mounts.chain([&mut op.root]).flatten().for_each(visit);
            }
            Self::File(op) => {
                let sources = op.actions.iter_mut().filter_map(FileAction::source_mut);
                sources.chain([&mut op.base]).flatten().for_each(visit);
            }
            Self::Merge(op) => op.inputs.iter_mut().for_each(visit),
            Self::Diff(op) => op.lower.iter_mut().chain(&mut op.upper).for_each(visit),
            Self::Build(op) => visit(&mut op.source),
            Self::Passthrough(op) => op.inputs.iter_mut().for_each(visit),
            Self::Source(_) => {}
        }
    }

    /// How many outputs there are.
    pub(crate) fn output_count(&self) -> u32 {
        match self {
            Self::Exec(op) => op.output_count(),
            Self::Passthrough(op) => u32::try_from(op.outputs.len()).unwrap_or(u32::MAX),
            Self::File(_) | Self::Merge(_) | Self::Diff(_) | Self::Build(_) | Self::Source(_) => 1,
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

    /// Writes it as the field of an op.
    pub(crate) fn write(&self, out: &mut Vec<u8>, encoder: &mut Encoder<'_>) {
        let op = match self {
            Self::Exec(op) => return wire::message(out, 2, |out| op.write(out, encoder)),
            Self::Source(op) => return wire::message(out, 3, |out| op.write(out, encoder)),
            Self::File(op) => return wire::message(out, 4, |out| op.write(out, encoder)),
            Self::Merge(op) => proto::op::Op::Merge(op.encode(encoder)),
            Self::Diff(op) => proto::op::Op::Diff(op.encode(encoder)),
            Self::Build(op) => proto::op::Op::Build(op.encode(encoder)),
            Self::Passthrough(op) => proto::op::Op::Passthrough(op.encode(encoder)),
        };
        op.encode(out);
    }
}
