//! Dockerfiles and graphs that no message holds.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a failed expectation ends a test"
)]

use llb_graph::Definition;
use plimsoll_fake_bridge::{Case, FakeBridge};
use plimsoll_frontend::Outcome;
use plimsoll_frontend::gateway::{Code, MAX_MESSAGE_BYTES, Status};

const MEBIBYTE: usize = 1 << 20;

/// Comments of so many bytes.
fn comments(bytes: usize) -> String {
    let line = format!("# {}\n", "x".repeat(997));
    line.repeat(bytes / line.len()) + &"\n".repeat(bytes % line.len())
}

/// A file of so many bytes that builds the same as [`SMALL`].
fn large(bytes: usize) -> String {
    comments(bytes - SMALL.len()) + SMALL
}

const SMALL: &str = "FROM alpine\nRUN echo hello\n";

/// As most daemons are.
fn daemon(case: Case) -> FakeBridge {
    FakeBridge::new(case).with_largest_message(MAX_MESSAGE_BYTES)
}

async fn built(bridge: FakeBridge) -> FakeBridge {
    let outcome = plimsoll_frontend::run(&bridge, &bridge.environment()).await;
    assert_eq!(outcome, Outcome::Built);
    bridge
}

async fn refused(bridge: FakeBridge) -> Status {
    match plimsoll_frontend::run(&bridge, &bridge.environment()).await {
        Outcome::Refused(status) => status,
        other => panic!("{other:?}"),
    }
}

/// The last graph that was sent.
fn sent(bridge: &FakeBridge) -> Definition {
    let solves = bridge.noted().solves;
    let graph = solves.last().and_then(|solve| solve.definition.clone());
    graph.unwrap().decode().unwrap()
}

fn calls(bridge: &FakeBridge, call: &str) -> usize {
    bridge.noted().calls.iter().filter(|made| *made == call).count()
}

#[tokio::test]
async fn a_file_is_read_in_parts_and_builds_the_same() {
    let small = sent(&built(daemon(Case::dockerfile(SMALL))).await);
    let text = large(40 * MEBIBYTE);
    let line = text.lines().count() as i32;
    let bridge = built(daemon(Case::dockerfile(&text))).await;
    assert_eq!(calls(&bridge, "read_file Dockerfile"), 11);
    assert_eq!(calls(&bridge, "stat_file Dockerfile"), 1);
    let graph = sent(&bridge);
    assert_eq!(graph.def, small.def);
    assert_eq!(graph.metadata, small.metadata);
    // The lines go along, the text of the file does not.
    let (source, of_small) = (graph.source.unwrap(), small.source.unwrap());
    assert_eq!(source.infos.len(), 1);
    assert_eq!(source.infos[0].filename, "Dockerfile");
    assert_eq!(source.infos[0].definition, of_small.infos[0].definition);
    assert!(source.infos[0].data.is_empty() && !of_small.infos[0].data.is_empty());
    let mut lines = source
        .locations
        .values()
        .flatten()
        .flat_map(|place| &place.ranges);
    assert!(
        lines.any(|range| range.start.line == line),
        "{:?}",
        source.locations
    );
    assert_eq!(source.locations.len(), of_small.locations.len());
}

#[tokio::test]
async fn files_at_the_edge_of_a_part_are_read_whole() {
    // What is asked for at once; found in the first call.
    let first = |bridge: &FakeBridge| {
        let sent = bridge.noted().sent;
        let read = sent.iter().find(|sent| sent.method == "ReadFile").unwrap();
        use prost::Message as _;
        let read = plimsoll_frontend::gateway::pb::ReadFileRequest::decode(read.message.as_slice()).unwrap();
        read.range.unwrap().length as usize
    };
    let part = first(&built(daemon(Case::dockerfile(SMALL))).await);
    for (size, reads, stats) in [(part - 1, 1, 0), (part, 1, 1), (part + 1, 2, 1), (2 * part, 2, 1)] {
        let bridge = built(daemon(Case::dockerfile(&large(size)))).await;
        assert_eq!(calls(&bridge, "read_file Dockerfile"), reads, "{size}");
        assert_eq!(calls(&bridge, "stat_file Dockerfile"), stats, "{size}");
        assert_eq!(sent(&bridge).source.unwrap().infos[0].data, large(size));
    }
}

#[tokio::test]
async fn daemons_that_tell_no_sizes_are_read_to_the_end() {
    let mut case = Case::dockerfile(&large(40 * MEBIBYTE));
    case.frontend_caps_absent.push("statfile".to_owned());
    let bridge = built(daemon(case)).await;
    assert_eq!(calls(&bridge, "stat_file Dockerfile"), 0);
    assert_eq!(calls(&bridge, "read_file Dockerfile"), 11);
}

#[tokio::test]
async fn ignore_files_and_files_that_are_taken_in_are_read_in_parts() {
    let text = "# plimsoll=1\nINCLUDE other\nFROM base\nCOPY . /\n";
    let other = comments(20 * MEBIBYTE) + "FROM alpine AS base\nRUN x\n";
    let case = Case::dockerfile(text).file("dockerfile", "other", &other).file(
        "context",
        ".dockerignore",
        &(comments(5 * MEBIBYTE) + "secret\n"),
    );
    let bridge = built(daemon(case)).await;
    assert_eq!(calls(&bridge, "read_file other"), 6);
    assert_eq!(calls(&bridge, "read_file .dockerignore"), 2);
    let ops: String = sent(&bridge)
        .def
        .iter()
        .map(|op| String::from_utf8_lossy(op).into_owned())
        .collect();
    assert!(ops.contains(r#"["secret"]"#));
}

#[tokio::test]
async fn a_daemon_that_reads_no_parts_is_named_with_the_size() {
    let case = || Case::dockerfile(&large(40 * MEBIBYTE));
    let status = refused(daemon(case()).without_ranges()).await;
    assert_eq!(status.code, Code::RESOURCE_EXHAUSTED);
    let words = "`Dockerfile` has 40.1 MiB, and this BuildKit reads no parts of files and hands over up to 16.0 MiB in a \
                 message; keep data in files of their own, for COPY to read";
    assert_eq!(status.message, words);
    // One that gives it all at once does, too.
    built(FakeBridge::new(case()).without_ranges()).await;
}

#[tokio::test]
async fn files_that_are_too_large_are_refused_before_they_are_read() {
    let case = || Case::dockerfile(&large(50 * MEBIBYTE));
    let bridge = daemon(case());
    let outcome = plimsoll_frontend::run(&bridge, &bridge.environment()).await;
    let Outcome::Refused(status) = outcome else {
        panic!("{outcome:?}")
    };
    assert_eq!(status.code, Code::RESOURCE_EXHAUSTED);
    let words = "`Dockerfile` has 50.0 MiB, and a file that is read may have 48.0 MiB; keep data in files of their own, for \
                 COPY to read";
    assert_eq!(status.message, words);
    assert_eq!(calls(&bridge, "read_file Dockerfile"), 1);
    let mut untold = case();
    untold.frontend_caps_absent.push("statfile".to_owned());
    let status = refused(daemon(untold)).await;
    assert!(
        status
            .message
            .starts_with("`Dockerfile` has at least 50.0 MiB, and"),
        "{status}"
    );
}

#[tokio::test]
async fn a_file_that_is_not_as_large_as_is_said_is_no_dockerfile() {
    let has = (10 * MEBIBYTE) as i64;
    for said in [has - 1, has + 1, has * 2, 0] {
        let bridge = daemon(Case::dockerfile(&large(10 * MEBIBYTE))).with_size("Dockerfile", said);
        let status = refused(bridge).await;
        let words = format!("`Dockerfile` is said to have {said} bytes, and BuildKit handed over");
        assert!(status.message.contains(&words), "{said}: {status}");
    }
}

#[tokio::test]
async fn a_failure_in_the_middle_of_a_file_is_told() {
    use plimsoll_fake_bridge::Fault;
    for call in ["stat_file", "read_file Dockerfile"] {
        let fault = Fault::Status(Status::with_code(Code::UNAVAILABLE, "the disk is gone"));
        let bridge = daemon(Case::dockerfile(&large(10 * MEBIBYTE))).with_fault(call, fault);
        let status = refused(bridge).await;
        assert_eq!(status.code, Code::UNAVAILABLE);
        assert!(status.message.contains("the disk is gone"), "{status}");
    }
}

#[tokio::test]
async fn two_platforms_share_a_large_file() {
    let case = Case::dockerfile(&large(40 * MEBIBYTE)).opt("platform", "linux/amd64,linux/arm64");
    built(daemon(case)).await;
}

#[tokio::test]
async fn what_is_wrong_in_a_large_file_is_shown_with_its_line() {
    let text = comments(40 * MEBIBYTE) + "FROM alpine\nCOPY a\n";
    let status = refused(daemon(Case::dockerfile(&text))).await;
    let line = text.lines().count();
    assert!(
        status.message.starts_with(&format!("Dockerfile:{line}:")),
        "{status}"
    );
    assert!(status.encoded_len() < MEBIBYTE);
}

#[tokio::test]
async fn findings_about_a_large_file_are_sent_and_listed() {
    let text = comments(40 * MEBIBYTE) + "FROM alpine as x\nMAINTAINER me\n";
    let bridge = built(daemon(Case::dockerfile(&text))).await;
    assert_eq!(bridge.noted().warnings.len(), 2);
    for question in ["frontend.lint", "frontend.outline", "frontend.targets"] {
        let bridge = built(daemon(Case::dockerfile(&text).opt("requestid", question))).await;
        let answer = bridge.returned_result().unwrap().metadata;
        let json: serde_json::Value = serde_json::from_slice(&answer["result.json"]).unwrap();
        let source = &json["sources"][0];
        assert!(
            source
                .get("data")
                .unwrap_or(source)
                .as_str()
                .is_none_or(str::is_empty),
            "{question}"
        );
        if question == "frontend.lint" {
            let told = String::from_utf8_lossy(&answer["result.txt"]);
            assert!(told.contains(">>> MAINTAINER me"), "{told}");
        }
    }
}

#[tokio::test]
async fn a_daemon_of_smaller_messages_gets_the_graph_without_the_text() {
    // As BuildKit before 0.14.
    let text = large(5 * MEBIBYTE);
    let bridge =
        built(FakeBridge::new(Case::dockerfile(&text)).with_largest_message(4 * MEBIBYTE + 100)).await;
    assert!(sent(&bridge).source.unwrap().infos[0].data.is_empty());
    assert_eq!(calls(&bridge, "read_file Dockerfile"), 2);
}

#[tokio::test]
async fn a_graph_that_is_too_large_is_told_with_its_largest_instruction() {
    let label = format!("FROM alpine\nRUN <<EOF\n{}EOF\nRUN x\n", comments(5 * MEBIBYTE));
    let bridge = FakeBridge::new(Case::dockerfile(&label)).with_largest_message(4 * MEBIBYTE);
    let status = refused(bridge).await;
    assert_eq!(status.code, Code::RESOURCE_EXHAUSTED);
    for words in [
        "the build graph is 5.1 MiB and a message to BuildKit may have 4.0 MiB: ",
        ". The largest instruction, Dockerfile:2:1, takes 5243",
        " bytes of it; put its text into a file of the context, for COPY or RUN --mount=type=bind to read",
    ] {
        assert!(status.message.contains(words), "{words}: {status}");
    }
    assert!(status.has_source());

    // Many small ones: there is nothing to take out of them.
    let args: String = (0..4000).map(|n| format!("ARG A{n}=v\n")).collect();
    let runs = args + &(0..500).map(|n| format!("RUN {n}\n")).collect::<String>();
    let status = refused(daemon(Case::dockerfile(&format!("FROM alpine\n{runs}")))).await;
    assert!(status.message.starts_with("the build graph is 1"), "{status}");
    assert!(
        status
            .message
            .contains(" and a message to BuildKit may have 16.0 MiB: "),
        "{status}"
    );
    assert!(status.message.ends_with(" bytes of it"), "{status}");
}

#[tokio::test]
async fn an_instruction_that_no_message_holds_is_told_with_its_size() {
    let lines = comments(17 * MEBIBYTE).replace('#', "x");
    let heredoc = format!("FROM alpine\nRUN <<EOF\n{lines}EOF\n");
    let continued = format!("FROM alpine\nRUN {}x\n", lines.replace("xxx\n", "x \\\n"));
    for text in [heredoc, continued] {
        let size = text.len() - "FROM alpine\n".len();
        let status = refused(daemon(Case::dockerfile(&text))).await;
        let words = format!(
            "Dockerfile:2:1: the instruction has {size} bytes, and a message to BuildKit holds 16777216; put its text into a \
             file of the context, for COPY or RUN --mount=type=bind to read"
        );
        assert_eq!(status.message, words);
    }
}
