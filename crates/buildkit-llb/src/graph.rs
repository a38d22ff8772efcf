//! The arena that operations live in.

use std::error::Error;
use std::fmt;

use crate::encode::{Encoder, write_body};
use crate::metadata::write_metadata;
use crate::node::{Body, ImportedOp, Node, Place, PlatformOf, Slice, Told};
use crate::{
    CapSet, DiffOp, MergeOp, Op, Platform, SourceLocation, SourceMap, SourceMapId, SourceOp, Vertex, caps,
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

    /// The first output, which is the only one of all operations but a command and a passthrough. Of a command it is the
    /// mount whose destination sorts first, mostly but not always its root: [`ExecOp::root_output`](crate::ExecOp::root_output)
    /// knows the number.
    pub fn first_output(self) -> Output {
        self.output(0)
    }

    pub(crate) fn index(self) -> usize {
        self.0 as usize
    }
}

/// Operations, each after its inputs.
///
/// An operation is encoded when it is added, but for what only the whole definition decides: the digests of its inputs,
/// and the platform of those that name none. Local directories wait until then, since
/// [`source_mut`](Self::source_mut) may change them.
#[derive(Clone, Debug, Default)]
pub struct Graph {
    /// What the daemon can do, where there is one to ask.
    pub(crate) caps: Option<CapSet>,
    pub(crate) nodes: Vec<Node>,
    /// The inputs of all nodes.
    pub(crate) inputs: Vec<Output>,
    /// The encoded parts of all nodes.
    pub(crate) bytes: Vec<u8>,
    pub(crate) places: Vec<Place>,
    /// The platforms, with their field of an op.
    pub(crate) platforms: Vec<(Platform, Vec<u8>)>,
    /// The sets of capabilities, each sorted.
    pub(crate) cap_sets: Vec<Vec<String>>,
    pub(crate) maps: Vec<SourceMap>,
    /// What the definitions that were imported one by one take, in bytes.
    pub(crate) imported: usize,
}

/// How long the lists of a graph are, to go back to.
#[derive(Clone, Copy)]
pub(crate) struct Mark([usize; 5]);

impl Graph {
    /// A graph of nothing, made without a daemon to ask: then nothing is added for
    /// old ones.
    pub fn new() -> Self {
        Self::default()
    }

    /// A graph of nothing, for a daemon with these capabilities.
    pub fn for_daemon(caps: CapSet) -> Self {
        Self {
            caps: Some(caps),
            ..Self::default()
        }
    }

    /// Adds a vertex, or an operation of which nothing else is known. Its inputs are in the graph already.
    ///
    /// The error says which input is missing, or what the operation lacks.
    ///
    /// ```
    /// use llb_graph::{ExecOp, Graph, SourceOp, Vertex};
    ///
    /// let mut graph = Graph::new();
    /// let image = graph.add(SourceOp::image("alpine", &Default::default())?)?;
    /// let make = ExecOp::new(Some(image.first_output()), ["make"]);
    /// let make = graph.add(Vertex::from(make).with_name("compile"))?;
    /// assert_eq!(graph.len(), 2);
    /// # let _ = make;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[inline]
    pub fn add(&mut self, vertex: impl Into<Vertex>) -> Result<VertexId, GraphError> {
        self.add_vertex(vertex.into())
    }

    fn add_vertex(&mut self, vertex: Vertex) -> Result<VertexId, GraphError> {
        vertex.op.validate()?;
        let mark = self.mark();
        self.add_node(vertex).inspect_err(|_| self.go_back(mark))
    }

    fn add_node(&mut self, vertex: Vertex) -> Result<VertexId, GraphError> {
        let outputs = vertex.op.output_count();
        let start = self.inputs.len();
        vertex.op.visit_inputs(&mut |input| self.inputs.push(input));
        for input in &self.inputs[start..] {
            self.check(*input)?;
        }
        let mut node = Node {
            body: Body::Encoded(Slice::default()),
            platform: PlatformOf::Nothing,
            inputs: Slice::default(),
            visits: Slice::since(&self.inputs, start)?,
            outputs,
            metadata: Slice::default(),
            caps: 0,
            told: Told::by(&vertex.metadata),
            places: self.add_places(&vertex.locations)?,
        };
        if vertex.op.has_platform() {
            node.platform = match &vertex.platform {
                None => PlatformOf::Definition,
                Some(platform) => PlatformOf::Own(self.platform_index(platform)),
            };
        }
        if self.is_late(&vertex.op) {
            node.body = Body::Late(Box::new(vertex));
            return self.push(node);
        }
        let mut encoder = Encoder::new(self.caps.as_ref(), None);
        let start = self.bytes.len();
        write_body(&mut self.bytes, &vertex, &mut encoder);
        node.body = Body::Encoded(Slice::since(&self.bytes, start)?);
        let caps = encoder.all_caps(&vertex);
        let start = self.bytes.len();
        write_metadata(&mut self.bytes, &vertex.metadata, &caps);
        node.metadata = Slice::since(&self.bytes, start)?;
        let start = self.inputs.len();
        let inputs = encoder.inputs;
        node.inputs = if inputs == node.visits.of(&self.inputs) {
            node.visits
        } else {
            self.inputs.extend(inputs);
            Slice::since(&self.inputs, start)?
        };
        node.caps = cap_set_index(&mut self.cap_sets, &caps);
        self.push(node)
    }

    /// Adds an op of another definition.
    pub(crate) fn add_imported(&mut self, op: &ImportedOp<'_>) -> Result<VertexId, GraphError> {
        let start = self.inputs.len();
        self.inputs.extend(&op.inputs);
        let inputs = Slice::since(&self.inputs, start)?;
        let start = self.bytes.len();
        self.bytes.extend_from_slice(op.bytes);
        let body = Body::Imported(op.digest, Slice::since(&self.bytes, start)?);
        let caps: Vec<&str> = op.metadata.caps.iter().map(String::as_str).collect();
        let start = self.bytes.len();
        write_metadata(&mut self.bytes, op.metadata, &caps);
        let node = Node {
            body,
            platform: op.platform.as_ref().map_or(PlatformOf::Nothing, |platform| {
                PlatformOf::Beside(self.platform_index(platform))
            }),
            inputs,
            visits: inputs,
            outputs: u32::MAX,
            metadata: Slice::since(&self.bytes, start)?,
            caps: cap_set_index(&mut self.cap_sets, &caps),
            told: Told::by(op.metadata),
            places: self.add_places(op.locations)?,
        };
        self.push(node)
    }

    fn push(&mut self, node: Node) -> Result<VertexId, GraphError> {
        let id = u32::try_from(self.nodes.len()).map_err(|_| GraphError::TooLarge)?;
        self.nodes.push(node);
        Ok(VertexId(id))
    }

    /// Whether only a definition knows all that an operation says.
    fn is_late(&self, op: &Op) -> bool {
        match op {
            Op::Source(source) => source.is_local(),
            Op::Exec(_) => {
                let caps = self.caps.as_ref();
                caps.is_some_and(|caps| !caps.supports(caps::EXEC_META_SETS_DEFAULT_PATH))
            }
            _ => false,
        }
    }

    fn add_places(&mut self, locations: &[SourceLocation]) -> Result<Slice, GraphError> {
        let first = self.places.len();
        for location in locations {
            if location.map.0 as usize >= self.maps.len() {
                return Err(GraphError::UnknownSourceMap(location.map));
            }
            let start = self.bytes.len();
            for range in &location.ranges {
                range.write(&mut self.bytes, 2);
            }
            self.places.push(Place {
                map: location.map,
                ranges: Slice::since(&self.bytes, start)?,
            });
        }
        Slice::since(&self.places, first)
    }

    fn platform_index(&mut self, platform: &Platform) -> u32 {
        let index = latest(&self.platforms, |(known, _)| known == platform).unwrap_or_else(|| {
            self.platforms.push((platform.clone(), platform.field()));
            self.platforms.len() - 1
        });
        u32::try_from(index).unwrap_or(u32::MAX)
    }

    pub(crate) fn mark(&self) -> Mark {
        Mark([
            self.nodes.len(),
            self.inputs.len(),
            self.bytes.len(),
            self.places.len(),
            self.maps.len(),
        ])
    }

    /// Takes back all that was added since.
    pub(crate) fn go_back(&mut self, Mark([nodes, inputs, bytes, places, maps]): Mark) {
        self.nodes.truncate(nodes);
        self.inputs.truncate(inputs);
        self.bytes.truncate(bytes);
        self.places.truncate(places);
        self.maps.truncate(maps);
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
            _ => Ok(Some(
                self.add(vertex(Op::Merge(MergeOp { inputs })))?.first_output(),
            )),
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
        Ok(Some(self.add(vertex(op))?.first_output()))
    }

    /// The platform of a vertex, where it has one of its own.
    pub fn platform(&self, id: VertexId) -> Option<&Platform> {
        let node = self.nodes.get(id.index())?;
        let index = match (&node.body, node.platform) {
            (Body::Late(vertex), _) => return vertex.platform.as_deref(),
            (_, PlatformOf::Own(index) | PlatformOf::Beside(index)) => index,
            _ => return None,
        };
        self.platforms.get(index as usize).map(|(platform, _)| platform)
    }

    /// How many vertices there are.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// The source operation of a local directory, to change its attributes: which of
    /// its paths are used is known only when all users are there.
    pub fn source_mut(&mut self, id: VertexId) -> Option<&mut SourceOp> {
        match &mut self.nodes.get_mut(id.index())?.body {
            Body::Late(vertex) => match &mut vertex.op {
                Op::Source(source) => Some(source),
                _ => None,
            },
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
        let node = self.nodes.get(output.vertex.index());
        let node = node.ok_or(GraphError::UnknownVertex(output.vertex))?;
        match node.outputs {
            u32::MAX => Ok(()),
            count if output.index >= count => Err(GraphError::UnknownOutput(output)),
            _ => Ok(()),
        }
    }
}

/// How many of the known ones are looked through for an equal one: a graph of many different ones, such as one that was
/// imported, takes some twice rather than all of the time.
const LOOK_BACK: usize = 64;

/// The index of the last of `known` that is the one, if that is not long ago.
fn latest<T>(known: &[T], is_it: impl Fn(&T) -> bool) -> Option<usize> {
    let start = known.len().saturating_sub(LOOK_BACK);
    known[start..].iter().rposition(is_it).map(|index| start + index)
}

/// The index of a sorted set of capabilities.
fn cap_set_index(known: &mut Vec<Vec<String>>, caps: &[&str]) -> u32 {
    let index = latest(known, |set| set == caps).unwrap_or_else(|| {
        known.push(caps.iter().map(|cap| (*cap).to_owned()).collect());
        known.len() - 1
    });
    u32::try_from(index).unwrap_or(u32::MAX)
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
    /// The working directory of an exec is relative.
    RelativeDirectory(String),
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
            Self::RelativeDirectory(cwd) => write!(
                f,
                "the working directory `{cwd}` is relative; write `{}`",
                crate::path::normalize("/", cwd, false)
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
