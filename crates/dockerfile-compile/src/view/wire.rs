//! Places and sources in the JSON that Go's `encoding/json` gives the protocol's messages: fields that are empty or zero
//! are left out, bytes are base64.

use std::borrow::Cow;
use std::collections::BTreeMap;

use dockerfile_syntax::LineRange;
use dockerfile_syntax::budget::MESSAGE_BYTES;
use llb_graph as llb;
use llb_graph::collect;
use serde::Serialize;

use crate::go::base64::encode;
use crate::go::json::is_default;
use crate::options::SourceFile;

/// Lines of a source.
#[derive(Serialize, Default)]
pub(super) struct Location {
    #[serde(rename = "sourceIndex", skip_serializing_if = "is_default")]
    source_index: i32,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    ranges: Vec<Range>,
}

#[derive(Serialize)]
struct Range {
    start: Position,
    end: Position,
}

#[derive(Serialize)]
struct Position {
    #[serde(skip_serializing_if = "is_default")]
    line: i32,
    #[serde(skip_serializing_if = "is_default")]
    character: i32,
}

impl Location {
    /// Each of the lines, in the file that the first of them is in; its index is that among [`sources`].
    pub(super) fn of(lines: &[LineRange], source: &SourceFile) -> Self {
        let part = lines.first().map_or(0, |lines| source.part_of_line(lines.start));
        let own = lines.iter().map(|lines| source.in_part(*lines));
        let own = own.filter(|(of, _)| *of == part);
        let lines = own.flat_map(|(_, lines)| lines.start..=lines.end);
        let ranges = lines.map(|line| (&llb::Range::line(i32::try_from(line).unwrap_or(i32::MAX))).into());
        Self {
            source_index: i32::try_from(part).unwrap_or(i32::MAX),
            ranges: ranges.collect(),
        }
    }
}

impl From<&llb::Range> for Range {
    fn from(range: &llb::Range) -> Self {
        let position = |from: llb::Position| Position {
            line: from.line,
            character: from.character,
        };
        Self {
            start: position(range.start),
            end: position(range.end),
        }
    }
}

/// The most text of files that goes along with an answer: as base64 two thirds of a message.
const SHOWN_BYTES: usize = MESSAGE_BYTES / 2;

/// The bytes of each file; nothing where there are too many for an answer.
pub(super) fn sources(source: &SourceFile) -> Vec<String> {
    let files = (0..source.count()).map(|part| shown(source, &source.part(part).data));
    files.collect()
}

fn shown(all: &SourceFile, data: &[u8]) -> String {
    match all.data.len() {
        0..=SHOWN_BYTES => encode(data),
        _ => String::new(),
    }
}

/// A source file.
#[derive(Serialize)]
pub(super) struct SourceInfo {
    #[serde(skip_serializing_if = "String::is_empty")]
    filename: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    data: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    definition: Option<Definition>,
    #[serde(skip_serializing_if = "String::is_empty")]
    language: String,
}

/// The files, with their bytes as [`sources`].
pub(super) fn source_infos(source: &SourceFile) -> Vec<SourceInfo> {
    let parts = (0..source.count()).map(|part| source.part(part));
    let infos = parts.map(|part| SourceInfo {
        filename: part.filename.clone(),
        data: shown(source, &part.data),
        definition: part.definition.as_ref().map(Definition::from),
        language: part.language.clone(),
    });
    infos.collect()
}

#[derive(Serialize)]
struct Definition {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    def: Vec<String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    metadata: BTreeMap<String, Metadata>,
    #[serde(rename = "Source", skip_serializing_if = "Option::is_none")]
    source: Option<Source>,
}

impl From<&llb::Definition> for Definition {
    fn from(definition: &llb::Definition) -> Self {
        let metadata = definition.metadata.iter();
        Self {
            def: definition.def.iter().map(|op| encode(op)).collect(),
            metadata: collect::map(metadata.map(|(digest, metadata)| (digest.clone(), metadata.into()))),
            source: definition.source.as_ref().map(Source::from),
        }
    }
}

#[derive(Serialize)]
struct Metadata {
    #[serde(skip_serializing_if = "is_default")]
    ignore_cache: bool,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    description: BTreeMap<Cow<'static, str>, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    export_cache: Option<ExportCache>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    caps: BTreeMap<String, bool>,
}

#[derive(Serialize)]
struct ExportCache {
    #[serde(rename = "Value", skip_serializing_if = "is_default")]
    value: bool,
}

/// Of a vertex that reads a source file; groups and limits are for steps of a build.
impl From<&llb::OpMetadata> for Metadata {
    fn from(metadata: &llb::OpMetadata) -> Self {
        Self {
            ignore_cache: metadata.ignore_cache,
            description: metadata.description.clone(),
            export_cache: metadata.export_cache.map(|value| ExportCache { value }),
            caps: collect::map(metadata.caps.iter().map(|cap| (cap.clone(), true))),
        }
    }
}

#[derive(Serialize)]
struct Source {
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    locations: BTreeMap<String, Locations>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    infos: Vec<SourceInfo>,
}

#[derive(Serialize)]
struct Locations {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    locations: Vec<Location>,
}

impl From<&llb::Source> for Source {
    fn from(source: &llb::Source) -> Self {
        let location = |location: &llb::Location| Location {
            source_index: location.source_index,
            ranges: location.ranges.iter().map(Range::from).collect(),
        };
        let locations = source.locations.iter().map(|(digest, locations)| {
            let locations = locations.iter().map(location).collect();
            (digest.clone(), Locations { locations })
        });
        let infos = source.infos.iter().map(|info| SourceInfo {
            filename: info.filename.clone(),
            data: encode(&info.data),
            definition: info.definition.as_ref().map(Definition::from),
            language: info.language.clone(),
        });
        Self {
            locations: collect::map(locations),
            infos: infos.collect(),
        }
    }
}
