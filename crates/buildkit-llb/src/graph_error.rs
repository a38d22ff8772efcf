//! Why a graph does not take a vertex.

use std::error::Error;
use std::fmt;

use crate::path::normalize;
use crate::{Output, SourceMapId, VertexId};

/// Why a vertex can't be part of a graph.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GraphError {
    /// The vertex is not in this graph (yet).
    UnknownVertex(VertexId),
    /// The vertex has fewer outputs than that.
    UnknownOutput(Output),
    /// The source file is not in this graph.
    UnknownSourceMap(SourceMapId),
    /// The graph has all the vertices that ids can name.
    TooLarge,
    /// An exec has no arguments, so no program.
    NoArguments,
    /// An exec has no working directory.
    NoWorkingDirectory,
    /// The working directory of an exec is relative.
    RelativeDirectory(String),
    /// A tmpfs mount has an input, though it starts empty; by destination.
    TmpfsSource(String),
    /// A cache mount has no id; by destination.
    NoCacheId(String),
    /// A file operation has no actions.
    NoActions,
    /// A merge has fewer than two inputs; [`Graph::merge`](crate::Graph::merge) knows what to do with those.
    TooFewInputs,
    /// A source has no identifier.
    NoIdentifier,
    /// A passthrough has no id.
    NoPassthroughId,
    /// A passthrough has no output, or one that is none of its inputs.
    PassthroughOutputs,
}

impl fmt::Display for GraphError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownVertex(id) => write!(f, "vertex {} is not in the graph", id.0),
            Self::UnknownOutput(output) => {
                write!(f, "vertex {} has no output {}", output.vertex.0, output.index)
            }
            Self::UnknownSourceMap(id) => write!(f, "source map {} is not in the graph", id.0),
            Self::TooLarge => f.write_str("the graph has too many vertices"),
            Self::NoArguments => f.write_str("a command needs at least one argument"),
            Self::NoWorkingDirectory => f.write_str("a command needs a working directory"),
            Self::RelativeDirectory(cwd) => write!(
                f,
                "the working directory `{cwd}` is relative; write `{}`",
                normalize("/", cwd, false)
            ),
            Self::TmpfsSource(dest) => write!(
                f,
                "the tmpfs mount at {dest} starts empty, so it can't have a source"
            ),
            Self::NoCacheId(dest) => write!(f, "the cache mount at {dest} needs an id"),
            Self::NoActions => f.write_str("a file operation needs at least one action"),
            Self::TooFewInputs => f.write_str("a merge needs at least two inputs"),
            Self::NoIdentifier => f.write_str("a source needs an identifier"),
            Self::NoPassthroughId => f.write_str("a passthrough needs an id"),
            Self::PassthroughOutputs => {
                f.write_str("a passthrough needs at least one output, each one of its inputs")
            }
        }
    }
}

impl Error for GraphError {}
