//! The arena that operations live in.

use crate::encode::Encoder;
use crate::metadata::write_metadata;
use crate::node::{Body, ImportedOp, Node, Pieces, Place, PlatformOf, Slice, Told};
use crate::output::{FileSystem, Output, VertexId};
use crate::{
    CapSet, DiffOp, GraphError, MergeOp, Op, Platform, Ranges, SourceLocation, SourceMap, SourceMapId,
    SourceOp, Vertex, caps,
};

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

    /// Makes room for operations that take about so many bytes: growing step by step would copy them.
    pub fn reserve(&mut self, bytes: usize) {
        self.bytes.reserve(bytes);
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
        let mut node = Node {
            body: Body::Encoded(Slice::default()),
            platform: PlatformOf::Nothing,
            inputs: Slice::default(),
            visits: Slice::default(),
            outputs: vertex.op.output_count(),
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
            node.visits = self.add_visits(&vertex.op)?;
            node.body = Body::Late(Box::new(vertex));
            return self.push(node);
        }
        let first_input = self.inputs.len();
        let mut encoder = Encoder::new(self.caps.as_ref(), None, &mut self.inputs);
        let start = self.bytes.len();
        vertex.write_body(&mut self.bytes, &mut encoder);
        let caps = vertex.all_caps(encoder.caps);
        node.body = Body::Encoded(Slice::since(&self.bytes, start)?);
        let start = self.bytes.len();
        write_metadata(&mut self.bytes, &vertex.metadata, &caps);
        node.metadata = Slice::since(&self.bytes, start)?;
        node.caps = cap_set_index(&mut self.cap_sets, &caps);
        node.inputs = Slice::since(&self.inputs, first_input)?;
        for input in node.inputs.of(&self.inputs) {
            self.check(*input)?;
        }
        node.visits = match vertex.op.visits_as_listed() {
            true => node.inputs,
            false => self.add_visits(&vertex.op)?,
        };
        self.push(node)
    }

    /// Adds the inputs of an operation in the order in which their vertices come in a definition.
    fn add_visits(&mut self, op: &Op) -> Result<Slice, GraphError> {
        let start = self.inputs.len();
        op.visit_inputs(&mut |input| self.inputs.push(input));
        let visits = Slice::since(&self.inputs, start)?;
        for input in visits.of(&self.inputs) {
            self.check(*input)?;
        }
        Ok(visits)
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
            let pieces = match &location.ranges {
                Ranges::Lines(lines) => Pieces::Lines(*lines.start(), *lines.end()),
                Ranges::Each(ranges) => {
                    let start = self.bytes.len();
                    ranges.iter().for_each(|range| range.write(&mut self.bytes, 2));
                    Pieces::Encoded(Slice::since(&self.bytes, start)?)
                }
            };
            let map = location.map;
            self.places.push(Place { map, pieces });
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

    /// The inputs of a vertex, by its place ([`VertexId::index`]), as its op lists them; but the op lists equal ones once.
    pub fn inputs(&self, vertex: usize) -> &[Output] {
        let node = self.nodes.get(vertex);
        node.map_or(&[], |node| node.inputs.of(&self.inputs))
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
