//! What a daemon may answer with on a real connection. The daemon is in the same process, so what it keeps counts too:
//! it makes one answer, and sends that as often as it is asked.

use std::rc::Rc;

use http::{HeaderMap, HeaderValue};
use llb_graph::{
    ExecOp, Graph, MarshalOptions, Op, Platform, Range, SourceLocation, SourceMap, Vertex, proto,
};
use plimsoll_fake_bridge::{Answer, Bytes, Case, Daemon, Download, FakeBridge, Script, to_base64};
use plimsoll_frontend::Outcome;
use plimsoll_frontend::gateway::{GrpcBridge, pb};
use plimsoll_frontend::options::Environment;
use prost::Message;
use tokio::task::LocalSet;

use crate::cases::Expect::{Built, Refused};
use crate::cases::{Hostile, file, lines};

/// What a message holds, less some room.
const FULL: usize = (16 << 20) - 4096;
/// What an error holds, less some room.
const FULL_ERROR: usize = (32 << 20) - 4096;

const TOGETHER: &str = "all that BuildKit sent for this build is larger than the 64.0 MiB";
const PARTS: &str = "too many small parts";

macro_rules! cases {
    ($($name:literal => $expect:expr, $case:expr, $script:expr;)*) => {
        /// All of them.
        pub const WIRED: &[Hostile] = &[$(Hostile {
            name: $name,
            case: || $case,
            expect: $expect,
            wire: Some(|| $script),
        }),*];
    };
}

cases! {
    // Many answers.
    "answers-of-many-images" => Refused(TOGETHER), images(100), at("ResolveSourceMeta", config(FULL));
    "answers-of-few-images" => Built, images(3), at("ResolveSourceMeta", config(FULL));
    "answers-of-usual-images" => Built, images(500), at("ResolveSourceMeta", config(10 << 10));
    "answers-of-one-long-digest" => Refused(TOGETHER), images(100), at("ResolveSourceMeta", digest(FULL));
    "answers-beside-a-large-file" => Refused(TOGETHER), beside_a_large_file(), at("ResolveSourceMeta", config(FULL));
    "answers-that-all-fail" => Refused("Dockerfile:"), images(12), at("ResolveSourceMeta", Answer::Trailers(trailers("no", &one_detail(FULL_ERROR / 4 * 3 - 64))));
    // Many parts.
    "inputs-of-nothing" => Refused(PARTS), file("FROM a\n"), at("Inputs", message(&[], &[0x0a, 0], FULL));
    "inputs-of-empty-keys" => Refused(PARTS), file("FROM a\n"), at("Inputs", message(&[], &[0x0a, 2, 0x0a, 0], FULL));
    "definition-of-empty-ops" => Refused(PARTS), file("FROM a\n"), at("Inputs", input(&[], &[0x0a, 0], FULL));
    "definition-of-short-ops" => Refused(PARTS), file("FROM a\n"), at("Inputs", input(&[], &[0x0a, 1, 0], FULL));
    "definition-of-empty-metadata" => Refused(PARTS), file("FROM a\n"), at("Inputs", input(&[], &[0x12, 0], FULL));
    "definition-of-empty-caps" => Refused(PARTS), file("FROM a\n"), at("Inputs", input(&[2, 2], &[0x2a, 0], FULL));
    "definition-of-empty-places" => Refused(PARTS), file("FROM a\n"), at("Inputs", input(&[3], &[0x0a, 0], FULL));
    "definition-of-empty-files" => Refused(PARTS), file("FROM a\n"), at("Inputs", input(&[3], &[0x12, 0], FULL));
    "definition-of-empty-locations" => Refused(PARTS), file("FROM a\n"), at("Inputs", input(&[3, 1, 2], &[0x0a, 0], FULL));
    "definition-of-empty-ranges" => Refused(PARTS), file("FROM a\n"), at("Inputs", input(&[3, 1, 2, 1], &[0x12, 0], FULL));
    "definition-of-single-ranges" => Refused(PARTS), file("FROM a\n"), at("Inputs", input(&[3, 1, 2], &[0x0a, 2, 0x12, 0], FULL));
    "definition-in-definitions" => Refused(PARTS), file("FROM a\n"), at("Inputs", input(&[3, 2, 3, 3, 2, 3], &[0x0a, 0], FULL));
    "result-of-empty-attestations" => Refused(PARTS), file("FROM a\n"), at("Solve", message(&[3], &[0x62, 0], FULL));
    "result-of-empty-subjects" => Refused(PARTS), file("FROM a\n"), at("Solve", message(&[3, 12, 2, 1], &[0x32, 0], FULL));
    "result-of-empty-digests" => Refused(PARTS), file("FROM a\n"), at("Solve", message(&[3, 12, 2, 1, 6], &[0x12, 0], FULL));
    "result-of-empty-refs" => Refused(PARTS), file("FROM a\n"), at("Solve", message(&[3, 4], &[0x0a, 0], FULL));
    "result-of-many-keys" => Refused(PARTS), file("FROM a\n"), at("Solve", Answer::Message(keys(FULL)));
    "features-of-nothing" => Refused(PARTS), file("FROM a\n"), at("Ping", message(&[], &[0x0a, 0], 1 << 20));
    "listing-of-nothing" => Refused(PARTS), archive(), listings(&[0x0a, 0]);
    "listing-of-folders" => Refused(PARTS), archive(), listings(&folder("a"));
    "listing-of-long-names" => Refused("more than 10000 folders"), archive(), listings(&folder(&"a".repeat(100)));
    // Graphs that get larger when they are read.
    "op-of-empty-inputs" => Refused(PARTS), file("FROM a\nCOPY a /\n"), at("Inputs", input(&[1], &[0x0a, 0], FULL));
    "op-of-empty-mounts" => Refused(PARTS), file("FROM a\nCOPY a /\n"), at("Inputs", input(&[1, 2], &[0x12, 0], FULL));
    "inputs-of-many-outputs" => Refused("too many ops"), inputs(16), at("Inputs", graphs(16, 60, 900 << 10, 0));
    "inputs-of-copied-caps" => Refused("too many ops"), inputs(1), at("Inputs", graphs(1, 25, 10, 200_000));
    "inputs-of-a-large-graph" => Built, file("FROM a\nCOPY a /\n"), at("Inputs", graph(6_000));
    "op-of-files-as-json" => Refused(PARTS), as_json(), at("Inputs", graph_of(&within(&[5, 3, 3], [0x12, 0].repeat(FULL / 2 - 200))));
    "op-of-fewer-files-as-json" => Built, as_json(), at("Inputs", graph_of(&within(&[5, 3, 3], [0x12, 0].repeat(180_000))));
    "op-of-deep-files-as-json" => Refused("the result of the build is"), as_json(), at("Inputs", graph_of(&within(&[5, 3, 3], within(&[2, 3, 3, 2, 3, 3, 2, 3, 3, 2, 3, 3, 2, 3, 3, 2, 3, 3, 2, 3, 3, 2, 3, 3, 2], Vec::new()).repeat(10_000))));
    // Errors.
    "error-of-empty-details" => Refused("no"), file("FROM a\n"), at("Solve", Answer::Trailers(trailers("no", &[0x1a, 0].repeat(FULL_ERROR / 8 * 3))));
    "error-of-one-detail" => Refused("no"), file("FROM a\n"), at("Solve", Answer::Trailers(trailers("no", &one_detail(FULL_ERROR / 4 * 3 - 64))));
    "error-of-words" => Refused("no"), file("FROM a\n"), at("Solve", Answer::Trailers(trailers(&"no ".repeat(FULL_ERROR / 3), &[])));
    "error-of-escapes" => Refused("invalid utf-8"), file("FROM a\n"), at("Solve", Answer::Trailers(trailers(&"%ff".repeat(FULL_ERROR / 3), &[])));
    "error-of-urls" => Refused("://"), file("FROM a\n"), at("Solve", Answer::Trailers(trailers(&"://".repeat(FULL_ERROR / 3), &[])));
}

/// Runs the frontend on a connection to a daemon that answers by a script.
pub async fn run(case: Case, script: Script, environment: &Environment) -> Outcome {
    let daemon = Rc::new(Daemon::new(FakeBridge::new(case), script));
    let (ours, theirs) = tokio::io::duplex(64 << 10);
    let local = LocalSet::new();
    local.spawn_local(daemon.serve(theirs));
    let served = local.run_until(async {
        let bridge = GrpcBridge::connect(ours).await.unwrap();
        plimsoll_frontend::run(&bridge, environment).await
    });
    served.await
}

/// Answers every call of a method with the same.
fn at(method: &'static str, answer: Answer) -> Script {
    Box::new(move |called, _| match called == method {
        true => answer.clone(),
        false => Answer::Usual,
    })
}

/// Answers the first listing with eight folders, and all others with as many of one entry as there may be.
fn listings(entry: &[u8]) -> Script {
    let first: Vec<u8> = ["a", "b", "c", "d", "e", "f", "g", "h"].map(folder).concat();
    let first = Answer::Message(first.into());
    let others = message(&[], entry, 4 << 20);
    Box::new(move |called, count| match (called, count) {
        ("ReadDir", 0) => first.clone(),
        ("ReadDir", _) => others.clone(),
        _ => Answer::Usual,
    })
}

/// A build that needs so many images.
fn images(count: usize) -> Case {
    file(&images_text(count))
}

fn images_text(count: usize) -> String {
    format!(
        "{}FROM scratch\n{}",
        lines(count, |n| format!("FROM a{n} AS s{n}")),
        lines(count, |n| format!("COPY --from=s{n} / /{n}"))
    )
}

/// A build that needs as many images, of a file that takes as much as there may be.
fn beside_a_large_file() -> Case {
    let unused = format!("FROM a AS unused\nCOPY {} /\n", "a \\\n".repeat(1_900_000));
    file(&(unused + &images_text(100)))
}

/// A build that needs so many graphs of the client.
fn inputs(count: usize) -> Case {
    let stages = lines(count, |n| format!("FROM n{n} AS s{n}"));
    let copies = lines(count, |n| format!("COPY --from=s{n} / /{n}"));
    let case = file(&format!("{stages}FROM scratch\n{copies}"));
    (0..count).fold(case, |case, n| {
        case.opt(&format!("context:n{n}"), &format!("input:n{n}"))
    })
}

/// So many graphs, each of an operation of a size of which so many outputs are used. It is described by so many words.
fn graphs(count: usize, outputs: i64, size: usize, words: usize) -> Answer {
    let entries = (0..count).map(|n| {
        let source = proto::Op {
            op: Some(proto::op::Op::Source(proto::SourceOp {
                identifier: format!("docker-image://{n}{}", "a".repeat(size)),
                attrs: Vec::new(),
            })),
            ..proto::Op::default()
        };
        let source = source.encode_to_vec();
        let uses = |digest: String, count| proto::Op {
            inputs: (0..count)
                .map(|index| proto::Input {
                    digest: digest.clone(),
                    index,
                })
                .collect(),
            ..proto::Op::default()
        };
        let merge = uses(llb_graph::digest(&source), outputs).encode_to_vec();
        let last = uses(llb_graph::digest(&merge), 1).encode_to_vec();
        let words = (0..words).map(|word| proto::BoolEntry {
            key: Some(word.to_string()),
            value: None,
        });
        let described = proto::OpMetadata {
            caps: words.collect(),
            ..proto::OpMetadata::default()
        };
        let entry = |op: &[u8], value| proto::OpMetadataEntry {
            key: Some(llb_graph::digest(op)),
            value: Some(value),
        };
        let metadata = vec![
            entry(&source, described),
            entry(&merge, proto::OpMetadata::default()),
        ];
        let definition = proto::Definition {
            def: vec![source, merge, last],
            metadata,
            source: None,
        };
        pb::DefinitionEntry {
            key: Some(format!("n{n}")),
            value: Some(definition.encode_to_vec().into()),
        }
    });
    let definitions = entries.collect();
    Answer::Message(pb::InputsResponse { definitions }.encode_to_vec().into())
}

/// Asks for the graph of a build that has the client's in it.
fn as_json() -> Case {
    file("FROM scratch\nCOPY a /\n").opt("requestid", "frontend.convertllb")
}

/// The graph of the context, of one operation.
fn graph_of(op: &[u8]) -> Answer {
    let inputs = vec![proto::Input {
        digest: llb_graph::digest(op),
        index: 0,
    }];
    let last = proto::Op {
        inputs,
        ..proto::Op::default()
    };
    let metadata = proto::OpMetadataEntry {
        key: Some(llb_graph::digest(op)),
        value: None,
    };
    let definition = proto::Definition {
        def: vec![op.to_vec(), last.encode_to_vec()],
        metadata: vec![metadata],
        source: None,
    };
    let entry = pb::DefinitionEntry {
        key: Some("context".to_owned()),
        value: Some(definition.encode_to_vec().into()),
    };
    Answer::Message(
        pb::InputsResponse {
            definitions: vec![entry],
        }
        .encode_to_vec()
        .into(),
    )
}

/// The graph of the context, as a client's of so many steps is.
fn graph(steps: usize) -> Answer {
    let mut graph = Graph::new();
    let map = graph.add_source_map(SourceMap {
        filename: "Dockerfile".to_owned(),
        data: vec![b' '; 1 << 20].into(),
        ..SourceMap::default()
    });
    let mut files = None;
    for step in 0..steps {
        let command = format!("echo {step} {}", "and more ".repeat(20));
        let mut vertex =
            Vertex::new(Op::Exec(ExecOp::new(files, ["/bin/sh", "-c", &command]))).with_name(command.clone());
        vertex.locations = vec![SourceLocation {
            map,
            ranges: vec![Range::line(step as i32 + 1)].into(),
        }];
        files = Some(graph.add(vertex).unwrap().first_output());
    }
    let definition = graph
        .marshal(files, &MarshalOptions::new(Platform::new("linux", "amd64")))
        .unwrap();
    let entry = pb::DefinitionEntry {
        key: Some("context".to_owned()),
        value: Some((&definition).into()),
    };
    Answer::Message(
        pb::InputsResponse {
            definitions: vec![entry],
        }
        .encode_to_vec()
        .into(),
    )
}

/// An image whose config has so many bytes, most of them blank.
fn config(size: usize) -> Answer {
    let mut config = br#"{"os":"linux","architecture":"amd64"}"#.to_vec();
    config.resize(size - 64, b' ');
    answer_of(pb::ResolveSourceImageResponse {
        config: config.into(),
        ..pb::ResolveSourceImageResponse::default()
    })
}

/// An image whose digest has so many bytes.
fn digest(size: usize) -> Answer {
    answer_of(pb::ResolveSourceImageResponse {
        digest: "a".repeat(size - 64),
        config: b"{}".to_vec().into(),
    })
}

fn answer_of(image: pb::ResolveSourceImageResponse) -> Answer {
    let response = pb::ResolveSourceMetaResponse {
        image: Some(image),
        ..pb::ResolveSourceMetaResponse::default()
    };
    Answer::Message(response.encode_to_vec().into())
}

/// A message of a size with the same part again and again, within messages that are fields of these numbers.
fn message(path: &[u8], part: &[u8], size: usize) -> Answer {
    Answer::Message(within(path, part.repeat((size - 64) / part.len())).into())
}

fn within(path: &[u8], content: Vec<u8>) -> Vec<u8> {
    path.iter().rev().fold(content, |inner, number| {
        let mut outer = vec![number << 3 | 2];
        prost::encoding::encode_varint(inner.len() as u64, &mut outer);
        outer.extend_from_slice(&inner);
        outer
    })
}

/// The graph of the context, as [`message`].
fn input(path: &[u8], part: &[u8], size: usize) -> Answer {
    let definition = within(path, part.repeat((size - 64) / part.len()));
    let named = [b"\x0a\x07context".to_vec(), within(&[2], definition)].concat();
    Answer::Message(within(&[1], named).into())
}

/// Metadata of a result whose keys are all different.
fn keys(size: usize) -> bytes::Bytes {
    let entries: Vec<u8> = (0..size / 10)
        .flat_map(|n| {
            [
                b"\x52\x06\x0a\x04".as_slice(),
                &[
                    33 + (n % 90) as u8,
                    33 + (n / 90 % 90) as u8,
                    33 + (n / 8_100 % 90) as u8,
                    33 + (n / 729_000 % 90) as u8,
                ],
            ]
            .concat()
        })
        .collect();
    within(&[3], entries).into()
}

/// An entry of a listing that is a folder.
fn folder(name: &str) -> Vec<u8> {
    let entry = [
        within(&[1], name.as_bytes().to_vec()),
        vec![0x10, 0xed, 0x83, 0x80, 0x80, 0x08],
    ]
    .concat();
    within(&[1], entry)
}

/// A build whose date is that of an archive that only the daemon can unpack.
fn archive() -> Case {
    let url = "https://example.org/a.packed";
    let text = format!("FROM scratch AS src\nADD {url} /\nFROM scratch\nCOPY --from=src / /\n");
    let mut case = file(&text).opt("build-arg:SOURCE_DATE_EPOCH", "src");
    let download = Download {
        body: Bytes(b"BZh9".to_vec()),
        ..Download::default()
    };
    case.http.insert(url.to_owned(), download);
    case
}

fn trailers(words: &str, details: &[u8]) -> HeaderMap {
    let mut map = HeaderMap::new();
    let details = to_base64(details);
    for (name, value) in [
        ("grpc-status", "2"),
        ("grpc-message", words),
        ("grpc-status-details-bin", &details),
    ] {
        map.insert(name, HeaderValue::from_str(value).unwrap());
    }
    map
}

/// An error's details: one, of a size.
fn one_detail(size: usize) -> Vec<u8> {
    within(&[3, 2], vec![b' '; size])
}
