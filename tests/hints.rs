//! What is said of a step that failed, and what is asked of the daemon for it: nothing before the failure, little after.

#![allow(
    clippy::panic,
    clippy::expect_used,
    reason = "a failed expectation ends a test"
)]

use plimsoll_fake_bridge::{Case, FakeBridge, Fault};
use plimsoll_frontend::Outcome;
use plimsoll_frontend::gateway::{Code, Status};

const VERTEX: &str = "github.com/moby/buildkit/errdefs.Vertex+json";
const SOLVE: &str = "github.com/moby/buildkit/errdefs.Solve+json";
/// The graph comes behind the folders of the Dockerfile and of the ignore file.
const GRAPH: &str = "solve 2";

async fn run(bridge: FakeBridge) -> (Outcome, FakeBridge) {
    let environment = bridge.environment();
    let outcome = plimsoll_frontend::run(&bridge, &environment).await;
    (outcome, bridge)
}

/// The digests of the steps of a case's graph, in order.
async fn digests(case: &Case) -> Vec<String> {
    let (_, bridge) = run(FakeBridge::new(case.clone())).await;
    let solves = bridge.noted().solves;
    let graph = solves.last().and_then(|solve| solve.definition.clone());
    let graph = graph.expect("a graph").decode().expect("a definition");
    graph.def.iter().map(|op| llb_graph::digest(op)).collect()
}

/// How a daemon fails at a step; `part` is what it says of the step in JSON.
fn failure(message: &str, digest: &str, part: &str) -> Status {
    Status::with_code(Code::UNKNOWN, message)
        .detail(SOLVE, part.as_bytes().to_vec())
        .detail(VERTEX, format!(r#"{{"digest":"{digest}"}}"#).into_bytes())
}

/// A case whose last step fails the first time that its graph is solved: how it ends, and the calls after that solve.
async fn failed(case: Case, message: &str, part: &str) -> (Outcome, Status, Vec<String>) {
    let digests = digests(&case).await;
    // The last operation only names the result.
    let step = digests.iter().rev().nth(1).expect("a step");
    let status = failure(message, step, part);
    let bridge = FakeBridge::new(case).with_fault(GRAPH, Fault::Status(status.clone()));
    let (outcome, bridge) = run(bridge).await;
    let calls = bridge.noted().calls;
    let at = calls.iter().position(|call| call == GRAPH).expect("it is solved");
    (outcome, status, calls[at + 1..].to_vec())
}

/// A step that finds nothing in the context.
fn copy(sources: &str) -> Case {
    Case::dockerfile(&format!("FROM scratch\nCOPY {sources} /x/\n"))
        .file("context", "package.json", "")
        .file("context", ".dockerignore", "*.log\n")
}

const ABSENT: &str =
    "failed to compute cache key: failed to calculate checksum of ref a::b: \"/pakage.json\": not found";

#[tokio::test]
async fn the_names_of_a_context_are_one_solve_and_one_read() {
    let (outcome, status, calls) = failed(copy("pakage.json"), ABSENT, r#"{"cache":{}}"#).await;
    assert_eq!(calls, ["solve 3", "read_file .fsutil-metadata", "return"]);
    let Outcome::Refused(told) = outcome else {
        panic!("it is built");
    };
    let hint = "Dockerfile:2:6: the build context has no `pakage.json` (did you mean `package.json`?)";
    assert_eq!(told.message, format!("{ABSENT}\n{hint}"));
    assert_eq!(told.details, status.details);
    assert_eq!(told.code, status.code);
}

#[tokio::test]
async fn an_ignored_path_is_known_already() {
    let message = ABSENT.replace("pakage.json", "a.log");
    let (outcome, _, calls) =
        failed(copy("package.json a.log"), &message, r#"{"cache":{"index":"0"}}"#).await;
    assert_eq!(calls, ["return"]);
    let Outcome::Refused(told) = outcome else {
        panic!("it is built");
    };
    let hint = "Dockerfile:2:19: line 1 of .dockerignore, `*.log`, keeps `a.log` out of the build context";
    assert!(told.message.contains(hint), "{told}");
}

#[tokio::test]
async fn older_daemons_are_asked_for_what_they_were_sent() {
    let mut case = copy("pakage.json");
    case.caps_absent = vec!["source.local.metadatatransfer".to_owned()];
    let (_, _, calls) = failed(case, ABSENT, r#"{"cache":{}}"#).await;
    // A folder to go along, and once more for its names.
    assert_eq!(calls, ["solve 3", "read_dir /", "read_dir /", "return"]);
}

#[tokio::test]
async fn a_stage_is_looked_through() {
    let case = Case::dockerfile("FROM scratch AS a\nCOPY x /app/\nFROM scratch\nCOPY --from=a out.txt /\n")
        .file("context", "x/deep/out.txt", "");
    let message = ABSENT.replace("pakage.json", "out.txt");
    let (outcome, _, calls) = failed(case, &message, r#"{"cache":{}}"#).await;
    let Outcome::Refused(told) = outcome else {
        panic!("it is built");
    };
    let hint = "Dockerfile:4:15: `a` has no `/out.txt`, but `/app/deep/out.txt`; paths of another stage begin at its root";
    assert!(told.message.contains(hint), "{told}");
    assert_eq!(calls.first().map(String::as_str), Some("solve 3"));
    assert!(calls.len() < 10, "{calls:?}");
}

#[tokio::test]
async fn a_shell_that_is_not_there_is_one_look() {
    let case = || Case::dockerfile("FROM scratch\nCOPY x /\nRUN x\n").file("context", "x", "");
    let message = "process \"/bin/sh -c x\" did not complete successfully: exit code: 1";
    let (outcome, _, calls) = failed(case(), message, "{}").await;
    assert_eq!(calls, ["solve 3", "stat_file /bin/sh", "return"]);
    assert!(
        matches!(outcome, Outcome::Refused(told) if told.message.contains("this stage has no `/bin/sh`"))
    );
    // What is killed has no code, and nobody is asked.
    let (outcome, _, calls) = failed(case(), "process \"x\" was killed", "{}").await;
    assert_eq!(calls, ["solve 3", "return"]);
    assert_eq!(outcome, Outcome::Built);
}

#[tokio::test]
async fn what_is_not_known_is_the_daemon_s_to_tell() {
    // A path that is there after all, a cause that is none of ours, and details of a step that is not in the graph.
    let found = ABSENT.replace("pakage.json", "package.json");
    for message in [found.as_str(), "failed to copy: no space left on device"] {
        let (outcome, _, calls) = failed(copy("package.json"), message, r#"{"cache":{}}"#).await;
        assert_eq!(outcome, Outcome::Built, "{message}");
        assert_eq!(calls.last().map(String::as_str), Some("return"));
    }
    let status = failure(ABSENT, "sha256:0", "{}");
    let bridge = FakeBridge::new(copy("pakage.json")).with_fault(GRAPH, Fault::Status(status));
    let (outcome, bridge) = run(bridge).await;
    assert_eq!(outcome, Outcome::Built);
    let solves = bridge.noted().solves;
    let (first, again) = (&solves[2], &solves[3]);
    assert!(first.evaluate && !again.evaluate);
    assert_eq!(first.definition, again.definition);
}

#[tokio::test]
async fn malformed_details_are_passed_on() {
    for (digest, part) in [("", "{}"), ("x\"", "["), ("sha256:0", "null")] {
        let status = failure(ABSENT, digest, part);
        let bridge = FakeBridge::new(copy("x")).with_fault("solve", Fault::Status(status));
        assert!(matches!(run(bridge).await.0, Outcome::Refused(_)), "{digest}");
    }
}

#[tokio::test]
async fn a_build_that_goes_well_asks_nothing_more() {
    let (outcome, bridge) = run(FakeBridge::new(copy("package.json"))).await;
    assert_eq!(outcome, Outcome::Built);
    let calls = bridge.noted().calls;
    assert_eq!(calls.last().map(String::as_str), Some("return"));
    assert_eq!(calls.iter().filter(|call| call.starts_with("solve")).count(), 3);
    assert!(
        !calls
            .iter()
            .any(|call| call.starts_with("read_dir") || call.starts_with("stat_file"))
    );
}
