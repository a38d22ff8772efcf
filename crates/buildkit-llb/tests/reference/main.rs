//! Graphs held against what BuildKit's own Go client makes of the same ones.
//!
//! `tests/data/reference.txt` has a line for each: its name, the digest of its
//! `frontend.convertllb` JSON, and its encoded definition in hexadecimal digits.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod execs;
mod files;
mod others;
mod sources;
mod states;

use std::collections::{BTreeMap, BTreeSet};

use llb_graph::{
    CapSet, CopyAction, Definition, ExecOp, FileAction, FileOp, FileSystem, Graph, LocalOptions,
    MarshalOptions, Op, Platform, SourceOp, Vertex, VertexId, caps, digest, json, text,
};

/// One graph of the table.
struct Case {
    name: &'static str,
    graph: Graph,
    target: FileSystem,
    options: MarshalOptions,
}

fn options() -> MarshalOptions {
    MarshalOptions::new(Platform::new("linux", "amd64")).with_local_unique_id("unique")
}

/// A daemon that can do everything.
fn all() -> Graph {
    Graph::for_daemon(CapSet::all_llb())
}

/// A daemon from long ago.
fn few() -> Graph {
    Graph::for_daemon(CapSet::enabled(caps::KNOWN_LLB, [caps::EXEC_META_BASE]))
}

fn case(name: &'static str, build: impl FnOnce(&mut Graph) -> FileSystem) -> Case {
    with(name, Graph::new(), build)
}

fn with(name: &'static str, mut graph: Graph, build: impl FnOnce(&mut Graph) -> FileSystem) -> Case {
    let target = build(&mut graph);
    Case {
        name,
        graph,
        target,
        options: options(),
    }
}

fn add(graph: &mut Graph, op: Op) -> VertexId {
    graph.add(Vertex::new(op)).unwrap()
}

fn source(graph: &mut Graph, source: SourceOp) -> FileSystem {
    Some(add(graph, Op::Source(source)).first_output())
}

fn image_op(name: &str) -> Op {
    let reference = format!("docker.io/library/{name}");
    Op::Source(SourceOp::image(&reference, &Default::default()).unwrap())
}

fn image(graph: &mut Graph, name: &str) -> FileSystem {
    Some(add(graph, image_op(name)).first_output())
}

/// The vertex that [`alpine`] adds.
fn alpine_vertex() -> Vertex {
    Vertex::new(image_op("alpine:3.22"))
}

fn alpine(graph: &mut Graph) -> FileSystem {
    image(graph, "alpine:3.22")
}

fn busybox(graph: &mut Graph) -> FileSystem {
    image(graph, "busybox:1")
}

fn local(graph: &mut Graph) -> FileSystem {
    let options = LocalOptions {
        session_id: Some("s".to_owned()),
        ..Default::default()
    };
    source(graph, SourceOp::local("context", &options))
}

/// Adds an exec and gives its root.
fn run(graph: &mut Graph, exec: ExecOp) -> FileSystem {
    let output = exec.root_output().unwrap();
    Some(add(graph, Op::Exec(exec)).output(output))
}

fn file(graph: &mut Graph, base: FileSystem, actions: Vec<FileAction>) -> FileSystem {
    Some(add(graph, Op::File(FileOp { base, actions })).first_output())
}

fn copy(source: FileSystem, src: &str, dest: &str) -> FileAction {
    FileAction::Copy(CopyAction {
        source,
        src: src.to_owned(),
        dest: dest.to_owned(),
        ..Default::default()
    })
}

fn bytes_of(hex: &str) -> Vec<u8> {
    (0..hex.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap())
        .collect()
}

fn cases() -> Vec<Case> {
    [
        sources::cases(),
        execs::cases(),
        files::cases(),
        others::cases(),
        states::cases(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// By name: the digest of the JSON and the encoded definition.
fn table() -> BTreeMap<&'static str, (&'static str, Vec<u8>)> {
    include_str!("../data/reference.txt")
        .lines()
        .map(|line| {
            let mut words = line.split(' ');
            let name = words.next().unwrap();
            let json = words.next().unwrap();
            (name, (json, bytes_of(words.next().unwrap())))
        })
        .collect()
}

#[test]
fn definitions_are_the_references() {
    let mut table = table();
    let mut failures = Vec::new();
    for case in cases() {
        let (json_digest, want) = table.remove(case.name).unwrap();
        let marshalled = case.graph.marshal(case.target, &case.options).unwrap();
        let definition = marshalled.decode().unwrap();
        assert_eq!(marshalled.count(), definition.def.len(), "{}", case.name);
        let head = marshalled.head().map(|head| head.to_string());
        assert_eq!(Ok(head), definition.head(), "{}", case.name);
        let caps = definition.metadata.values().flat_map(|metadata| &metadata.caps);
        let caps: BTreeSet<&String> = caps.collect();
        assert!(caps.into_iter().eq(marshalled.caps()), "{}", case.name);
        if marshalled.bytes() != want {
            let reference = text::format(&Definition::decode(&want).unwrap());
            failures.push(format!(
                "{}: we make\n{}\nthe reference makes\n{reference}",
                case.name,
                text::format(&definition)
            ));
        } else if digest(json::convert_llb(&definition).unwrap().as_bytes()) != json_digest {
            failures.push(format!("{}: the JSON differs", case.name));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    assert!(table.is_empty(), "no case for {:?}", table.keys());
}

/// What is decoded and encoded again stays the same.
#[test]
fn definitions_survive_a_round_trip() {
    for (name, (_, bytes)) in table() {
        let definition = Definition::decode(&bytes).unwrap();
        assert_eq!(definition.encode(), bytes, "{name}");
        let mut graph = Graph::new();
        let target = graph.import(&definition).unwrap();
        let again = graph.marshal(target, &options()).unwrap().decode().unwrap();
        assert_eq!(again.def, definition.def, "{name}");
        assert_eq!(again.metadata, definition.metadata, "{name}");
    }
}

/// The whole text of one JSON answer, to be read beside the definition.
#[test]
fn json_is_the_references() {
    for (name, want) in [
        ("exec-meta", include_str!("../data/exec-meta.json")),
        ("locations", include_str!("../data/locations.json")),
    ] {
        let definition = Definition::decode(&table()[name].1).unwrap();
        assert_eq!(json::convert_llb(&definition).unwrap() + "\n", want);
    }
}
