//! The arena that vertices live in.

use std::error::Error;
use std::fmt;

use crate::{
    DiffOp, MergeOp, Metadata, Op, Platform, ProgressGroup, SourceLocation, SourceMap, SourceMapId, SourceOp,
};

/// A vertex of one [`Graph`]; an id of one graph means nothing in another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VertexId(pub(crate) u32);

/// What a vertex gives: most have one output, an exec one for each mount it may
/// write to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Output {
    /// Which vertex.
    pub vertex: VertexId,
    /// Which of its outputs, from zero.
    pub index: u32,
}

/// A file system at some point of the build; `None` is the empty one (scratch).
pub type FileSystem = Option<Output>;

impl VertexId {
    /// One output of the vertex.
    pub fn output(self, index: u32) -> Output {
        Output { vertex: self, index }
    }

    /// The first output, which is the only one of all ops but exec and passthrough.
    pub fn root(self) -> Output {
        self.output(0)
    }

    pub(crate) fn index(self) -> usize {
        self.0 as usize
    }
}

/// An operation and what is known about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vertex {
    /// What it does.
    pub op: Op,
    /// The platform that it runs on or is for; `None` is that of
    /// [`MarshalOptions`](crate::MarshalOptions). Left out of the bytes of ops
    /// that no platform changes (files, merges, and most sources).
    pub platform: Option<Platform>,
    /// Which workers may run it, as containerd filters; empty is any.
    pub worker_filter: Vec<String>,
    /// What takes no part in the digest.
    pub metadata: Metadata,
    /// The source lines it comes from.
    pub locations: Vec<SourceLocation>,
}

impl Vertex {
    /// An operation of which nothing else is known.
    pub fn new(op: Op) -> Self {
        Self {
            op,
            platform: None,
            worker_filter: Vec::new(),
            metadata: Metadata::default(),
            locations: Vec::new(),
        }
    }

    /// Sets the platform.
    #[must_use]
    pub fn with_platform(mut self, platform: Platform) -> Self {
        self.platform = Some(platform);
        self
    }

    /// Sets all metadata.
    #[must_use]
    pub fn with_metadata(mut self, metadata: Metadata) -> Self {
        self.metadata = metadata;
        self
    }

    /// Sets what progress shows (`llb.customname`).
    #[must_use]
    pub fn with_name(self, name: impl Into<String>) -> Self {
        self.with_description("llb.customname", name)
    }

    /// Adds one text to the description.
    #[must_use]
    pub fn with_description(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.metadata.description.insert(key.into(), value.into());
        self
    }

    /// Runs even if there is a cached result, when `ignore` is true.
    #[must_use]
    pub fn with_ignore_cache(mut self, ignore: bool) -> Self {
        self.metadata.ignore_cache = ignore;
        self
    }

    /// Puts the vertex in a progress group.
    #[must_use]
    pub fn with_progress_group(mut self, group: ProgressGroup) -> Self {
        self.metadata.progress_group = Some(group);
        self
    }

    /// Adds a place that it comes from.
    #[must_use]
    pub fn with_location(mut self, location: SourceLocation) -> Self {
        self.locations.push(location);
        self
    }

    /// Adds a filter of workers.
    #[must_use]
    pub fn with_worker_filter(mut self, filter: impl Into<String>) -> Self {
        self.worker_filter.push(filter.into());
        self
    }
}

/// Vertices, each after its inputs.
#[derive(Clone, Debug, Default)]
pub struct Graph {
    pub(crate) vertices: Vec<Vertex>,
    pub(crate) maps: Vec<SourceMap>,
}

impl Graph {
    /// A graph of nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a vertex whose inputs are in the graph already.
    ///
    /// The error says which input is missing, or what the operation lacks.
    pub fn add(&mut self, vertex: Vertex) -> Result<VertexId, GraphError> {
        for input in vertex.op.inputs() {
            self.check(input)?;
        }
        vertex.op.validate()?;
        for location in &vertex.locations {
            if location.map.0 as usize >= self.maps.len() {
                return Err(GraphError::UnknownSourceMap(location.map));
            }
        }
        let id = u32::try_from(self.vertices.len()).map_err(|_| GraphError::TooLarge)?;
        self.vertices.push(vertex);
        Ok(VertexId(id))
    }

    /// Lays file systems over each other. Empty ones don't count: with none left the
    /// result is empty, with one left it is that one, and no vertex is added.
    ///
    /// `vertex` gives the op its metadata; [`Vertex::new`] gives it none.
    pub fn merge(
        &mut self,
        inputs: &[FileSystem],
        vertex: impl FnOnce(Op) -> Vertex,
    ) -> Result<FileSystem, GraphError> {
        let inputs: Vec<Output> = inputs.iter().copied().flatten().collect();
        match inputs.as_slice() {
            [] => Ok(None),
            [only] => self.check(*only).map(|()| Some(*only)),
            _ => Ok(Some(self.add(vertex(Op::Merge(MergeOp { inputs })))?.root())),
        }
    }

    /// What `upper` changes of `lower`. Against an empty `lower` that is all of
    /// `upper`, and no vertex is added.
    ///
    /// `vertex` gives the op its metadata; [`Vertex::new`] gives it none.
    pub fn diff(
        &mut self,
        lower: FileSystem,
        upper: FileSystem,
        vertex: impl FnOnce(Op) -> Vertex,
    ) -> Result<FileSystem, GraphError> {
        if lower.is_none() {
            upper.map_or(Ok(()), |upper| self.check(upper))?;
            return Ok(upper);
        }
        let op = Op::Diff(DiffOp { lower, upper });
        Ok(Some(self.add(vertex(op))?.root()))
    }

    /// A vertex, if the id is of this graph.
    pub fn vertex(&self, id: VertexId) -> Option<&Vertex> {
        self.vertices.get(id.index())
    }

    /// How many vertices there are.
    pub fn len(&self) -> usize {
        self.vertices.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.vertices.is_empty()
    }

    /// A source operation, to change its attributes: which paths of a local
    /// directory are used is known only when all users are there.
    pub fn source_mut(&mut self, id: VertexId) -> Option<&mut SourceOp> {
        match &mut self.vertices.get_mut(id.index())?.op {
            Op::Source(source) => Some(source),
            _ => None,
        }
    }

    /// Adds a source file for locations to refer to.
    pub fn add_source_map(&mut self, map: SourceMap) -> SourceMapId {
        // More than four thousand million source files don't fit in memory.
        let id = u32::try_from(self.maps.len()).unwrap_or(u32::MAX);
        self.maps.push(map);
        SourceMapId(id)
    }

    /// A source file, if the id is of this graph.
    pub fn source_map(&self, id: SourceMapId) -> Option<&SourceMap> {
        self.maps.get(id.0 as usize)
    }

    /// Whether an output is one that a vertex of this graph has.
    pub(crate) fn check(&self, output: Output) -> Result<(), GraphError> {
        let vertex = self
            .vertex(output.vertex)
            .ok_or(GraphError::UnknownVertex(output.vertex))?;
        match vertex.op.output_count() {
            Some(count) if output.index >= count => Err(GraphError::UnknownOutput(output)),
            _ => Ok(()),
        }
    }
}

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
    /// A tmpfs mount has an input, though it starts empty; by destination.
    TmpfsSource(String),
    /// A cache mount has no id; by destination.
    NoCacheId(String),
    /// A file operation has no actions.
    NoActions,
    /// A merge has fewer than two inputs; [`Graph::merge`] knows what to do with those.
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
