//! From a graph to a definition.

use std::collections::{BTreeMap, BTreeSet};

use prost::Message;

use crate::{
    CapSet, Definition, FileSystem, Graph, GraphError, Location, Metadata, Op, Output, Platform, Source,
    SourceLocation, SourceMapId, Vertex, VertexId, caps, digest, proto,
};

/// The input index of the empty file system.
pub(crate) const EMPTY: i64 = -1;
/// The output index of what is no output.
pub(crate) const SKIP_OUTPUT: i64 = -1;

/// What a whole definition is made for.
#[derive(Clone, Debug)]
pub struct MarshalOptions {
    /// The platform of vertices that have none of their own.
    pub platform: Platform,
    /// What the daemon can do. `None` when there is no daemon to ask: then nothing
    /// is added for old ones.
    pub caps: Option<CapSet>,
    /// What tells local directories without a session apart from those of other
    /// clients: random for each marshalling, except in tests.
    pub local_unique_id: String,
}

impl MarshalOptions {
    /// For a platform, without a daemon.
    pub fn new(platform: Platform) -> Self {
        Self {
            platform,
            caps: None,
            local_unique_id: String::new(),
        }
    }

    /// For a daemon with these capabilities.
    #[must_use]
    pub fn with_caps(mut self, caps: CapSet) -> Self {
        self.caps = Some(caps);
        self
    }

    /// With this id for local directories.
    #[must_use]
    pub fn with_local_unique_id(mut self, id: impl Into<String>) -> Self {
        self.local_unique_id = id.into();
        self
    }
}

impl Graph {
    /// The definition of `target` and all that it needs, in the order of the
    /// reference: depth first, inputs before users, each digest once, the terminal
    /// op last.
    ///
    /// An id of another graph is the error.
    pub fn marshal(&self, target: FileSystem, options: &MarshalOptions) -> Result<Definition, GraphError> {
        let Some(target) = target else {
            return Ok(Definition::default());
        };
        self.check(target)?;
        let mut run = Run::new(self, options);
        run.visit(target.vertex)?;
        Ok(run.finish(target))
    }
}

/// One marshalling.
struct Run<'a> {
    graph: &'a Graph,
    options: &'a MarshalOptions,
    /// By vertex; `None` until it is encoded.
    digests: Vec<Option<String>>,
    /// Digests that are in the definition.
    listed: BTreeSet<String>,
    definition: Definition,
    files: Files,
}

impl<'a> Run<'a> {
    fn new(graph: &'a Graph, options: &'a MarshalOptions) -> Self {
        Self {
            graph,
            options,
            digests: vec![None; graph.vertices.len()],
            listed: BTreeSet::new(),
            definition: Definition::default(),
            files: Files::default(),
        }
    }

    /// Encodes a vertex after its inputs. A stack of our own, since a graph may be
    /// deeper than the thread's.
    fn visit(&mut self, target: VertexId) -> Result<(), GraphError> {
        let mut stack = vec![(target, self.inputs(target)?)];
        while let Some((id, pending)) = stack.last_mut() {
            let id = *id;
            if let Some(input) = pending.pop() {
                if self.digests[input.vertex.index()].is_none() {
                    stack.push((input.vertex, self.inputs(input.vertex)?));
                }
                continue;
            }
            stack.pop();
            self.encode(id)?;
        }
        Ok(())
    }

    /// The inputs of a vertex, next one last.
    fn inputs(&self, id: VertexId) -> Result<Vec<Output>, GraphError> {
        let vertex = self.graph.vertex(id).ok_or(GraphError::UnknownVertex(id))?;
        let mut inputs = vertex.op.inputs();
        inputs.reverse();
        Ok(inputs)
    }

    fn encode(&mut self, id: VertexId) -> Result<(), GraphError> {
        let vertex = self.graph.vertex(id).ok_or(GraphError::UnknownVertex(id))?;
        let (digest, bytes, metadata) = match &vertex.op {
            Op::Imported(op) => (op.digest.clone(), op.bytes.clone(), vertex.metadata.clone()),
            _ => self.encode_op(vertex),
        };
        self.digests[id.index()] = Some(digest.clone());
        self.definition
            .metadata
            .entry(digest.clone())
            .or_default()
            .merge(&metadata);
        self.files.add(self.graph, &digest, &vertex.locations);
        if self.listed.insert(digest) {
            self.definition.def.push(bytes);
        }
        Ok(())
    }

    fn encode_op(&self, vertex: &Vertex) -> (String, Vec<u8>, Metadata) {
        let mut encoder = Encoder {
            digests: &self.digests,
            options: self.options,
            inputs: Vec::new(),
            caps: BTreeSet::new(),
        };
        let op = vertex.op.encode(&mut encoder);
        let mut metadata = vertex.metadata.clone();
        if matches!(vertex.op, Op::Exec(_)) && metadata.linux_resources.is_some() {
            encoder.cap(caps::EXEC_META_LINUX_RESOURCES);
        }
        metadata.caps.append(&mut encoder.caps);
        let platform = vertex.platform.as_ref().unwrap_or(&self.options.platform);
        let message = proto::Op {
            inputs: encoder.inputs,
            op: None,
            platform: vertex.op.has_platform().then(|| platform.into()),
            // There even when it is empty.
            constraints: Some(proto::WorkerConstraints {
                filter: vertex.worker_filter.clone(),
            }),
        };
        // Go's protobuf library writes a oneof after all other fields, whatever
        // its number; other libraries write it in its place.
        let mut bytes = message.encode_to_vec();
        if let Some(op) = op {
            op.encode(&mut bytes);
        }
        (digest(&bytes), bytes, metadata)
    }

    /// Adds the terminal op, which has nothing but its one input.
    fn finish(mut self, target: Output) -> Definition {
        let digest_of_target = self.digests[target.vertex.index()].take();
        let terminal = proto::Op {
            inputs: vec![proto::Input {
                digest: digest_of_target.unwrap_or_default(),
                index: i64::from(target.index),
            }],
            ..Default::default()
        }
        .encode_to_vec();
        let mut metadata = Metadata::default();
        let mut need = |cap: &str| metadata.caps.insert(cap.to_owned());
        need(caps::CONSTRAINTS);
        need(caps::PLATFORM);
        for known in self.definition.metadata.values() {
            if known.ignore_cache {
                need(caps::META_IGNORE_CACHE);
            }
            if !known.description.is_empty() {
                need(caps::META_DESCRIPTION);
            }
            if known.export_cache.is_some() {
                need(caps::META_EXPORT_CACHE);
            }
        }
        self.definition.metadata.insert(digest(&terminal), metadata);
        self.definition.def.push(terminal);
        self.definition.source = Some(self.files.source);
        self.definition
    }
}

/// The source files of a definition, each once.
#[derive(Default)]
struct Files {
    source: Source,
    indexes: BTreeMap<SourceMapId, i32>,
}

impl Files {
    /// Notes where a vertex comes from; one that comes from nowhere is noted too.
    fn add(&mut self, graph: &Graph, digest: &str, locations: &[SourceLocation]) {
        let mut found = Vec::with_capacity(locations.len());
        for location in locations {
            let Some(source_index) = self.index(graph, location.map) else {
                continue;
            };
            found.push(Location {
                source_index,
                ranges: location.ranges.clone(),
            });
        }
        self.source
            .locations
            .entry(digest.to_owned())
            .or_default()
            .append(&mut found);
    }

    fn index(&mut self, graph: &Graph, id: SourceMapId) -> Option<i32> {
        if let Some(index) = self.indexes.get(&id) {
            return Some(*index);
        }
        let map = graph.source_map(id)?;
        let infos = &mut self.source.infos;
        let position = infos.iter().position(|info| info.same_file(map));
        let position = position.unwrap_or_else(|| {
            infos.push(map.clone());
            infos.len() - 1
        });
        let index = i32::try_from(position).ok()?;
        self.indexes.insert(id, index);
        Some(index)
    }
}

/// What an op writes itself with: its inputs and capabilities come together here.
pub(crate) struct Encoder<'a> {
    digests: &'a [Option<String>],
    options: &'a MarshalOptions,
    inputs: Vec<proto::Input>,
    caps: BTreeSet<String>,
}

impl Encoder<'_> {
    /// The index of an input, listed once however often it is used.
    pub(crate) fn input(&mut self, output: Output) -> i64 {
        let input = self.resolve(output);
        match self.inputs.iter().position(|known| *known == input) {
            Some(index) => index_of(index),
            None => self.push(input),
        }
    }

    /// The index of an input that is listed again if it is there already.
    pub(crate) fn push_input(&mut self, output: Output) -> i64 {
        let input = self.resolve(output);
        self.push(input)
    }

    pub(crate) fn input_count(&self) -> i64 {
        index_of(self.inputs.len())
    }

    /// Notes that the daemon needs a capability.
    pub(crate) fn cap(&mut self, id: &str) {
        if !self.caps.contains(id) {
            self.caps.insert(id.to_owned());
        }
    }

    /// Whether the daemon gives programs a PATH; `None` without a daemon.
    pub(crate) fn daemon_sets_path(&self) -> Option<bool> {
        let caps = self.options.caps.as_ref()?;
        Some(caps.supports(caps::EXEC_META_SETS_DEFAULT_PATH))
    }

    /// Whether the definition as a whole is for Windows.
    pub(crate) fn is_windows(&self) -> bool {
        self.options.platform.os == "windows"
    }

    pub(crate) fn local_unique_id(&self) -> &str {
        &self.options.local_unique_id
    }

    fn push(&mut self, input: proto::Input) -> i64 {
        self.inputs.push(input);
        index_of(self.inputs.len() - 1)
    }

    /// Inputs are encoded before users, so there is a digest.
    fn resolve(&self, output: Output) -> proto::Input {
        let digest = self.digests.get(output.vertex.index());
        proto::Input {
            digest: digest.cloned().flatten().unwrap_or_default(),
            index: i64::from(output.index),
        }
    }
}

fn index_of(index: usize) -> i64 {
    i64::try_from(index).unwrap_or(i64::MAX)
}
