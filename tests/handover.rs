//! What the daemon gets at the end: results that it can read, errors and warnings that reach the person who builds.

#![allow(
    clippy::panic,
    clippy::expect_used,
    reason = "a failed expectation ends a test"
)]

use plimsoll_fake_bridge::{Case, FakeBridge, Fault, run};
use plimsoll_frontend::Outcome;
use plimsoll_frontend::gateway::{Code, Status, pb};
use plimsoll_frontend::report::{SHOWN_WARNINGS, STATUS_BYTES};
use prost::Message;

const NOTHING: &str = "FROM scratch\nCMD [\"x\"]\n";
const PLATFORMS: &str = "linux/amd64,linux/arm64,linux/riscv64";

async fn on(bridge: FakeBridge) -> (Outcome, FakeBridge) {
    let environment = bridge.environment();
    let outcome = plimsoll_frontend::run(&bridge, &environment).await;
    (outcome, bridge)
}

async fn refused(case: Case) -> (Status, FakeBridge) {
    let (outcome, bridge) = run(case).await;
    let Outcome::Refused(status) = outcome else {
        panic!("expected an error, got {outcome:?}")
    };
    assert_eq!(bridge.returned_error().as_ref(), Some(&status));
    (status, bridge)
}

/// The entries of a result, each with its value if it has one.
fn refs(bridge: &FakeBridge) -> Vec<(Option<String>, Option<pb::Ref>)> {
    let result = bridge.returned_result().and_then(|result| result.result);
    let Some(pb::result::Result::Refs(refs)) = result else {
        panic!("no refs: {result:?}")
    };
    let entries = refs.refs.into_iter();
    entries.map(|entry| (entry.key, entry.value)).collect()
}

#[tokio::test]
async fn empty_results_have_a_value_a_platform() {
    for keyed in ["", "true"] {
        let mut case = Case::dockerfile(NOTHING).opt("platform", PLATFORMS);
        if !keyed.is_empty() {
            case = case.opt("multi-platform", keyed);
        }
        let (outcome, bridge) = run(case).await;
        assert_eq!(outcome, Outcome::Built);
        let keys = PLATFORMS.split(',').map(|key| Some(key.to_owned()));
        let expected: Vec<_> = keys.map(|key| (key, Some(pb::Ref::default()))).collect();
        assert_eq!(refs(&bridge), expected);
    }
}

#[tokio::test]
async fn daemons_that_die_of_empty_results_get_none() {
    let old = |text: &str| {
        let mut case = Case::dockerfile(text).opt("platform", PLATFORMS);
        case.frontend_caps_absent = vec!["source.metaresolver".to_owned()];
        case
    };
    let (status, bridge) = refused(old(NOTHING)).await;
    assert_eq!(status.code, Code::UNIMPLEMENTED);
    assert!(status.message.contains("linux/amd64") && status.message.contains("0.13"));
    assert_eq!(bridge.noted().returned.len(), 1);
    let (outcome, _) = run(old("FROM scratch\nCOPY . /\n")).await;
    assert_eq!(outcome, Outcome::Built);
}

#[tokio::test]
async fn what_another_frontend_left_out_is_filled_in() {
    let absent = |key: &str| pb::RefEntry {
        key: Some(key.to_owned()),
        value: None,
    };
    let forwarded = pb::Result {
        result: Some(pb::result::Result::Refs(pb::RefMap {
            refs: vec![absent("linux/amd64"), absent("linux/arm64")],
        })),
        attestations: vec![pb::AttestationsEntry {
            key: Some("linux/amd64".to_owned()),
            value: None,
        }],
        ..pb::Result::default()
    };
    let case = Case::dockerfile("# syntax=example.org/other:1\n").opt("platform", PLATFORMS);
    let (outcome, bridge) = on(FakeBridge::new(case).with_forwarded(forwarded)).await;
    assert_eq!(outcome, Outcome::Built);
    assert!(refs(&bridge).iter().all(|(_, value)| value.is_some()));
    let result = bridge.returned_result().expect("a result");
    assert_eq!(result.attestations[0].value, Some(pb::Attestations::default()));
}

#[tokio::test]
async fn a_result_that_is_too_large_says_so() {
    let labels: String = (0..300).map(|n| format!("LABEL l{n}=$A\n")).collect();
    let text = format!("FROM scratch\nARG A={}\n{labels}", "a".repeat(60_000));
    let (status, bridge) = refused(Case::dockerfile(&text)).await;
    assert_eq!(status.code, Code::RESOURCE_EXHAUSTED);
    assert!(status.message.contains("16.0 MiB"), "{status}");
    assert_eq!(bridge.noted().returned.len(), 1);
}

#[tokio::test]
async fn what_a_copy_says_is_paid_for_each_source() {
    let text = |sources: usize| {
        let (excluded, sources) = ("x".repeat(60_000), "a \\\n".repeat(sources));
        format!("FROM scratch\nCOPY --exclude={excluded} {sources} /\n")
    };
    let (outcome, _) = run(Case::dockerfile(&text(100))).await;
    assert_eq!(outcome, Outcome::Built);
    let (status, _) = refused(Case::dockerfile(&text(2_000))).await;
    assert!(
        status.message.contains("larger than Plimsoll compiles"),
        "{status}"
    );
}

#[tokio::test]
async fn a_result_that_the_daemon_refuses_is_an_error() {
    let fault = Fault::Once(Status::with_code(Code::NOT_FOUND, "no such ref"));
    let (outcome, bridge) = on(FakeBridge::new(Case::dockerfile(NOTHING)).with_fault("return", fault)).await;
    assert!(matches!(&outcome, Outcome::Refused(status) if status.code == Code::NOT_FOUND));
    let told = bridge.returned_error().expect("an error");
    assert!(told.message.ends_with("no such ref"), "{told}");
}

#[tokio::test]
async fn an_error_that_the_daemon_refuses_goes_without_details() {
    let fault = Fault::Once(Status::with_code(Code::RESOURCE_EXHAUSTED, "too large"));
    let (outcome, bridge) =
        on(FakeBridge::new(Case::dockerfile("FORM x\n")).with_fault("return", fault)).await;
    let Outcome::Refused(status) = outcome else {
        panic!("{outcome:?}")
    };
    assert!(status.message.contains("FORM") && status.details.is_empty());
    assert_eq!(bridge.noted().returned.len(), 2);
}

#[tokio::test]
async fn a_file_of_nothing_but_errors() {
    let lines: String = (0..1_000)
        .map(|n| format!("\"{n}\": \"{}\"\n", "x".repeat(660)))
        .collect();
    let (status, bridge) = refused(Case::dockerfile(&lines)).await;
    assert!(status.message.starts_with("100"), "{}", &status.message[..80]);
    assert_eq!(status.message.lines().count(), 22);
    assert!(status.message.ends_with("and 980 more") || status.message.ends_with("and 981 more"));
    let returned = bridge.noted().returned.pop().expect("an error");
    assert!(
        returned.encoded_len() < STATUS_BYTES,
        "{}",
        returned.encoded_len()
    );
}

#[tokio::test]
async fn excerpts_go_from_top_to_bottom() {
    let padding = "RUN x\n".repeat(20);
    let text = format!("FROM scratch\nRUM a\nRUM b\n{padding}RUM c\n{padding}");
    let (status, bridge) = refused(Case::dockerfile(&text)).await;
    assert!(status.message.starts_with("3 errors"), "{status}");
    // The daemon turns the order round, and clients print the first one first then.
    let sources = &bridge.answer()["error"]["sources"];
    let ranges = |index: usize| sources[index]["ranges"].clone();
    assert_eq!(ranges(0), serde_json::json!([[24, 0, 24, 0]]), "{sources}");
    assert_eq!(
        ranges(1),
        serde_json::json!([[2, 0, 2, 0], [3, 0, 3, 0]]),
        "{sources}"
    );
}

#[tokio::test]
async fn a_large_file_shows_the_lines_around() {
    let padding = format!("RUN {}\n", "x".repeat(100)).repeat(50_000);
    let text = format!(
        "FROM scratch\n{padding}RUM {}\nRUN last\n{padding}",
        "y".repeat(60_000)
    );
    let (_, bridge) = refused(Case::dockerfile(&text)).await;
    let returned = bridge.noted().returned.pop().expect("an error");
    assert!(returned.encoded_len() < STATUS_BYTES);
    let source: serde_json::Value =
        serde_json::from_slice(&returned.error.expect("a status").details[0].value).expect("JSON");
    assert_eq!(source["ranges"][0]["start"]["line"], 50_002);
    let data = source["info"]["data"].as_str().expect("data");
    assert!(data.len() < 300 << 10, "{}", data.len());
}

#[tokio::test]
async fn many_findings_are_counted() {
    let text = format!(
        "FROM scratch\nCOPY . /\n{}",
        "MAINTAINER somebody\n".repeat(5_000)
    );
    let (outcome, bridge) = run(Case::dockerfile(&text)).await;
    assert_eq!(outcome, Outcome::Built);
    let warnings = bridge.noted().warnings;
    assert_eq!(warnings.len(), SHOWN_WARNINGS + 1);
    let bytes: usize = warnings.iter().map(Message::encoded_len).sum();
    assert!(bytes < 1 << 20, "{bytes}");
    let last = warnings.last().expect("a warning");
    let short = String::from_utf8_lossy(&last.short);
    assert!(short.starts_with("and 49"), "{short}");
    // Clients show them where the file is read.
    assert!(!last.digest.is_empty());
    assert!(warnings.iter().all(|warning| warning.digest == last.digest));
}

#[tokio::test]
async fn credentials_of_a_context_are_not_shown() {
    for context in [
        "https://user:hunter2@example.org/x.tar",
        "https://user:hunter2@example.org/x.git#:no such folder",
        "http://example.org/x?token=hunter2",
    ] {
        let fault = Fault::Status(Status::new(format!("fetching {context}: refused")));
        let case = Case::dockerfile(NOTHING).opt("context", context);
        let (outcome, bridge) = on(FakeBridge::new(case).with_fault("solve", fault)).await;
        let Outcome::Refused(status) = outcome else {
            panic!("{outcome:?}")
        };
        assert!(status.message.contains("xxxxx"), "{status}");
        let returned = bridge.noted().returned.pop().expect("an error").encode_to_vec();
        assert!(
            !String::from_utf8_lossy(&returned).contains("hunter2"),
            "{status}"
        );
    }
}

#[tokio::test]
async fn terminals_get_no_commands() {
    let case = Case::dockerfile("FROM scratch\nCOPY --from=\u{1b}]0;owned\u{7} a b\nMAINTAINER \u{202e}x\n");
    let (status, bridge) = refused(case.opt("filename", "Dockerfile")).await;
    assert!(status.message.contains("\\x1b]0;owned\\x07"), "{status}");
    let returned = bridge.noted().returned.pop().expect("an error");
    let details = &returned.error.as_ref().expect("a status").details;
    assert!(!details.is_empty());
    assert!(!returned.encode_to_vec().contains(&0x1b));
    let (status, _) = refused(Case::dockerfile(NOTHING).opt("filename", "\u{1b}[31mDockerfile")).await;
    assert!(status.message.contains("\\x1b[31mDockerfile"), "{status}");
}

#[tokio::test]
async fn questions_get_no_commands_either() {
    for question in ["frontend.lint", "frontend.outline", "frontend.targets"] {
        let text = "# the \u{9b}31m stage\nFROM alpine as \u{202e}gnp\nRUN a\u{1b}[2J\n";
        let (_, bridge) = run(Case::dockerfile(text).opt("requestid", question)).await;
        let returned = bridge.noted().returned.pop().expect("an answer").encode_to_vec();
        assert!(!returned.contains(&0x1b), "{question}");
        let answered = bridge.returned_result();
        let shown = answered.and_then(|mut result| result.metadata.remove("result.txt"));
        let shown = String::from_utf8(shown.unwrap_or_default().to_vec()).expect("text");
        assert!(!shown.contains(['\u{9b}', '\u{202e}']), "{question}: {shown}");
    }
}

#[tokio::test]
async fn an_ignore_file_that_can_not_be_read_ends_the_build() {
    for code in [Code::UNAVAILABLE, Code::DEADLINE_EXCEEDED, Code::INTERNAL] {
        for call in ["read_file .dockerignore", "read_file Dockerfile.dockerignore"] {
            let fault = Fault::Status(Status::with_code(code, "try again"));
            let mut case = Case::dockerfile("FROM scratch\nCOPY . /\n");
            let context = case.locals.entry("context".to_owned()).or_default();
            context.insert(".dockerignore".to_owned(), "secret".into());
            let (outcome, _) = on(FakeBridge::new(case).with_fault(call, fault)).await;
            let Outcome::Refused(status) = outcome else {
                panic!("{call}: {outcome:?}")
            };
            assert_eq!(status.code, code);
            assert!(status.message.contains("dockerignore") && status.message.ends_with("try again"));
        }
    }
}

#[tokio::test]
async fn inputs_are_handed_on_with_their_values() {
    let mut case = Case::dockerfile("# syntax=example.org/other:1\n").opt("context:base", "input:base");
    case.inputs
        .insert("base".to_owned(), plimsoll_fake_bridge::Bytes(Vec::new()));
    let (outcome, bridge) = on(FakeBridge::new(case)).await;
    assert_eq!(outcome, Outcome::Built);
    let solve = bridge.noted().solves.pop().expect("a solve");
    let entry = &solve.frontend_inputs[0];
    assert_eq!(entry.key.as_deref(), Some("base"));
    assert_eq!(entry.value, Some(llb_graph::RawDefinition::default()));
}
