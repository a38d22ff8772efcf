//! The operations that states share, and how they come into a graph.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::StateError;
use super::about::About;
use crate::{
    Definition, FileSystem, Graph, Op, Output, SourceLocation, SourceMap, SourceMapId, Vertex, VertexId,
};

/// An operation with the operations that it builds on, which other states may have too.
///
/// An output in its operation names its vertex by index in `inputs`.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) body: Body,
    pub(super) about: About,
    pub(super) inputs: Vec<Arc<Node>>,
}

#[derive(Clone, Debug)]
pub(super) enum Body {
    Op(Op),
    /// Operations that another program made.
    Definition(Arc<Definition>),
}

/// One output of an operation.
#[derive(Clone, Debug)]
pub(super) struct Made {
    pub(super) node: Arc<Node>,
    pub(super) index: u32,
}

impl Drop for Node {
    /// A chain may be longer than the thread's stack is deep, so inputs that nobody else has are dropped one by one.
    fn drop(&mut self) {
        let mut pending = std::mem::take(&mut self.inputs);
        while let Some(input) = pending.pop() {
            if let Some(mut node) = Arc::into_inner(input) {
                pending.append(&mut node.inputs);
            }
        }
    }
}

/// The inputs of a node that is being made, each once.
#[derive(Clone, Debug, Default)]
pub(super) struct Inputs(Vec<Arc<Node>>);

impl Inputs {
    /// A file system as the node's operation names it.
    pub(super) fn add(&mut self, made: Option<&Made>) -> FileSystem {
        made.map(|made| self.add_output(made))
    }

    pub(super) fn add_output(&mut self, Made { node, index }: &Made) -> Output {
        let known = self.0.iter().position(|known| Arc::ptr_eq(known, node));
        let position = known.unwrap_or_else(|| {
            self.0.push(Arc::clone(node));
            self.0.len() - 1
        });
        // More than four thousand million inputs don't fit in memory.
        VertexId(u32::try_from(position).unwrap_or(u32::MAX)).output(*index)
    }

    /// What [`add`](Self::add) took.
    pub(super) fn get(&self, file_system: FileSystem) -> Option<Made> {
        let output = file_system?;
        let node = Arc::clone(self.0.get(output.vertex.index())?);
        Some(Made {
            node,
            index: output.index,
        })
    }

    pub(super) fn into_node(self, op: impl Into<Op>, about: About) -> Arc<Node> {
        Arc::new(Node {
            body: Body::Op(op.into()),
            about,
            inputs: self.0,
        })
    }
}

/// Puts nodes into a graph, each once.
pub(super) struct Adder<'g> {
    graph: &'g mut Graph,
    /// By address: what became of a node.
    added: BTreeMap<*const Node, Added>,
    maps: BTreeMap<*const SourceMap, SourceMapId>,
    /// A local directory that only the options of marshalling can tell from those of other clients.
    pub(super) anonymous_local: Option<String>,
}

#[derive(Clone, Copy)]
enum Added {
    Vertex(VertexId),
    Import(FileSystem),
}

impl<'g> Adder<'g> {
    pub(super) fn new(graph: &'g mut Graph) -> Self {
        Self {
            graph,
            added: BTreeMap::new(),
            maps: BTreeMap::new(),
            anonymous_local: None,
        }
    }

    /// A stack of our own, since a chain may be deeper than the thread's.
    pub(super) fn add(&mut self, target: &Made) -> Result<FileSystem, StateError> {
        let mut stack = vec![(&target.node, target.node.inputs.iter())];
        while let Some((node, pending)) = stack.last_mut() {
            let node: &Arc<Node> = node;
            match pending.next() {
                Some(input) if !self.added.contains_key(&Arc::as_ptr(input)) => {
                    stack.push((input, input.inputs.iter()));
                }
                Some(_) => {}
                None => {
                    stack.pop();
                    let added = self.add_node(node)?;
                    self.added.insert(Arc::as_ptr(node), added);
                }
            }
        }
        Ok(self.output(&target.node, target.index))
    }

    fn output(&self, node: &Arc<Node>, index: u32) -> FileSystem {
        match self.added.get(&Arc::as_ptr(node))? {
            Added::Vertex(id) => Some(id.output(index)),
            Added::Import(file_system) => *file_system,
        }
    }

    fn add_node(&mut self, node: &Node) -> Result<Added, StateError> {
        let mut op = match &node.body {
            Body::Op(op) => op.clone(),
            Body::Definition(definition) => return Ok(Added::Import(self.graph.import(definition)?)),
        };
        if let Op::Source(source) = &op
            && source.is_anonymous_local()
        {
            self.anonymous_local = Some(source.identifier.trim_start_matches("local://").to_owned());
        }
        op.visit_inputs_mut(&mut |input: &mut Output| {
            let real = node.inputs.get(input.vertex.index());
            if let Some(real) = real.and_then(|real| self.output(real, input.index)) {
                *input = real;
            }
        });
        let about = &node.about;
        let locations = about.places.iter().map(|(map, ranges)| SourceLocation {
            map: self.map(map),
            ranges: ranges.clone().into(),
        });
        let vertex = Vertex {
            locations: locations.collect(),
            op,
            platform: about.platform.clone(),
            worker_filter: about.worker_filter.clone(),
            metadata: about.metadata.clone(),
        };
        Ok(Added::Vertex(self.graph.add(vertex)?))
    }

    fn map(&mut self, map: &Arc<SourceMap>) -> SourceMapId {
        let graph = &mut *self.graph;
        *self
            .maps
            .entry(Arc::as_ptr(map))
            .or_insert_with(|| graph.add_source_map(SourceMap::clone(map)))
    }
}
