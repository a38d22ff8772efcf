//! Places in files, as clients show them: a few lines around, with those marked that something is about.

use std::borrow::Cow;

use dockerfile_compile::SourceFile;
use dockerfile_syntax::LineRange;
use dockerfile_syntax::sort;
use llb_graph::{Definition, proto};
use prost::Message;
use serde_json::{Value, json};

use super::display::{safe_lines, safe_text, shortened};
use super::{base64, go_json};

/// How much of a file all places of an error, or all warnings, may show together, in bytes.
const SHOWN_BYTES: usize = 256 << 10;
/// How many lines of one instruction are marked at most.
const MARKED_LINES: usize = 100;
/// How many lines clients show around the marked ones at most, on each side.
const CONTEXT_LINES: usize = 4;
/// What a line may have where not the whole file is shown, in bytes.
const LINE_BYTES: usize = 400;
/// The largest graph that goes along to say where a file is from, in bytes; that of a local file is a tenth of it.
const DEFINITION_BYTES: usize = 4 << 10;
/// What a name of a file may have, in bytes.
const NAME_BYTES: usize = 1 << 10;

/// Neighbouring lines of a file, which share one excerpt.
pub(super) struct Place {
    /// From the first line marked to the last.
    extent: LineRange,
    /// The marked lines.
    marked: Vec<LineRange>,
}

impl Place {
    /// One instruction's lines, of which a long one has only the first marked.
    pub(super) fn of(lines: LineRange) -> Self {
        let extent = LineRange::new(lines.start, lines.end.min(lines.start + MARKED_LINES - 1));
        Self {
            extent,
            marked: vec![extent],
        }
    }

    /// All lines of a finding, however far apart.
    pub(super) fn whole(lines: &[LineRange]) -> Self {
        let marked: Vec<LineRange> = lines.iter().flat_map(|lines| Self::of(*lines).marked).collect();
        let start = marked.iter().map(|lines| lines.start).min().unwrap_or_default();
        let end = marked.iter().map(|lines| lines.end).max().unwrap_or_default();
        Self {
            extent: LineRange::new(start, end),
            marked,
        }
    }

    /// All lines that errors are about, in file order. Those whose excerpts would meet are one place.
    pub(super) fn gather(lines: impl Iterator<Item = LineRange>) -> Vec<Self> {
        let mut lines: Vec<LineRange> = lines.collect();
        sort::sort_by_key(&mut lines, |lines| (lines.start, lines.end));
        lines.dedup();
        let mut places: Vec<Self> = Vec::new();
        for next in lines.into_iter().map(Self::of) {
            match places.last_mut() {
                Some(last) if next.extent.start <= last.extent.end + CONTEXT_LINES => {
                    last.extent.end = last.extent.end.max(next.extent.end);
                    last.marked.extend(next.marked);
                }
                _ => places.push(next),
            }
        }
        places
    }

    /// Every marked line once.
    fn lines(&self) -> Vec<usize> {
        let mut lines: Vec<usize> = self
            .marked
            .iter()
            .flat_map(|marked| marked.start..=marked.end)
            .collect();
        lines.sort_unstable();
        lines.dedup();
        lines
    }

    /// The marked lines in the protocol's form: a range a line, in the order in which they came, as the reference has it.
    pub(super) fn wire_ranges(&self) -> Vec<proto::Range> {
        let position = |line: usize| proto::Position {
            line: i32::try_from(line).unwrap_or(i32::MAX),
            character: 0,
        };
        let range = |line| proto::Range {
            start: Some(position(line)),
            end: Some(position(line)),
        };
        let lines = self.marked.iter().flat_map(|marked| marked.start..=marked.end);
        lines.map(range).collect()
    }

    /// As the detail of an error: JSON of the protocol's form.
    pub(super) fn detail(&self, source: &SourceFile, places: usize) -> Vec<u8> {
        let mut info = json!({
            "filename": shown_name(source),
            "language": source.language,
        });
        let data = self.shown(source, places);
        if !data.is_empty() {
            info["data"] = Value::String(base64(&data));
        }
        if let Some(definition) = shown_definition(source) {
            info["definition"] = definition_json(definition);
        }
        let ranges = self.lines().into_iter();
        let ranges = ranges.map(|line| json!({ "start": { "line": line }, "end": { "line": line } }));
        go_json(&json!({ "info": info, "ranges": ranges.collect::<Vec<_>>() }))
    }

    /// The file in the protocol's form.
    pub(super) fn wire_info(&self, source: &SourceFile, places: usize) -> proto::SourceInfo {
        proto::SourceInfo {
            filename: shown_name(source),
            data: self.shown(source, places).into_owned(),
            definition: shown_definition(source).map(proto::Definition::from),
            language: source.language.clone(),
        }
    }

    /// What is sent of a file of which `places` are shown: all of it, or of a large one the lines around this place.
    /// Those above are empty then, so that the others keep their numbers.
    fn shown<'s>(&self, source: &'s SourceFile, places: usize) -> Cow<'s, [u8]> {
        let data = &*source.data;
        let share = SHOWN_BYTES / places.max(1);
        if data.len() <= share {
            return safe_lines(data);
        }
        let first = self.extent.start.saturating_sub(CONTEXT_LINES).max(1);
        let last = self.extent.end + CONTEXT_LINES;
        if first > share {
            // Not even the line ends above have room. The message has the line's number.
            return Cow::default();
        }
        let mut out = vec![b'\n'; first - 1];
        let lines = data.split(|byte| *byte == b'\n').take(last).skip(first - 1);
        for line in lines {
            if out.len() >= share {
                break;
            }
            let text = String::from_utf8_lossy(line);
            out.extend_from_slice(shortened(&text, LINE_BYTES).as_bytes());
            out.push(b'\n');
        }
        Cow::Owned(safe_lines(&out).into_owned())
    }
}

fn shown_name(source: &SourceFile) -> String {
    shortened(&safe_text(&source.filename), NAME_BYTES).into_owned()
}

fn shown_definition(source: &SourceFile) -> Option<&Definition> {
    let definition = source.definition.as_ref()?;
    // Each place asks; a large graph is told by its operations alone, without converting it every time.
    let operations: usize = definition.def.iter().map(Vec::len).sum();
    if operations > DEFINITION_BYTES {
        return None;
    }
    (proto::Definition::from(definition).encoded_len() <= DEFINITION_BYTES).then_some(definition)
}

/// A definition in the form that Go's `encoding/json` gives it.
fn definition_json(definition: &Definition) -> Value {
    let ops: Vec<String> = definition.def.iter().map(|op| base64(op)).collect();
    let mut out = json!({ "def": ops });
    if !definition.metadata.is_empty() {
        out["metadata"] = json!({});
        for (digest, metadata) in &definition.metadata {
            out["metadata"][digest] = metadata_json(metadata);
        }
    }
    out
}

fn metadata_json(metadata: &llb_graph::OpMetadata) -> Value {
    let mut out = json!({});
    if metadata.ignore_cache {
        out["ignore_cache"] = Value::Bool(true);
    }
    if !metadata.description.is_empty() {
        out["description"] = json!(metadata.description);
    }
    if !metadata.caps.is_empty() {
        out["caps"] = json!({});
        for cap in &metadata.caps {
            out["caps"][cap] = Value::Bool(true);
        }
    }
    out
}
