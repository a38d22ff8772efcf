use llb_graph::{
    BuildOp, ExecOp, FileSystem, Graph, Mount, Op, PassthroughOp, Position, ProgressGroup, Range,
    SourceLocation, SourceMap, Vertex,
};

use crate::{Case, add, alpine, alpine_vertex, busybox, case, copy, file, local, options, run};

pub fn cases() -> Vec<Case> {
    [merges(), diffs(), rest(), places(), imports()]
        .into_iter()
        .flatten()
        .collect()
}

fn group(name: &str, weak: bool) -> ProgressGroup {
    ProgressGroup {
        id: "id".to_owned(),
        name: name.to_owned(),
        weak,
    }
}

/// As COPY --link makes it.
fn linked(graph: &mut Graph) -> FileSystem {
    let from = local(graph);
    let op = llb_graph::FileOp::new(None, copy(from, "/a", "/b"));
    let vertex = Vertex::new(Op::File(op)).with_progress_group(group("COPY", true));
    Some(graph.add(vertex).unwrap().first_output())
}

fn merges() -> Vec<Case> {
    vec![
        case("merge", |graph| {
            let (base, busy) = (alpine(graph), busybox(graph));
            let copied = linked(graph);
            let inputs = [base, copied, None, busy, base];
            graph
                .merge(&inputs, |op| {
                    Vertex::new(op)
                        .with_progress_group(group("COPY", false))
                        .with_name("LINK COPY")
                })
                .unwrap()
        }),
        case("merge-one", |graph| {
            let copied = linked(graph);
            graph.merge(&[None, copied], Vertex::new).unwrap()
        }),
        case("merge-none", |graph| graph.merge(&[None], Vertex::new).unwrap()),
    ]
}

fn diffs() -> Vec<Case> {
    vec![
        case("diff", |graph| {
            let base = alpine(graph);
            let upper = run(graph, ExecOp::new(base, ["a"]));
            graph
                .diff(base, upper, |op| Vertex::new(op).with_name("diff"))
                .unwrap()
        }),
        case("diff-upper-scratch", |graph| {
            let base = alpine(graph);
            graph.diff(base, None, Vertex::new).unwrap()
        }),
        case("diff-lower-scratch", |graph| {
            let busy = busybox(graph);
            graph.diff(None, busy, Vertex::new).unwrap()
        }),
        case("diff-same", |graph| {
            let base = alpine(graph);
            graph.diff(base, base, Vertex::new).unwrap()
        }),
    ]
}

fn rest() -> Vec<Case> {
    let build = |name, filename: Option<&'static str>| {
        case(name, move |graph| {
            let op = BuildOp {
                source: alpine(graph).unwrap(),
                filename: filename.map(str::to_owned),
            };
            Some(add(graph, Op::Build(op)).first_output())
        })
    };
    let passthrough = |name, id: &'static str, outputs: Vec<u32>, index| {
        case(name, move |graph| {
            let inputs = [alpine(graph), busybox(graph), local(graph)];
            let op = PassthroughOp {
                id: id.to_owned(),
                inputs: inputs.into_iter().flatten().collect(),
                outputs,
            };
            Some(add(graph, Op::Passthrough(op)).output(index))
        })
    };
    vec![
        build("build", Some("llb.bin")),
        build("build-default", None),
        passthrough("passthrough", "why", vec![0], 0),
        passthrough("passthrough-second", "multi", vec![0, 2], 1),
    ]
}

fn dockerfile() -> SourceMap {
    SourceMap {
        filename: "Dockerfile".to_owned(),
        language: "Dockerfile".to_owned(),
        data: b"FROM alpine\nRUN <a>\n".as_slice().into(),
        definition: None,
    }
}

/// The base image with a place, and its user with several.
fn located(graph: &mut Graph) -> (FileSystem, FileSystem) {
    let source = local(graph);
    let third = SourceMap {
        filename: "other".to_owned(),
        definition: Some(graph.marshal(source, &options()).unwrap().decode().unwrap()),
        ..Default::default()
    };
    let first = graph.add_source_map(dockerfile());
    let same = graph.add_source_map(dockerfile());
    let third = graph.add_source_map(third);
    let image = alpine_vertex().with_location(SourceLocation {
        map: first,
        ranges: vec![Range::line(1)].into(),
    });
    let base = Some(graph.add(image).unwrap().first_output());
    let wide = Range {
        start: Position {
            line: 3,
            character: 4,
        },
        end: Position {
            line: 5,
            character: 0,
        },
    };
    let vertex = Vertex::new(Op::Exec(ExecOp::new(base, ["a"])))
        .with_location(SourceLocation {
            map: same,
            ranges: vec![Range::line(2), wide].into(),
        })
        .with_location(SourceLocation {
            map: third,
            ranges: Vec::new().into(),
        });
    (base, Some(graph.add(vertex).unwrap().first_output()))
}

fn places() -> Vec<Case> {
    vec![
        case("locations", |graph| located(graph).1),
        case("same-digest", |graph| {
            let busy = busybox(graph);
            let map = graph.add_source_map(dockerfile());
            let at = |line| SourceLocation {
                map,
                ranges: vec![Range::line(line)].into(),
            };
            let exec = || Vertex::new(Op::Exec(ExecOp::new(busy, ["a"])));
            let one = exec().with_name("one").with_location(at(1));
            let one = one.with_progress_group(ProgressGroup {
                id: "p".to_owned(),
                name: "p".to_owned(),
                weak: false,
            });
            let two = exec().with_name("two").with_description("k", "v");
            let two = two.with_location(at(2)).with_ignore_cache(true);
            let one = Some(graph.add(one).unwrap().first_output());
            let two = Some(graph.add(two).unwrap().first_output());
            graph.merge(&[one, two], Vertex::new).unwrap()
        }),
    ]
}

fn imports() -> Vec<Case> {
    let imported = |graph: &mut Graph| {
        let mut other = Graph::new();
        let (_, target) = located(&mut other);
        let definition = other.marshal(target, &options()).unwrap().decode().unwrap();
        graph.import(&definition).unwrap()
    };
    vec![
        case("imported", imported),
        case("imported-used", |graph| {
            let base = imported(graph);
            let (image, _) = located(graph);
            let mut op = ExecOp::new(base, ["b"]);
            op.mounts.push(Mount::bind("/m", image));
            run(graph, op)
        }),
        case("imported-outputs", |graph| {
            let mut other = Graph::new();
            let base = alpine(&mut other);
            let map = other.add_source_map(dockerfile());
            let image = alpine_vertex().with_location(SourceLocation {
                map,
                ranges: vec![Range::line(1)].into(),
            });
            let located = Some(other.add(image).unwrap().first_output());
            let mut op = ExecOp::new(located, ["a"]);
            op.mounts.push(Mount::bind("/out", None));
            let vertex = Vertex::new(Op::Exec(op)).with_location(SourceLocation {
                map,
                ranges: vec![Range::line(2)].into(),
            });
            let exec = other.add(vertex).unwrap();
            let actions = vec![
                copy(Some(exec.output(1)), "/", "/"),
                copy(Some(exec.output(0)), "/", "/"),
            ];
            let target = file(&mut other, base, actions);
            let definition = other.marshal(target, &options()).unwrap().decode().unwrap();
            graph.import(&definition).unwrap()
        }),
    ]
}
