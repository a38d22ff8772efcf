//! From a graph to a definition.

use std::collections::BTreeMap;

use prost::bytes::Bytes;

use crate::digest::TEXT_LENGTH;
use crate::encode::Encoder;
use crate::metadata::{merged_metadata, write_metadata};
use crate::node::{Body, Node, Pieces, Place, PlatformOf, Slice, Told};
use crate::parts::{LARGE, Message, Part};
use crate::renumber::renumbered;
use crate::{
    Digest, FileSystem, Graph, GraphError, MarshalOptions, Marshalled, Metadata, Output, Range, SourceMap,
    Vertex, VertexId, caps, wire,
};

/// How many bytes a digest and its key take in an input or an entry.
const NAME_LENGTH: usize = 2 + TEXT_LENGTH;

/// About what a vertex takes in a definition beside its own bytes: an input or two, the two entries that name it, and
/// what holds them.
const NODE_BYTES: usize = 4 * NAME_LENGTH + 40;

/// About what a line takes in the place of a vertex.
const LINE_BYTES: usize = 16;

impl Graph {
    /// The definition of `target` and all that it needs, in the order of the
    /// reference: depth first, inputs before users, each digest once, the terminal
    /// op last.
    ///
    /// An id of another graph is the error.
    pub fn marshal(&self, target: FileSystem, options: &MarshalOptions) -> Result<Marshalled, GraphError> {
        Ok(self.marshal_named(target, options)?.0)
    }

    /// [`marshal`](Self::marshal), and by vertex ([`VertexId::index`]) the digest of its op; `None` for those that the
    /// target does without.
    pub fn marshal_named(
        &self,
        target: FileSystem,
        options: &MarshalOptions,
    ) -> Result<(Marshalled, Vec<Option<Digest>>), GraphError> {
        let Some(target) = target else {
            return Ok((Marshalled::default(), vec![None; self.len()]));
        };
        self.check(target)?;
        Ok(Run::new(self, (&self.bytes, None), options).whole(target))
    }

    /// [`marshal`](Self::marshal) of a graph of which nothing else is asked: what is large in it is not copied.
    pub fn into_marshalled(
        mut self,
        target: FileSystem,
        options: &MarshalOptions,
    ) -> Result<Marshalled, GraphError> {
        let Some(target) = target else {
            return Ok(Marshalled::default());
        };
        self.check(target)?;
        let bytes = Bytes::from(std::mem::take(&mut self.bytes));
        Ok(Run::new(&self, (&bytes, Some(&bytes)), options).whole(target).0)
    }
}

/// One marshalling. The message is written in the order of its fields: the ops, then what is known about them, then where
/// they come from.
struct Run<'a> {
    graph: &'a Graph,
    /// Its encoded parts.
    bytes: &'a [u8],
    /// The same, where the message may share them.
    shared: Option<&'a Bytes>,
    options: &'a MarshalOptions,
    /// The field with the platform of ops that name none.
    platform: Vec<u8>,
    /// By vertex; `None` until it is encoded.
    digests: Vec<Option<Digest>>,
    /// Vertices in the order of the definition.
    order: Vec<(Digest, VertexId)>,
    listed: Listed,
    /// How many ops are written.
    count: usize,
    /// Of the vertices that were encoded late, their metadata and capabilities.
    late: BTreeMap<VertexId, (Vec<u8>, Vec<String>)>,
    files: Files<'a>,
    message: Message,
    /// The inputs of the op that is written.
    names: Vec<(Digest, u32)>,
}

impl<'a> Run<'a> {
    fn new(
        graph: &'a Graph,
        (bytes, shared): (&'a [u8], Option<&'a Bytes>),
        options: &'a MarshalOptions,
    ) -> Self {
        let count = graph.nodes.len();
        let lines: usize = graph.places.iter().map(|place| place.pieces.lines()).sum();
        let mut run = Self {
            graph,
            bytes,
            shared,
            options,
            platform: options.platform.field(),
            digests: vec![None; count],
            order: Vec::with_capacity(count),
            listed: Listed::for_count(count),
            count: 0,
            late: BTreeMap::new(),
            files: Files::new(&graph.maps),
            message: Message::default(),
            names: Vec::new(),
        };
        let pieces = graph.nodes.iter().flat_map(Node::pieces);
        let copied = pieces.filter(|piece| !run.is_shared(*piece)).map(Slice::len);
        let copied = copied.sum::<usize>() + count * NODE_BYTES + lines * LINE_BYTES;
        run.message = Message::with_capacity(copied);
        run
    }

    fn whole(mut self, target: Output) -> (Marshalled, Vec<Option<Digest>>) {
        self.visit(target.vertex);
        self.finish(target)
    }

    fn is_shared(&self, piece: Slice) -> bool {
        self.shared.is_some() && piece.len() >= LARGE
    }

    /// An encoded part of the graph for the message.
    fn part(&self, piece: Slice) -> Part<'a> {
        match self.shared {
            Some(bytes) if self.is_shared(piece) => Part::Shared(bytes.slice(piece.range())),
            _ => Part::copied(piece.of(self.bytes)),
        }
    }

    /// Encodes a vertex after its inputs. A stack of our own, since a graph may be
    /// deeper than the thread's.
    fn visit(&mut self, target: VertexId) {
        let graph = self.graph;
        let inputs = |id: VertexId| graph.nodes[id.index()].visits.of(&graph.inputs).iter();
        let mut stack = vec![(target, inputs(target))];
        while let Some((id, pending)) = stack.last_mut() {
            let id = *id;
            match pending.next() {
                Some(input) if self.digests[input.vertex.index()].is_none() => {
                    stack.push((input.vertex, inputs(input.vertex)));
                }
                Some(_) => {}
                None => {
                    stack.pop();
                    self.encode(id);
                }
            }
        }
    }

    fn encode(&mut self, id: VertexId) {
        let graph = self.graph;
        let node = &graph.nodes[id.index()];
        let digest = match &node.body {
            Body::Encoded(body) => {
                let inputs = node.inputs.of(&graph.inputs);
                self.write(node.platform, inputs, self.part(*body))
            }
            Body::Late(vertex) => self.write_late(id, vertex),
            Body::Imported(digest, op) => {
                if self.listed.insert(*digest) {
                    self.count += 1;
                    wire::element(&mut self.message.out, 1, op.of(self.bytes));
                }
                *digest
            }
        };
        self.digests[id.index()] = Some(digest);
        self.order.push((digest, id));
        for place in node.places.of(&graph.places) {
            self.files.note(place);
        }
    }

    fn write_late(&mut self, id: VertexId, vertex: &Vertex) -> Digest {
        let mut inputs = Vec::new();
        let mut encoder = Encoder::new(self.graph.caps.as_ref(), Some(self.options), &mut inputs);
        let mut body = Vec::new();
        vertex.write_body(&mut body, &mut encoder);
        let caps = vertex.all_caps(encoder.caps);
        let mut metadata = Vec::new();
        write_metadata(&mut metadata, &vertex.metadata, &caps);
        let caps = caps.into_iter().map(str::to_owned).collect();
        self.late.insert(id, (metadata, caps));
        self.write(self.graph.nodes[id.index()].platform, &inputs, Part::copied(body))
    }

    /// Writes an op, unless it is there already, and gives its name.
    fn write(&mut self, platform: PlatformOf, inputs: &[Output], body: Part<'_>) -> Digest {
        let graph = self.graph;
        let platform = match platform {
            PlatformOf::Own(index) => graph.platforms[index as usize].1.as_slice(),
            PlatformOf::Definition => &self.platform,
            PlatformOf::Nothing | PlatformOf::Beside(_) => &[],
        };
        self.names.clear();
        self.names.extend(inputs.iter().map(|input| {
            // Inputs are encoded before users, so there is a digest.
            let digest = self.digests[input.vertex.index()].unwrap_or_default();
            (digest, input.index)
        }));
        let out = &mut self.message.out;
        let before = out.len();
        let (start, rest) = match renumbered(&self.names, platform, &body) {
            Some(op) => {
                wire::head(out, 1, op.len());
                (out.len(), Part::copied(op))
            }
            None => {
                let lengths = self.names.iter().map(|(_, index)| 2 + input_len(*index));
                wire::head(out, 1, lengths.sum::<usize>() + platform.len() + body.len());
                let start = out.len();
                for (digest, index) in &self.names {
                    write_input(out, digest, *index);
                }
                out.extend_from_slice(platform);
                (start, body)
            }
        };
        let digest = Digest::of_parts([&out[start..], &rest]);
        if self.listed.insert(digest) {
            self.count += 1;
            self.message.append(rest);
        } else {
            out.truncate(before);
        }
        digest
    }

    /// Adds the terminal op, which has nothing but its one input, and all that is known beside the ops.
    fn finish(mut self, target: Output) -> (Marshalled, Vec<Option<Digest>>) {
        let head = self.digests[target.vertex.index()].unwrap_or_default();
        let out = &mut self.message.out;
        wire::head(out, 1, 2 + input_len(target.index));
        let start = out.len();
        write_input(out, &head, target.index);
        let terminal = Digest::of(&out[start..]);
        let (about_terminal, caps) = self.about_all();
        let about_terminal = || Part::copied(about_terminal.as_slice());
        // Of vertices with one name the order stays.
        self.order.sort_by_key(|(digest, _)| *digest);
        let mut is_told = false;
        let mut message = std::mem::take(&mut self.message);
        for same in self.order.chunk_by(|(a, _), (b, _)| a == b) {
            if !is_told && same[0].0 > terminal {
                is_told = true;
                write_about(&mut message, &terminal, about_terminal());
            }
            write_about(&mut message, &same[0].0, self.metadata_of(same));
        }
        if !is_told {
            write_about(&mut message, &terminal, about_terminal());
        }
        let infos = self.files.infos();
        let length = infos.iter().map(|info| wire::element_len(info.len()));
        wire::message_before(&mut message.out, 3, length.sum(), |out| self.write_places(out));
        infos.into_iter().for_each(|info| info.write(&mut message));
        (
            Marshalled::new(message.finish(), self.count + 1, head, caps),
            self.digests,
        )
    }

    /// Writes where all vertices come from.
    fn write_places(&self, out: &mut Vec<u8>) {
        for same in self.order.chunk_by(|(a, _), (b, _)| a == b) {
            wire::message(out, 1, |out| {
                wire::head(out, 1, TEXT_LENGTH);
                same[0].0.write(out);
                wire::message(out, 2, |out| {
                    let nodes = same.iter().map(|(_, id)| &self.graph.nodes[id.index()]);
                    let places = nodes.flat_map(|node| node.places.of(&self.graph.places));
                    places.for_each(|place| self.files.write_place(out, place, self.bytes));
                });
            });
        }
    }

    /// What is known of the terminal op, and the capabilities of all.
    fn about_all(&self) -> (Vec<u8>, Vec<String>) {
        let nodes = self.order.iter().map(|(_, id)| &self.graph.nodes[id.index()]);
        let mut all = Told::default();
        let mut used = vec![false; self.graph.cap_sets.len()];
        for node in nodes {
            all.ignore_cache |= node.told.ignore_cache;
            all.description |= node.told.description;
            all.export_cache |= node.told.export_cache;
            if !matches!(node.body, Body::Late(_)) {
                used[node.caps as usize] = true;
            }
        }
        let mut needed = vec![caps::CONSTRAINTS, caps::PLATFORM];
        needed.extend(all.ignore_cache.then_some(caps::META_IGNORE_CACHE));
        needed.extend(all.description.then_some(caps::META_DESCRIPTION));
        needed.extend(all.export_cache.then_some(caps::META_EXPORT_CACHE));
        needed.sort_unstable();
        let mut about = Vec::new();
        write_metadata(&mut about, &Metadata::default(), &needed);
        let sets = self.graph.cap_sets.iter().zip(used);
        let mut caps: Vec<String> = sets
            .filter(|(_, used)| *used)
            .flat_map(|(set, _)| set.iter().cloned())
            .chain(self.late.values().flat_map(|(_, caps)| caps.iter().cloned()))
            .chain(needed.into_iter().map(str::to_owned))
            .collect();
        caps.sort_unstable();
        caps.dedup();
        (about, caps)
    }

    /// The metadata of vertices with one name, which are one op.
    fn metadata_of(&self, same: &[(Digest, VertexId)]) -> Part<'_> {
        let of = |id: VertexId| match self.late.get(&id) {
            Some((metadata, _)) => Part::copied(metadata.as_slice()),
            None => self.part(self.graph.nodes[id.index()].metadata),
        };
        let first = of(same[0].1);
        if same[1..].iter().all(|(_, id)| *of(*id) == *first) {
            return first;
        }
        let all: Vec<Part<'_>> = same.iter().map(|(_, id)| of(*id)).collect();
        Part::copied(merged_metadata(all.iter().map(|part| &**part)))
    }
}

fn input_len(index: u32) -> usize {
    let index_len = match index {
        0 => 0,
        index => 1 + wire::varint_len(index.into()),
    };
    NAME_LENGTH + index_len
}

fn write_input(out: &mut Vec<u8>, digest: &Digest, index: u32) {
    wire::head(out, 1, input_len(index));
    wire::head(out, 1, TEXT_LENGTH);
    digest.write(out);
    wire::int(out, 2, index.into());
}

/// Writes the entry of an op among the metadata.
fn write_about(message: &mut Message, digest: &Digest, metadata: Part<'_>) {
    let out = &mut message.out;
    wire::head(out, 2, NAME_LENGTH + wire::element_len(metadata.len()));
    wire::head(out, 1, TEXT_LENGTH);
    digest.write(out);
    wire::head(out, 2, metadata.len());
    message.append(metadata);
}

/// The digests that are in the definition: a table with open places, never more than half full.
struct Listed {
    places: Vec<Option<Digest>>,
}

impl Listed {
    fn for_count(count: usize) -> Self {
        Self {
            places: vec![None; (2 * count + 2).next_power_of_two()],
        }
    }

    /// False where it is there already.
    fn insert(&mut self, digest: Digest) -> bool {
        let mask = self.places.len() - 1;
        let mut at = digest.head() as usize & mask;
        while let Some(known) = self.places[at] {
            if known == digest {
                return false;
            }
            at = (at + 1) & mask;
        }
        self.places[at] = Some(digest);
        true
    }
}

/// The source files of a definition, each once.
struct Files<'a> {
    maps: &'a [SourceMap],
    /// By source map, its index in `listed`.
    indexes: Vec<Option<usize>>,
    listed: Vec<&'a SourceMap>,
}

impl<'a> Files<'a> {
    fn new(maps: &'a [SourceMap]) -> Self {
        Self {
            maps,
            indexes: vec![None; maps.len()],
            listed: Vec::new(),
        }
    }

    /// Sees to it that the file of a place is listed.
    fn note(&mut self, place: &Place) {
        let index = place.map.0 as usize;
        if self.indexes[index].is_none() {
            let map = &self.maps[index];
            let position = self.listed.iter().position(|listed| listed.same_file(map));
            self.indexes[index] = Some(position.unwrap_or_else(|| {
                self.listed.push(map);
                self.listed.len() - 1
            }));
        }
    }

    fn write_place(&self, out: &mut Vec<u8>, place: &Place, bytes: &[u8]) {
        let index = self.indexes[place.map.0 as usize].unwrap_or_default();
        wire::message(out, 1, |out| {
            wire::int(out, 1, i64::try_from(index).unwrap_or(i64::MAX));
            match place.pieces {
                Pieces::Lines(first, last) => {
                    (first..=last).for_each(|line| Range::line(line).write(out, 2));
                }
                Pieces::Encoded(ranges) => out.extend_from_slice(ranges.of(bytes)),
            }
        });
    }

    /// The files as they are written.
    fn infos(&self) -> Vec<Info> {
        self.listed.iter().map(|map| Info::of(map)).collect()
    }
}

/// A source file in a message: its text is shared.
struct Info {
    /// What comes before its text.
    head: Vec<u8>,
    data: Bytes,
    /// What comes behind it.
    tail: Vec<u8>,
}

impl Info {
    fn of(map: &SourceMap) -> Self {
        let mut head = Vec::new();
        wire::text(&mut head, 1, &map.filename);
        if !map.data.is_empty() {
            wire::head(&mut head, 2, map.data.len());
        }
        let mut tail = Vec::new();
        if let Some(definition) = &map.definition {
            wire::element(&mut tail, 3, definition.encode());
        }
        wire::text(&mut tail, 4, &map.language);
        Self {
            head,
            data: map.data.clone(),
            tail,
        }
    }

    fn len(&self) -> usize {
        self.head.len() + self.data.len() + self.tail.len()
    }

    fn write(self, message: &mut Message) {
        wire::head(&mut message.out, 2, self.len());
        message.append(Part::copied(self.head));
        message.append(match self.data.len() {
            LARGE.. => Part::Shared(self.data),
            _ => Part::copied(&*self.data),
        });
        message.append(Part::copied(self.tail));
    }
}
