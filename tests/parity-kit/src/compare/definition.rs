//! Two definitions: the first operation that differs, field by field.

use std::collections::{BTreeMap, BTreeSet};

use llb_graph::{
    Definition, LinuxResources, Location, OpMetadata, Position, ProgressGroup, Range, Source, SourceMap, text,
};
use serde_json::Value;

use super::text::difference;
use crate::bytes::decode;

/// What differs; nothing where both are the same. `loose` is for builds without a session, whose local sources have
/// random names in the reference.
pub(super) fn compare(ours: &Value, reference: &Value, loose: bool) -> Option<String> {
    compare_parsed(ours, reference, (parse(ours), parse(reference)), loose)
}

/// The same for graphs whose operations may come in any order.
pub(super) fn compare_unordered(ours: &Value, reference: &Value, loose: bool) -> Option<String> {
    let parsed = (sorted(parse(ours)), sorted(parse(reference)));
    compare_parsed(ours, reference, parsed, loose)
}

/// Sorted by digest, but for the terminal operation.
fn sorted(mut definition: Definition) -> Definition {
    if let Some((_, ops)) = definition.def.split_last_mut() {
        ops.sort_by_key(|op| llb_graph::digest(op));
    }
    definition
}

fn compare_parsed(
    ours: &Value,
    reference: &Value,
    (left, right): (Definition, Definition),
    loose: bool,
) -> Option<String> {
    let is_empty = |value: &Value| value["def"].as_array().is_none_or(Vec::is_empty);
    match (is_empty(ours), is_empty(reference)) {
        (true, true) => return None,
        (true, false) => return Some(format!("ours is empty, the reference's is\n{}", show(reference))),
        (false, true) => return Some(format!("the reference's is empty, ours is\n{}", show(ours))),
        (false, false) => {}
    }
    if !loose && left == right {
        return None;
    }
    let (left_blocks, right_blocks) = (blocks(&left, loose), blocks(&right, loose));
    for (a, b) in left_blocks.iter().zip(&right_blocks) {
        if a != b {
            let name = |block: &str| block.lines().next().unwrap_or_default().to_owned();
            return Some(format!("at {}\n{}", name(b), difference(a, b)));
        }
    }
    if left_blocks.len() != right_blocks.len() {
        let lengths = (left_blocks.len(), right_blocks.len());
        let rest = |blocks: &[String], from: usize| blocks.get(from..).unwrap_or_default().concat();
        let from = lengths.0.min(lengths.1);
        let shown = difference(&rest(&left_blocks, from), &rest(&right_blocks, from));
        return Some(format!(
            "{} parts of ours, {} of the reference\n{shown}",
            lengths.0, lengths.1
        ));
    }
    if loose {
        None
    } else {
        beside_the_text(&left, &right)
    }
}

/// What the text form does not show.
fn beside_the_text(left: &Definition, right: &Definition) -> Option<String> {
    for (index, (a, b)) in left.def.iter().zip(&right.def).enumerate() {
        if a != b {
            let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
            return Some(format!(
                "the bytes of op {index}\n    - {}\n    + {}\n",
                hex(a),
                hex(b)
            ));
        }
    }
    for (key, a) in &left.metadata {
        let b = right.metadata.get(key);
        if b != Some(a) {
            return Some(format!("metadata of {key}\n    - {a:?}\n    + {b:?}\n"));
        }
    }
    Some(format!(
        "beside the operations\n    - {:?}\n    + {:?}\n",
        left.source, right.source
    ))
}

/// Something that is equal for equal definitions.
pub(super) fn key(value: &Value, loose: bool) -> String {
    // Random names give random digests, by which nothing can be sorted.
    let parsed = parse(value);
    let definition = if loose { parsed } else { sorted(parsed) };
    let mut out = blocks(&definition, loose).concat();
    if !loose {
        let digests: Vec<String> = definition.def.iter().map(|op| llb_graph::digest(op)).collect();
        out.push_str(&digests.join("\n"));
    }
    out
}

fn show(value: &Value) -> String {
    text::format(&parse(value))
}

/// The text form, cut where an operation begins.
fn blocks(definition: &Definition, loose: bool) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for line in text::format(definition).lines() {
        if loose && line.trim_start().starts_with("local.unique:") {
            continue;
        }
        match out.last_mut().filter(|_| line.starts_with(' ')) {
            Some(block) => block.push_str(&format!("{line}\n")),
            None => out.push(format!("{line}\n")),
        }
    }
    out
}

/// A definition of an answer, with the ids of progress groups numbered in the order of operations.
pub(crate) fn parse(value: &Value) -> Definition {
    let def: Vec<Vec<u8>> = list(&value["def"]).map(decode).collect();
    let mut metadata = BTreeMap::new();
    let mut groups: Vec<String> = Vec::new();
    for op in &def {
        let digest = llb_graph::digest(op);
        let mut one = op_metadata(&value["op_metadata"][&digest]);
        if let Some(group) = &mut one.progress_group {
            let known = groups.iter().position(|id| *id == group.id);
            let number = known.unwrap_or_else(|| {
                groups.push(group.id.clone());
                groups.len() - 1
            });
            group.id = number.to_string();
        }
        metadata.insert(digest, one);
    }
    let source = value.get("source").map(source);
    Definition {
        def,
        metadata,
        source,
    }
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn string(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn op_metadata(value: &Value) -> OpMetadata {
    let description = value["description"].as_object().into_iter().flatten();
    let caps = value["caps"].as_object().into_iter().flatten();
    let group = value.get("progress_group").map(|group| ProgressGroup {
        id: string(&group["id"]),
        name: string(&group["name"]),
        weak: group["weak"] == true,
    });
    let limits = value.get("linux_resources").map(|limits| {
        let number = |key: &str| limits[key].as_i64().unwrap_or_default();
        LinuxResources {
            memory: number("memory"),
            memory_swap: number("memorySwap"),
            cpu_shares: limits["cpuShares"].as_u64().unwrap_or_default(),
            cpu_period: limits["cpuPeriod"].as_u64().unwrap_or_default(),
            cpu_quota: number("cpuQuota"),
            cpuset_cpus: string(&limits["cpusetCpus"]),
            cpuset_mems: string(&limits["cpusetMems"]),
        }
    });
    OpMetadata {
        ignore_cache: value["ignore_cache"] == true,
        description: description
            .map(|(key, text)| (key.clone().into(), string(text)))
            .collect(),
        export_cache: value.get("export_cache").map(|export| export["Value"] == true),
        caps: caps.map(|(cap, _)| cap.clone()).collect::<BTreeSet<_>>(),
        progress_group: group,
        linux_resources: limits,
    }
}

fn source(value: &Value) -> Source {
    let info = |info: &Value| SourceMap {
        filename: string(&info["filename"]),
        data: decode(&info["data"]).into(),
        language: string(&info["language"]),
        definition: info.get("definition").map(parse),
    };
    let range = |range: &Value| {
        let number = |index: usize| i32::try_from(range[index].as_i64().unwrap_or_default()).unwrap_or(-1);
        let position = |index: usize| Position {
            line: number(index),
            character: number(index + 1),
        };
        Range {
            start: position(0),
            end: position(2),
        }
    };
    let location = |location: &Value| Location {
        source_index: i32::try_from(location["source_index"].as_i64().unwrap_or_default()).unwrap_or(-1),
        ranges: list(&location["ranges"]).map(range).collect(),
    };
    let locations = value["locations"].as_object().into_iter().flatten();
    Source {
        infos: list(&value["infos"]).map(info).collect(),
        locations: locations
            .map(|(digest, places)| (digest.clone(), list(places).map(location).collect()))
            .collect(),
    }
}
