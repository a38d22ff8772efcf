//! From a definition back to a graph.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::fmt;

use prost::Message;

use crate::definition::decode_op;
use crate::node::ImportedOp;
use crate::{
    DecodeError, Definition, Digest, FileSystem, Graph, Metadata, Output, Platform, SourceLocation,
    SourceMap, SourceMapId, VertexId, proto,
};

/// The most bytes that what is imported into a graph may take: four messages. An op takes its own once for each of its
/// outputs that is used, so a definition can name more than any machine holds.
const MOST_BYTES: usize = 64 << 20;

/// What a vertex takes beside its bytes and what is said about it.
const VERTEX_BYTES: usize = 512;

/// What a location or a range of one takes.
const RANGE_BYTES: usize = 64;

/// What a name in a map or a list takes beside its text.
const NAME_BYTES: usize = 128;

/// Why a definition can't be read back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ImportError {
    /// One of its ops is no op.
    Op(DecodeError),
    /// Its last op names no result.
    NoResult,
    /// An op has an input that is not in it; by digest.
    UnknownInput(String),
    /// An op has no metadata; by digest.
    NoMetadata(String),
    /// An op has an input with an output index that no op can have.
    BadIndex(i64),
    /// A location is in a source file that is not in it; by index.
    UnknownSource(i32),
    /// There are more vertices than ids can name, or larger ones than are kept.
    TooLarge,
}

impl fmt::Display for ImportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Op(error) => error.fmt(f),
            Self::NoResult => f.write_str("the definition's last op names no result"),
            Self::UnknownInput(digest) => {
                write!(f, "the definition uses op {digest}, but does not have it")
            }
            Self::NoMetadata(digest) => write!(f, "the definition has no metadata of op {digest}"),
            Self::BadIndex(index) => {
                write!(f, "the definition uses output {index} of an op, which can't be")
            }
            Self::UnknownSource(index) => write!(
                f,
                "the definition has a location in source file {index}, but does not have that file"
            ),
            Self::TooLarge => {
                f.write_str("the definition has too many ops, or too many outputs of large ones")
            }
        }
    }
}

impl Error for ImportError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Op(error) => Some(error),
            _ => None,
        }
    }
}

impl Graph {
    /// Adds all of a definition that its result needs, so that other operations can
    /// build on it, and gives the result. The ops keep their bytes.
    ///
    /// On an error the graph is as it was.
    pub fn import(&mut self, definition: &Definition) -> Result<FileSystem, ImportError> {
        self.or_as_it_was(|graph| {
            let mut left = MOST_BYTES - graph.imported;
            let result = import(graph, definition, None, &mut left)?;
            graph.imported = MOST_BYTES - left;
            Ok(result)
        })
    }

    /// Adds definitions that were made of one graph, and gives their results in the same order. As in that graph an op
    /// that several of them have is described once, by the first; [`Graph::import`] takes each for a graph of its own.
    ///
    /// On an error the graph is as it was.
    pub fn import_parts(&mut self, definitions: &[Definition]) -> Result<Vec<FileSystem>, ImportError> {
        let mut described = BTreeSet::new();
        self.or_as_it_was(|graph| {
            let mut parts = definitions.iter();
            parts.try_fold(Vec::new(), |mut results, definition| {
                let left = &mut { MOST_BYTES };
                results.push(import(graph, definition, Some(&mut described), left)?);
                Ok(results)
            })
        })
    }

    fn or_as_it_was<T>(
        &mut self,
        change: impl FnOnce(&mut Self) -> Result<T, ImportError>,
    ) -> Result<T, ImportError> {
        let mark = self.mark();
        change(self).inspect_err(|_| self.go_back(mark))
    }
}

/// One output of one op. As in the reference each gets a vertex of its own.
type Key = (String, u32);

/// What an import needs of an op.
struct Part<'a> {
    digest: Digest,
    bytes: &'a [u8],
    inputs: Vec<proto::Input>,
    platform: Option<Platform>,
}

impl<'a> Part<'a> {
    fn decode(bytes: &'a [u8]) -> Result<Self, ImportError> {
        let op = decode_op(bytes).map_err(ImportError::Op)?;
        Ok(Self {
            digest: Digest::of(bytes),
            bytes,
            inputs: op.inputs,
            platform: op.platform.map(Platform::from),
        })
    }

    /// What it takes in memory. Its texts are no longer than its bytes.
    fn size(&self) -> usize {
        let features = self
            .platform
            .as_ref()
            .map_or(0, |platform| platform.os_features.len());
        VERTEX_BYTES + self.bytes.len() + NAME_BYTES * (self.inputs.len() + features)
    }
}

struct Import<'a> {
    definition: &'a Definition,
    parts: BTreeMap<String, Part<'a>>,
    locations: BTreeMap<String, Vec<SourceLocation>>,
    done: BTreeMap<Key, VertexId>,
    /// The ops that need no description, by digest. Without it every vertex has one.
    described: Option<&'a mut BTreeSet<String>>,
    /// How many bytes may still be added.
    left: &'a mut usize,
}

fn import(
    graph: &mut Graph,
    definition: &Definition,
    described: Option<&mut BTreeSet<String>>,
    left: &mut usize,
) -> Result<FileSystem, ImportError> {
    let mut parts = BTreeMap::new();
    let mut last = None;
    // What is known of the ops is forgotten in the end.
    let mut known = MOST_BYTES;
    for bytes in &definition.def {
        let part = Part::decode(bytes)?;
        spend(&mut known, part.size())?;
        last = Some(part.digest);
        parts.insert(part.digest.to_string(), part);
    }
    let Some(last) = last else {
        return Ok(None);
    };
    let target = parts[&last.to_string()]
        .inputs
        .first()
        .ok_or(ImportError::NoResult)?;
    if target.digest.is_empty() {
        return Ok(None);
    }
    let target = key(target)?;
    let files = definition.source.iter().flat_map(|source| &source.infos);
    spend(left, files.map(file_size).sum())?;
    let locations = import_locations(graph, definition)?;
    let mut import = Import {
        definition,
        parts,
        locations,
        done: BTreeMap::new(),
        described,
        left,
    };
    import.visit(graph, &target)?;
    Ok(import.output(&target))
}

fn spend(left: &mut usize, bytes: usize) -> Result<(), ImportError> {
    *left = left.checked_sub(bytes).ok_or(ImportError::TooLarge)?;
    Ok(())
}

/// What a source file takes, with the graph that it was read with.
fn file_size(file: &SourceMap) -> usize {
    let own = VERTEX_BYTES + file.filename.len() + file.data.len() + file.language.len();
    let Some(definition) = &file.definition else {
        return own;
    };
    let ops = definition.def.iter().map(|bytes| NAME_BYTES + bytes.len());
    let described = definition.metadata.iter();
    let described = described.map(|(digest, metadata)| VERTEX_BYTES + digest.len() + metadata_size(metadata));
    let source = definition.source.iter();
    let files = source.clone().flat_map(|source| &source.infos).map(file_size);
    let places = source
        .flat_map(|source| &source.locations)
        .map(|(digest, locations)| {
            let ranges: usize = locations.iter().map(|location| 1 + location.ranges.len()).sum();
            NAME_BYTES + digest.len() + RANGE_BYTES * ranges
        });
    own + ops.sum::<usize>() + described.sum::<usize>() + files.sum::<usize>() + places.sum::<usize>()
}

fn metadata_size(metadata: &Metadata) -> usize {
    let names = metadata.description.len() + metadata.caps.len();
    proto::OpMetadata::from(metadata).encoded_len() + NAME_BYTES * names
}

fn key(input: &proto::Input) -> Result<Key, ImportError> {
    let index = u32::try_from(input.index).map_err(|_| ImportError::BadIndex(input.index))?;
    Ok((input.digest.clone(), index))
}

fn import_locations(
    graph: &mut Graph,
    definition: &Definition,
) -> Result<BTreeMap<String, Vec<SourceLocation>>, ImportError> {
    let mut imported = BTreeMap::new();
    let Some(source) = &definition.source else {
        return Ok(imported);
    };
    let maps: Vec<SourceMapId> = source
        .infos
        .iter()
        .map(|info| graph.add_source_map(info.clone()))
        .collect();
    for (digest, locations) in &source.locations {
        let mut found = Vec::with_capacity(locations.len());
        for location in locations {
            let map = usize::try_from(location.source_index)
                .ok()
                .and_then(|index| maps.get(index))
                .ok_or(ImportError::UnknownSource(location.source_index))?;
            found.push(SourceLocation {
                map: *map,
                ranges: location.ranges.clone().into(),
            });
        }
        imported.insert(digest.clone(), found);
    }
    Ok(imported)
}

impl Import<'_> {
    /// Adds an op after its inputs, with a stack of our own: a definition may be
    /// deeper than the thread's. It has no circles, since digests can't.
    fn visit(&mut self, graph: &mut Graph, target: &Key) -> Result<(), ImportError> {
        let mut stack = vec![(target.clone(), self.inputs(target)?)];
        while let Some((key, pending)) = stack.last_mut() {
            if let Some(input) = pending.pop() {
                if !self.done.contains_key(&input) {
                    let inputs = self.inputs(&input)?;
                    stack.push((input, inputs));
                }
                continue;
            }
            let key = key.clone();
            stack.pop();
            self.add(graph, key)?;
        }
        Ok(())
    }

    fn part(&self, digest: &str) -> Result<&Part<'_>, ImportError> {
        self.parts
            .get(digest)
            .ok_or_else(|| ImportError::UnknownInput(digest.to_owned()))
    }

    /// The inputs of an op, next one last.
    fn inputs(&self, (digest, _): &Key) -> Result<Vec<Key>, ImportError> {
        self.part(digest)?.inputs.iter().rev().map(key).collect()
    }

    fn add(&mut self, graph: &mut Graph, key: Key) -> Result<(), ImportError> {
        let (name, _) = &key;
        let part = self.parts.get(name);
        let part = part.ok_or_else(|| ImportError::UnknownInput(name.clone()))?;
        let metadata = self
            .definition
            .metadata
            .get(name)
            .ok_or_else(|| ImportError::NoMetadata(name.clone()))?;
        let locations = self.locations.get(name).map(Vec::as_slice).unwrap_or_default();
        let ranges: usize = locations.iter().map(|location| 1 + location.ranges.len()).sum();
        spend(
            self.left,
            part.size() + metadata_size(metadata) + RANGE_BYTES * ranges,
        )?;
        let inputs = self.inputs(&key)?;
        let is_new = match &mut self.described {
            Some(described) => described.insert(name.clone()),
            None => true,
        };
        let nothing = Metadata::default();
        let (metadata, locations) = if is_new {
            (metadata, locations)
        } else {
            (&nothing, [].as_slice())
        };
        let op = ImportedOp {
            digest: part.digest,
            bytes: part.bytes,
            inputs: inputs
                .iter()
                .rev()
                .filter_map(|input| self.output(input))
                .collect(),
            platform: part.platform.clone(),
            metadata,
            locations,
        };
        let id = graph.add_imported(&op).map_err(|_| ImportError::TooLarge)?;
        self.done.insert(key, id);
        Ok(())
    }

    fn output(&self, key: &Key) -> FileSystem {
        let vertex = *self.done.get(key)?;
        Some(Output { vertex, index: key.1 })
    }
}
