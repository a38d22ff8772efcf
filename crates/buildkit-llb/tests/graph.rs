//! What a graph refuses, and what it survives.

#![allow(clippy::panic, clippy::unwrap_used, reason = "a test may panic")]

use llb_graph::proto::op::Op as Kind;
use llb_graph::{
    CacheSharing, CopyAction, Definition, ExecOp, FileAction, FileOp, Graph, GraphError, ImportError,
    MarshalOptions, MkfileAction, Mount, Op, Platform, RawDefinition, SourceLocation, SourceMap, SourceOp,
    Vertex, digest, json, proto, text,
};
use prost::Message;

fn options() -> MarshalOptions {
    MarshalOptions::new(Platform::new("linux", "amd64"))
}

fn image(graph: &mut Graph) -> llb_graph::VertexId {
    let source = SourceOp::image("docker.io/library/alpine:latest", &Default::default()).unwrap();
    graph.add(Vertex::new(Op::Source(source))).unwrap()
}

#[test]
fn what_is_not_there_can_not_be_used() {
    let mut other = Graph::new();
    image(&mut other);
    let foreign = image(&mut other);
    let mut graph = Graph::new();
    assert!(graph.is_empty());
    let image = image(&mut graph);
    assert!(!graph.is_empty());
    let mut add = |op| graph.add(Vertex::new(op));
    assert_eq!(
        add(Op::Exec(ExecOp::new(Some(foreign.first_output()), ["a"]))),
        Err(GraphError::UnknownVertex(foreign))
    );
    assert_eq!(
        add(Op::Exec(ExecOp::new(Some(image.output(1)), ["a"]))),
        Err(GraphError::UnknownOutput(image.output(1)))
    );
    assert_eq!(
        graph.marshal(Some(foreign.first_output()), &options()),
        Err(GraphError::UnknownVertex(foreign))
    );
    assert_eq!(
        graph.merge(&[None, Some(foreign.first_output())], Vertex::new),
        Err(GraphError::UnknownVertex(foreign))
    );
    assert_eq!(graph.len(), 1);
}

#[test]
fn an_operation_has_to_be_whole() {
    let mut graph = Graph::new();
    let base = Some(image(&mut graph).first_output());
    let exec = |change: fn(&mut ExecOp)| {
        let mut op = ExecOp::new(base, ["a"]);
        change(&mut op);
        Op::Exec(op)
    };
    let mut tmpfs = ExecOp::new(base, ["a"]);
    tmpfs.mounts.push(Mount {
        source: base,
        ..Mount::tmpfs("/tmp", 0)
    });
    let actions = Vec::new();
    for (op, want) in [
        (exec(|op| op.args.clear()), GraphError::NoArguments),
        (exec(|op| op.cwd = "".into()), GraphError::NoWorkingDirectory),
        (
            exec(|op| op.mounts.push(Mount::cache("/c", "", CacheSharing::Shared))),
            GraphError::NoCacheId("/c".to_owned()),
        ),
        (Op::Exec(tmpfs), GraphError::TmpfsSource("/tmp".to_owned())),
        (Op::File(FileOp { base, actions }), GraphError::NoActions),
        (Op::Source(SourceOp::new("")), GraphError::NoIdentifier),
    ] {
        assert_eq!(graph.add(Vertex::new(op)), Err(want));
    }
}

/// Deeper than a thread's stack, both ways.
#[test]
fn depth_is_no_problem() {
    let mut graph = Graph::new();
    let mut last = image(&mut graph);
    for step in 0..20_000 {
        let op = ExecOp::new(Some(last.first_output()), [step.to_string()]);
        last = graph.add(Vertex::new(Op::Exec(op))).unwrap();
    }
    let definition = graph.marshal(Some(last.first_output()), &options()).unwrap();
    assert_eq!(definition.count(), 20_002);
    let mut again = Graph::new();
    let target = again.import(&definition.decode().unwrap()).unwrap();
    assert_eq!(again.marshal(target, &options()).unwrap(), definition);
}

#[test]
fn a_broken_definition_is_an_error_and_changes_nothing() {
    let mut graph = Graph::new();
    let base = image(&mut graph);
    let op = ExecOp::new(Some(base.first_output()), ["a"]);
    let exec = graph.add(Vertex::new(Op::Exec(op))).unwrap();
    let good = graph
        .marshal(Some(exec.first_output()), &options())
        .unwrap()
        .decode()
        .unwrap();
    let before = graph.len();
    let mut import = |change: fn(&mut Definition)| {
        let mut definition = good.clone();
        change(&mut definition);
        graph.import(&definition).unwrap_err()
    };
    assert!(matches!(
        import(|definition| definition.def[0] = b"\xff".to_vec()),
        ImportError::Op(_)
    ));
    assert!(matches!(
        import(|definition| drop(definition.def.remove(0))),
        ImportError::UnknownInput(_)
    ));
    assert!(matches!(
        import(|definition| definition.metadata.clear()),
        ImportError::NoMetadata(_)
    ));
    assert_eq!(
        import(|definition| definition.def.push(Vec::new())),
        ImportError::NoResult
    );
    let unknown = |definition: &mut Definition| {
        let source = definition.source.as_mut().unwrap();
        let locations = source.locations.values_mut().next().unwrap();
        locations.push(llb_graph::Location::default());
    };
    assert_eq!(import(unknown), ImportError::UnknownSource(0));
    assert_eq!(graph.len(), before);
}

/// A megabyte, and an op that uses a thousand outputs of it: a vertex for each.
#[test]
fn outputs_of_a_large_op_are_limited() {
    let mut graph = Graph::new();
    let large = Op::Source(SourceOp::new("x".repeat(1 << 20)));
    let base = graph.add(Vertex::new(large)).unwrap();
    let definition = graph
        .marshal(Some(base.first_output()), &options())
        .unwrap()
        .decode()
        .unwrap();
    let import = |outputs: i64| {
        let mut definition = definition.clone();
        let mut terminal = proto::Op::decode(definition.def.pop().unwrap().as_slice()).unwrap();
        let input = terminal.inputs[0].clone();
        let output = |index| proto::Input {
            index,
            ..input.clone()
        };
        let user = proto::Op {
            inputs: (0..outputs).map(output).collect(),
            ..proto::Op::default()
        };
        let user = user.encode_to_vec();
        terminal.inputs[0].digest = digest(&user);
        definition.metadata.insert(digest(&user), Default::default());
        definition.def.extend([user, terminal.encode_to_vec()]);
        Graph::new().import(&definition)
    };
    assert!(import(50).is_ok());
    assert_eq!(import(1_000), Err(ImportError::TooLarge));
}

/// Which of a file op's inputs are the same shows only by their digests.
#[test]
fn inputs_that_turn_out_to_be_the_same_are_listed_once() {
    let mut graph = Graph::new();
    let [base, twin] = [(); 2].map(|()| Some(image(&mut graph).first_output()));
    let copy = |source| {
        let copy = CopyAction {
            source,
            ..CopyAction::default()
        };
        FileAction::Copy(copy)
    };
    let actions = vec![copy(base), copy(twin)];
    let file = graph
        .add(Vertex::new(Op::File(FileOp { base, actions })))
        .unwrap();
    let mut exec = ExecOp::new(Some(file.first_output()), ["a"]);
    exec.mounts.push(Mount::bind("/a", base));
    exec.mounts.push(Mount::bind("/b", twin));
    let exec = graph.add(Vertex::new(Op::Exec(exec))).unwrap();
    let definition = graph.marshal(Some(exec.first_output()), &options()).unwrap();
    let ops = definition.decode().unwrap().ops().unwrap();
    let kinds: Vec<_> = ops.into_iter().map(|(_, op)| (op.inputs.len(), op.op)).collect();
    let [
        (0, Some(Kind::Source(_))),
        (1, Some(Kind::File(file))),
        (2, Some(Kind::Exec(exec))),
        (1, None),
    ] = kinds.as_slice()
    else {
        panic!("{kinds:?}");
    };
    let places: Vec<_> = file
        .actions
        .iter()
        .map(|action| (action.input, action.secondary_input))
        .collect();
    assert_eq!(places, [(0, 0), (1, 0)]);
    let mounts: Vec<_> = exec.mounts.iter().map(|mount| mount.input).collect();
    assert_eq!(mounts, [0, 1, 1]);
}

#[test]
fn what_is_large_is_shared_and_says_the_same() {
    let large = "x".repeat(200_000);
    let mut graph = Graph::new();
    let map = graph.add_source_map(SourceMap::new("Dockerfile", large.clone()));
    let location = SourceLocation::new(map, 1..=3);
    // The twin is the same op under another name, so it is in the definition once.
    let [file, twin] = ["one", "two"].map(|name| {
        let file = MkfileAction::new("/a", 0o644, large.clone());
        let vertex = Vertex::new(FileOp::new(None, file)).with_location(location.clone());
        graph.add(vertex.with_name(name)).unwrap()
    });
    let base = image(&mut graph);
    let mut exec = ExecOp::new(Some(base.first_output()), ["a"]);
    exec.mounts.push(Mount::bind("/b", Some(file.first_output())));
    let small = graph.add(exec).unwrap();
    let mut exec = ExecOp::new(Some(small.first_output()), ["cat", &large]);
    exec.mounts.push(Mount::bind("/b", Some(twin.first_output())));
    let exec = graph.add(Vertex::new(exec).with_name(large)).unwrap();
    let target = Some(exec.first_output());

    let copied = graph.marshal(target, &options()).unwrap();
    let shared = graph.into_marshalled(target, &options()).unwrap();
    assert_eq!((copied.parts().count(), shared.parts().count()), (2, 8));
    assert_eq!(shared, copied);
    assert_eq!(shared.bytes(), copied.bytes());
    let decoded = shared.decode().unwrap();
    assert_eq!(decoded.def.len(), 5);
    for definition in [&copied, &shared] {
        assert!(definition.ops().eq(decoded.def.iter().map(Vec::as_slice)));
        let raw = RawDefinition::from(definition);
        assert_eq!(raw.encode_to_vec(), definition.bytes());
        assert_eq!(raw.decode().unwrap(), decoded);
    }
    assert_eq!(Graph::new().into_marshalled(None, &options()).unwrap().count(), 0);
    assert_eq!(
        Graph::new().into_marshalled(target, &options()),
        Err(GraphError::UnknownVertex(exec))
    );
}

/// Bytes out of order, cut short and made up: an error at worst.
#[test]
fn garbage_is_no_panic() {
    let table = include_str!("data/reference.txt");
    let mut random = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = move || {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        usize::try_from(random >> 33).unwrap()
    };
    let mut decoded = 0;
    for line in table.lines() {
        let hex = line.rsplit(' ').next().unwrap();
        let bytes: Vec<u8> = (0..hex.len() / 2)
            .map(|at| u8::from_str_radix(&hex[2 * at..2 * at + 2], 16).unwrap())
            .collect();
        for _ in 0..100 {
            let mut bytes = bytes.clone();
            bytes.truncate(bytes.len() - next() % (bytes.len() / 2 + 1) * (next() % 2));
            for _ in 0..next() % 8 {
                if !bytes.is_empty() {
                    let at = next() % bytes.len();
                    bytes[at] = u8::try_from(next() % 256).unwrap();
                }
            }
            let Ok(definition) = Definition::decode(&bytes) else {
                continue;
            };
            decoded += 1;
            let mut graph = Graph::new();
            if let Ok(target) = graph.import(&definition) {
                graph.marshal(target, &options()).unwrap();
            }
            let _ = json::convert_llb(&definition);
            let _ = definition.head();
            assert!(!text::format(&definition).is_empty());
        }
    }
    assert!(decoded > 500, "{decoded}");
}
