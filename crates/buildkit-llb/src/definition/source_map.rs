//! Source files that vertices come from, so that an error of the build can show
//! the line.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use prost::bytes::Bytes;

use super::Definition;
use crate::collect;
use crate::proto;
use crate::wire::{head, int, int_len};

/// A source file that was added to a [`Graph`](crate::Graph).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceMapId(pub(crate) u32);

/// A source file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SourceMap {
    /// As errors show it.
    pub filename: String,
    /// The whole text.
    pub data: Bytes,
    /// By its name in GitHub's linguist, such as `Dockerfile`.
    pub language: String,
    /// The graph that the file was read with, when there was one.
    pub definition: Option<Definition>,
}

/// Where a vertex comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceLocation {
    /// The file.
    pub map: SourceMapId,
    /// Its lines.
    pub ranges: Ranges,
}

/// The pieces of a file that a vertex comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ranges {
    /// Each line from the first to the last, one after the other.
    Lines(RangeInclusive<i32>),
    /// Any pieces.
    Each(Vec<Range>),
}

/// A piece of a file, both ends included.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Range {
    /// The first position.
    pub start: Position,
    /// The last position.
    pub end: Position,
}

/// A place in a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// From one.
    pub line: i32,
    /// From zero; frontends that know only lines leave it zero.
    pub character: i32,
}

/// The part of a [`Definition`] that says where its vertices come from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Source {
    /// The files.
    pub infos: Vec<SourceInfo>,
    /// By digest. A vertex without a known place has an empty list.
    pub locations: BTreeMap<String, Vec<Location>>,
}

/// A source file inside of a definition: a [`SourceMap`] as the wire has it.
pub type SourceInfo = SourceMap;

/// A place by the index of its file in [`Source::infos`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Location {
    /// Which file.
    pub source_index: i32,
    /// Its lines.
    pub ranges: Vec<Range>,
}

impl SourceMap {
    /// A file as errors show it, and its text, in no language that is known.
    pub fn new(filename: impl Into<String>, data: impl Into<Bytes>) -> Self {
        Self {
            filename: filename.into(),
            data: data.into(),
            ..Self::default()
        }
    }
}

impl SourceLocation {
    /// Lines of a file.
    pub fn new(map: SourceMapId, ranges: impl Into<Ranges>) -> Self {
        Self {
            map,
            ranges: ranges.into(),
        }
    }
}

impl Ranges {
    /// How many there are.
    pub fn len(&self) -> usize {
        match self {
            Self::Lines(lines) => lines.clone().count(),
            Self::Each(ranges) => ranges.len(),
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl From<RangeInclusive<i32>> for Ranges {
    fn from(lines: RangeInclusive<i32>) -> Self {
        Self::Lines(lines)
    }
}

impl From<Vec<Range>> for Ranges {
    fn from(ranges: Vec<Range>) -> Self {
        Self::Each(ranges)
    }
}

impl<const N: usize> From<[Range; N]> for Ranges {
    fn from(ranges: [Range; N]) -> Self {
        Self::Each(ranges.into())
    }
}

impl Range {
    /// All of one line, which counts from one.
    pub fn line(line: i32) -> Self {
        let position = Position { line, character: 0 };
        Self {
            start: position,
            end: position,
        }
    }

    /// Writes the message as a field. There may be one for each of very many lines.
    pub(crate) fn write(&self, out: &mut Vec<u8>, field: u8) {
        let length = |position: Position| int_len(position.line.into()) + int_len(position.character.into());
        let positions = [self.start, self.end];
        // A key, and a length that is one byte.
        let head_len = 2;
        head(
            out,
            field,
            positions
                .iter()
                .map(|position| head_len + length(*position))
                .sum(),
        );
        for (field, position) in (1..).zip(positions) {
            head(out, field, length(position));
            int(out, 1, position.line.into());
            int(out, 2, position.character.into());
        }
    }
}

impl SourceMap {
    /// Whether two maps are the same file, so that a definition carries it once.
    /// Only the last op of each graph is compared, since it names all others.
    pub(crate) fn same_file(&self, other: &SourceMap) -> bool {
        let same_origin = match (&self.definition, &other.definition) {
            (Some(one), Some(two)) => {
                (one.def.len() == two.def.len() || one.def.is_empty()) && one.def.last() == two.def.last()
            }
            _ => true,
        };
        self.filename == other.filename
            && self.language == other.language
            && self.data == other.data
            && same_origin
    }
}

impl From<&Range> for proto::Range {
    fn from(range: &Range) -> Self {
        let position = |from: Position| proto::Position {
            line: from.line,
            character: from.character,
        };
        Self {
            start: Some(position(range.start)),
            end: Some(position(range.end)),
        }
    }
}

impl From<proto::Range> for Range {
    fn from(range: proto::Range) -> Self {
        let position = |from: Option<proto::Position>| {
            let from = from.unwrap_or_default();
            Position {
                line: from.line,
                character: from.character,
            }
        };
        Self {
            start: position(range.start),
            end: position(range.end),
        }
    }
}

impl From<&SourceInfo> for proto::SourceInfo {
    fn from(info: &SourceInfo) -> Self {
        Self {
            filename: info.filename.clone(),
            data: info.data.to_vec(),
            definition: info.definition.as_ref().map(proto::Definition::from),
            language: info.language.clone(),
        }
    }
}

impl From<&Source> for proto::Source {
    fn from(source: &Source) -> Self {
        let location = |from: &Location| proto::Location {
            source_index: from.source_index,
            ranges: from.ranges.iter().map(proto::Range::from).collect(),
        };
        Self {
            locations: source
                .locations
                .iter()
                .map(|(digest, locations)| proto::LocationsEntry {
                    key: Some(digest.clone()),
                    value: Some(proto::Locations {
                        locations: locations.iter().map(location).collect(),
                    }),
                })
                .collect(),
            infos: source.infos.iter().map(proto::SourceInfo::from).collect(),
        }
    }
}

impl From<proto::Source> for Source {
    fn from(source: proto::Source) -> Self {
        let location = |from: proto::Location| Location {
            source_index: from.source_index,
            ranges: from.ranges.into_iter().map(Range::from).collect(),
        };
        let info = |from: proto::SourceInfo| SourceInfo {
            filename: from.filename,
            data: from.data.into(),
            language: from.language,
            definition: from.definition.map(Definition::from),
        };
        Self {
            infos: source.infos.into_iter().map(info).collect(),
            locations: collect::map(source.locations.into_iter().map(|entry| {
                let locations = entry.value.unwrap_or_default().locations;
                (
                    entry.key.unwrap_or_default(),
                    locations.into_iter().map(location).collect(),
                )
            })),
        }
    }
}
