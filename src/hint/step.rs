//! The step that a daemon's error is about: which operation, and which instruction it comes from.

use dockerfile_compile::SourceFile;
use dockerfile_syntax::{Dockerfile, Instruction, LineRange, Span};
use llb_graph::{Definition, Marshalled, proto};
use prost::Message;
use serde_json::Value;

use crate::gateway::Status;

/// Names the failed operation by its digest.
const VERTEX: &str = "github.com/moby/buildkit/errdefs.Vertex+json";
/// Says which part of the operation failed.
const SOLVE: &str = "github.com/moby/buildkit/errdefs.Solve+json";

/// A failed operation.
pub(super) struct Step<'a> {
    definition: Definition,
    /// The digest of each operation of the graph.
    digests: Vec<String>,
    /// The operation as it was sent.
    pub(super) op: proto::Op,
    /// Which part of it failed, where the daemon says so.
    pub(super) part: Option<Part>,
    /// The lines that it comes from.
    pub(super) lines: Option<LineRange>,
    /// The instruction on those lines; a trigger of a base image has none here.
    pub(super) instruction: Option<&'a Instruction<'a>>,
}

/// A part of an operation, counted from zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// An action of a file operation.
    Action(usize),
    /// An input whose content was looked at for the cache.
    Input(usize),
}

/// What is known, and where in the Dockerfile it is about.
pub(super) struct Hint {
    pub(super) text: String,
    pub(super) place: Option<Span>,
}

impl<'a> Step<'a> {
    /// Whether an error is that of an operation.
    pub(super) fn is_to_blame(status: &Status) -> bool {
        status.has_detail(VERTEX)
    }

    /// The operation that the details of an error name.
    pub(super) fn find(
        (file, files): (&'a Dockerfile<'a>, &SourceFile),
        definition: &Marshalled,
        status: &Status,
    ) -> Option<Self> {
        let digest = detail(status, VERTEX)?.get("digest")?.as_str()?.to_owned();
        let step = Self::of_digest((file, files), definition, &digest)?;
        Some(Self {
            part: detail(status, SOLVE).as_ref().and_then(part),
            ..step
        })
    }

    /// The operation of this digest.
    pub(super) fn of_digest(
        (file, files): (&'a Dockerfile<'a>, &SourceFile),
        definition: &Marshalled,
        digest: &str,
    ) -> Option<Self> {
        let definition = definition.decode().ok()?;
        let digests: Vec<String> = definition.def.iter().map(|op| llb_graph::digest(op)).collect();
        let at = digests.iter().position(|known| known == digest)?;
        let op = proto::Op::decode(definition.def.get(at)?.as_slice()).ok()?;
        let locations = definition.source.as_ref();
        let ranges = locations.and_then(|source| source.locations.get(digest)?.first());
        let lines = ranges.and_then(|location| {
            let number = |line: i32| usize::try_from(line).ok();
            let start = number(location.ranges.first()?.start.line)?;
            let end = number(location.ranges.last()?.end.line)?;
            let info = locations?
                .infos
                .get(usize::try_from(location.source_index).ok()?)?;
            let part = files.parts.iter().position(|part| part.filename == info.filename);
            let before = part.map_or(0, |part| files.lines_before(part));
            Some(LineRange::new(start, end).behind(before))
        });
        let mut instructions = file.instructions();
        Some(Self {
            part: None,
            instruction: instructions.find(|instruction| Some(instruction.meta.lines) == lines),
            definition,
            digests,
            op,
            lines,
        })
    }

    /// The keyword of its instruction.
    pub(super) fn keyword(&self) -> Option<Span> {
        self.instruction.map(|instruction| instruction.meta.keyword.span)
    }

    /// An input of the operation.
    pub(super) fn input(&self, index: usize) -> Option<&proto::Input> {
        self.op.inputs.get(index)
    }

    /// The source that an input is, if it is one.
    pub(super) fn source_of(&self, input: &proto::Input) -> Option<proto::SourceOp> {
        match self.op_of(&input.digest)?.op {
            Some(proto::op::Op::Source(source)) => Some(source),
            _ => None,
        }
    }

    /// The graph up to an input. The daemon has all of it.
    pub(super) fn graph_of(&self, input: &proto::Input) -> Marshalled {
        let mut part = Definition {
            source: None,
            ..self.definition.clone()
        };
        let terminal = proto::Op {
            inputs: vec![input.clone()],
            ..proto::Op::default()
        };
        part.def.pop();
        part.def.push(terminal.encode_to_vec());
        Marshalled::from(&part)
    }

    /// The folders that steps before an input worked in or wrote to, the latest first.
    pub(super) fn folders_before(&self, input: &proto::Input) -> Vec<String> {
        let mut folders: Vec<String> = Vec::new();
        let mut note = |folder: &str| {
            let folder = llb_graph::path::join(&["/", folder]);
            if folder != "/" && !folders.contains(&folder) {
                folders.push(folder);
            }
        };
        let mut next = vec![input.digest.clone()];
        let mut seen = Vec::new();
        while let Some(digest) = next.pop() {
            let Some(op) = self.op_of(&digest).filter(|_| !seen.contains(&digest)) else {
                continue;
            };
            seen.push(digest);
            match &op.op {
                Some(proto::op::Op::Exec(exec)) => note(exec.meta.as_ref().map_or("/", |meta| &meta.cwd)),
                Some(proto::op::Op::File(file)) => {
                    for action in &file.actions {
                        match &action.action {
                            Some(proto::file_action::Action::Copy(copy)) => note(&copy.dest),
                            Some(proto::file_action::Action::Mkdir(mkdir)) => note(&mkdir.path),
                            _ => {}
                        }
                    }
                }
                _ => {}
            }
            // The first input is what a step goes on from.
            next.extend(op.inputs.into_iter().take(1).map(|input| input.digest));
        }
        folders
    }

    fn op_of(&self, digest: &str) -> Option<proto::Op> {
        let at = self.digests.iter().position(|known| known == digest)?;
        proto::Op::decode(self.definition.def.get(at)?.as_slice()).ok()
    }
}

/// A detail of an error, which is JSON.
fn detail(status: &Status, kind: &str) -> Option<Value> {
    let detail = status.details.iter().find(|detail| detail.type_url == kind)?;
    serde_json::from_slice(&detail.value).ok()
}

/// Numbers of 64 bits travel as text, and a zero is left out.
fn part(solve: &Value) -> Option<Part> {
    let index = |subject: &Value| match subject.get("index") {
        None => Some(0),
        Some(Value::String(digits)) => digits.parse().ok(),
        Some(number) => usize::try_from(number.as_u64()?).ok(),
    };
    let file = solve.get("file").and_then(index).map(Part::Action);
    file.or_else(|| solve.get("cache").and_then(index).map(Part::Input))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_failed_part_is_read_from_the_details() {
        for (json, expected) in [
            (
                r#"{"inputIDs":["x"],"cache":{"index":"1"}}"#,
                Some(Part::Input(1)),
            ),
            (r#"{"cache":{}}"#, Some(Part::Input(0))),
            (r#"{"file":{"index":2}}"#, Some(Part::Action(2))),
            (r#"{"file":{"index":"x"}}"#, None),
            (r#"{"op":{}}"#, None),
        ] {
            let solve: Value = serde_json::from_str(json).unwrap();
            assert_eq!(part(&solve), expected, "{json}");
        }
    }
}
