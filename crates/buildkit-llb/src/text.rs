//! A definition as text, for tests to keep and people to compare.
//!
//! One block an op, numbered in the order of the definition; `from` has its inputs
//! by number (`2`, or `2.1` for its second output) instead of digest. All fields are there
//! that have something to say, under the names of the wire's JSON.
//!
//! ```text
//! 1 exec "[2/2] RUN make"
//!   from: 0
//!   meta:
//!     args: ["/bin/sh", "-c", "make"]
//!     cwd: "/"
//!   mounts:
//!     - dest: "/"
//!   platform: linux/amd64
//!   caps: exec.meta.base, exec.mount.bind
//!   lines: Dockerfile:2
//! ```

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::collect;
use crate::definition::decode_op;
use crate::json::base64;
use crate::tree::{self, Fields, Node};
use crate::{Definition, OpMetadata, Platform, Range, digest, proto};

/// The text. Bytes that are no op are shown as such, so nothing fails.
pub fn format(definition: &Definition) -> String {
    let digests: Vec<String> = definition.def.iter().map(|op| digest(op)).collect();
    let numbered = digests.iter().enumerate();
    let numbers = collect::map(numbered.map(|(number, digest)| (digest.as_str(), number)));
    let printer = Printer { definition, numbers };
    let mut out = String::new();
    if definition.def.is_empty() {
        out.push_str("scratch\n");
    }
    for (number, (bytes, digest)) in definition.def.iter().zip(&digests).enumerate() {
        let block = match decode_op(bytes) {
            Ok(op) => printer.op(number, digest, &op),
            Err(_) => format!("{number} undecodable {}\n", base64(bytes)),
        };
        out.push_str(&block);
    }
    out.push_str(&printer.files());
    out
}

struct Printer<'a> {
    definition: &'a Definition,
    numbers: BTreeMap<&'a str, usize>,
}

impl Printer<'_> {
    fn op(&self, number: usize, digest: &str, op: &proto::Op) -> String {
        let default = OpMetadata::default();
        let metadata = self.definition.metadata.get(digest).unwrap_or(&default);
        let (kind, fields) = match &op.op {
            Some(kind) => tree::kind_of(kind),
            None => ("result", Fields::default()),
        };
        let mut out = format!("{number} {kind}");
        if let Some(name) = metadata.description.get("llb.customname") {
            let _ = write!(out, " {name:?}");
        }
        out.push('\n');
        if !op.inputs.is_empty() {
            let inputs: Vec<String> = op.inputs.iter().map(|input| self.input(input)).collect();
            push_words(&mut out, "from", &inputs);
        }
        push_fields(&mut out, &fields, 1);
        if let Some(platform) = &op.platform {
            let platform = Platform::from(platform.clone()).format_all();
            push_words(&mut out, "platform", &[platform]);
        }
        let constraints = op.constraints.as_ref().map(tree::constraints);
        push_fields(&mut out, &constraints.unwrap_or_default(), 1);
        if op.op.is_some() && op.constraints.is_none() {
            out.push_str("  no constraints\n");
        }
        push_metadata(&mut out, metadata);
        let lines = self.lines(digest);
        if !lines.is_empty() {
            push_words(&mut out, "lines", &lines);
        }
        out
    }

    fn input(&self, input: &proto::Input) -> String {
        let number = self.numbers.get(input.digest.as_str());
        let vertex = number.map_or_else(|| input.digest.clone(), ToString::to_string);
        match input.index {
            0 => vertex,
            index => format!("{vertex}.{index}"),
        }
    }

    fn lines(&self, digest: &str) -> Vec<String> {
        let Some(source) = &self.definition.source else {
            return Vec::new();
        };
        let mut lines = Vec::new();
        for location in source.locations.get(digest).into_iter().flatten() {
            let file = usize::try_from(location.source_index)
                .ok()
                .and_then(|index| source.infos.get(index))
                .map_or("?", |info| info.filename.as_str());
            if location.ranges.is_empty() {
                lines.push(file.to_owned());
            }
            lines.extend(location.ranges.iter().map(|range| show_range(file, range)));
        }
        lines
    }

    /// The source files, by their size, since their text is elsewhere.
    fn files(&self) -> String {
        let mut out = String::new();
        let infos = self.definition.source.iter().flat_map(|source| &source.infos);
        for info in infos {
            // A string takes all that is written to it.
            let _ = write!(out, "file {} {} bytes", info.filename, info.data.len());
            if !info.language.is_empty() {
                let _ = write!(out, ", {}", info.language);
            }
            if let Some(definition) = &info.definition {
                let _ = write!(out, ", read with {} ops", definition.def.len());
            }
            out.push('\n');
        }
        out
    }
}

fn show_range(file: &str, range: &Range) -> String {
    let mut out = format!("{file}:{}", range.start.line);
    if range.start.character != 0 || range.end.character != 0 {
        let _ = write!(out, ":{}", range.start.character);
    }
    if range.end.line != range.start.line {
        let _ = write!(out, "-{}", range.end.line);
    }
    if range.end.character != 0 {
        let _ = write!(out, ":{}", range.end.character);
    }
    out
}

fn push_metadata(out: &mut String, metadata: &OpMetadata) {
    if metadata.ignore_cache {
        push_words(out, "ignore cache", &["true".to_owned()]);
    }
    for (key, value) in &metadata.description {
        if key != "llb.customname" {
            push_words(out, &format!("description {key:?}"), &[format!("{value:?}")]);
        }
    }
    if let Some(export) = metadata.export_cache {
        push_words(out, "export cache", &[export.to_string()]);
    }
    if let Some(group) = &metadata.progress_group {
        let strength = if group.weak { "weak" } else { "strong" };
        let words = [format!("{:?}", group.name), strength.to_owned()];
        push_words(out, "progress group", &words);
    }
    if let Some(limits) = &metadata.linux_resources {
        let fields = Fields::default()
            .short("memory", limits.memory)
            .short("memorySwap", limits.memory_swap)
            .short("cpuShares", limits.cpu_shares)
            .short("cpuPeriod", limits.cpu_period)
            .short("cpuQuota", limits.cpu_quota)
            .text("cpusetCpus", &limits.cpuset_cpus)
            .text("cpusetMems", &limits.cpuset_mems);
        let fields = Fields::default().with("limits", Node::Map(fields));
        push_fields(out, &fields, 1);
    }
    if !metadata.caps.is_empty() {
        let caps: Vec<String> = metadata.caps.iter().cloned().collect();
        push_words(out, "caps", &caps);
    }
}

fn push_words(out: &mut String, name: &str, words: &[String]) {
    let _ = writeln!(out, "  {name}: {}", words.join(", "));
}

fn push_fields(out: &mut String, fields: &Fields, depth: usize) {
    for (name, node) in &fields.0 {
        push_indent(out, depth);
        push_field(out, name, node, depth);
    }
}

/// A field whose indent is there already.
fn push_field(out: &mut String, name: &str, node: &Node, depth: usize) {
    out.push_str(name);
    out.push(':');
    match node {
        Node::Map(fields) if !fields.0.is_empty() => {
            out.push('\n');
            push_fields(out, fields, depth + 1);
        }
        Node::List(items) if items.iter().any(|item| matches!(item, Node::Map(_))) => {
            out.push('\n');
            for item in items {
                push_item(out, item, depth + 1);
            }
        }
        // As people write them; -1 is none.
        Node::Short(mode) if name == "mode" && *mode > 0 => {
            let _ = writeln!(out, " 0{mode:o}");
        }
        scalar => {
            out.push(' ');
            push_scalar(out, scalar);
            out.push('\n');
        }
    }
}

/// An item of a list: its first field follows the dash.
fn push_item(out: &mut String, item: &Node, depth: usize) {
    push_indent(out, depth);
    out.push_str("- ");
    match item {
        Node::Map(fields) if !fields.0.is_empty() => {
            for (index, (name, node)) in fields.0.iter().enumerate() {
                if index > 0 {
                    push_indent(out, depth + 1);
                }
                push_field(out, name, node, depth + 1);
            }
        }
        scalar => {
            push_scalar(out, scalar);
            out.push('\n');
        }
    }
}

fn push_scalar(out: &mut String, node: &Node) {
    match node {
        Node::Flag(value) => out.push_str(if *value { "true" } else { "false" }),
        Node::Short(value) => {
            let _ = write!(out, "{value}");
        }
        Node::Long(value) => out.push_str(value),
        Node::Text(value) => {
            let _ = write!(out, "{value:?}");
        }
        Node::Bytes(value) => {
            let _ = match std::str::from_utf8(value) {
                Ok(text) => write!(out, "{text:?}"),
                Err(_) => write!(out, "base64 {}", base64(value)),
            };
        }
        Node::List(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push_str(", ");
                }
                push_scalar(out, item);
            }
            out.push(']');
        }
        // Those with fields have lines of their own.
        Node::Map(_) => out.push_str("{}"),
    }
}

fn push_indent(out: &mut String, depth: usize) {
    for _ in 0..depth {
        out.push_str("  ");
    }
}
