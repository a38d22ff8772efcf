//! Daemons that lack, refuse or fail something, and what the frontend makes of it.

#![allow(
    clippy::panic,
    clippy::expect_used,
    reason = "a failed expectation ends a test"
)]

use plimsoll_fake_bridge::{Case, Download, FakeBridge, Fault, Repository};
use plimsoll_frontend::Outcome;
use plimsoll_frontend::gateway::{Code, Stat, Status};

const HELLO: &str = "FROM alpine\nRUN echo hello\n";
/// The detail of an error that says which lines it is about.
const SOURCE: &str = "github.com/moby/buildkit/errdefs.Source+json";
/// In Go's file modes: a folder, and a symbolic link.
const FOLDER: u32 = 1 << 31;
const SYMLINK: u32 = 1 << 27;

async fn on(bridge: FakeBridge) -> (Outcome, FakeBridge) {
    let environment = bridge.environment();
    let outcome = plimsoll_frontend::run(&bridge, &environment).await;
    (outcome, bridge)
}

async fn built(bridge: FakeBridge) -> FakeBridge {
    let (outcome, bridge) = on(bridge).await;
    assert_eq!(outcome, Outcome::Built);
    bridge
}

async fn refused(bridge: FakeBridge) -> Status {
    match on(bridge).await.0 {
        Outcome::Refused(status) => status,
        other => panic!("expected an error, got {other:?}"),
    }
}

/// A case on a daemon that lacks a capability.
fn without(cap: &str, mut case: Case) -> FakeBridge {
    case.frontend_caps_absent = vec![cap.to_owned()];
    FakeBridge::new(case)
}

fn says(code: Code, message: &str) -> Fault {
    Fault::Status(Status::with_code(code, message))
}

/// A step with a flag.
fn step(flag: &str) -> Case {
    Case::dockerfile(&format!("FROM alpine\nRUN {flag} x\n"))
}

#[tokio::test]
async fn graphs_that_run_or_copy_something_are_computed_at_once() {
    for (dockerfile, at_once) in [
        ("FROM alpine\nRUN x\n", true),
        ("FROM alpine\nCOPY x /\n", true),
        ("FROM alpine\nENV a=b\n", false),
        ("FROM scratch\n", false),
    ] {
        let bridge = built(FakeBridge::new(Case::dockerfile(dockerfile))).await;
        let solves = bridge.noted().solves;
        let evaluated: Vec<bool> = solves.iter().map(|solve| solve.evaluate).collect();
        assert_eq!(evaluated.last(), Some(&at_once), "{dockerfile}");
        assert_eq!(evaluated.iter().any(|at_once| *at_once), at_once, "{dockerfile}");
    }
}

#[tokio::test]
async fn old_daemons_compute_at_once_what_needs_something_of_the_client() {
    for (flag, at_once) in [
        ("", false),
        ("--mount=type=cache,target=/c", false),
        ("--mount=type=secret,id=s", false),
        ("--mount=type=secret,id=s,required", true),
        ("--mount=type=secret,id=s,env=S", false),
        ("--mount=type=secret,id=s,env=S,required", true),
        ("--mount=type=ssh", false),
        ("--mount=type=ssh,required", true),
    ] {
        let bridge = built(without("gateway.solve.evaluate", step(flag))).await;
        let calls = bridge.noted().calls;
        let looks = calls.iter().any(|call| call.starts_with("stat_file"));
        assert_eq!(looks, at_once, "{flag}: {calls:?}");
    }
}

#[tokio::test]
async fn daemons_that_compute_nothing_at_once_are_made_to() {
    let case = step("--mount=type=secret,id=s,required");
    let bridge = built(without("gateway.solve.evaluate", case)).await;
    let noted = bridge.noted();
    assert!(noted.solves.iter().all(|solve| !solve.evaluate));
    let end: Vec<&str> = noted.calls.iter().rev().take(3).map(String::as_str).collect();
    assert_eq!(end, ["return", "stat_file .", "solve 2"]);

    let mut case = step("--mount=type=secret,id=s,required");
    case.frontend_caps_absent = vec!["gateway.solve.evaluate".to_owned(), "statfile".to_owned()];
    let status = refused(FakeBridge::new(case)).await;
    assert_eq!(status.code, Code::UNIMPLEMENTED);
    assert!(status.message.contains("`statfile`: update it"), "{status}");
}

const REQUIRED: &str = "# plimsoll=1\nFROM alpine AS test\nRUN test\nFROM scratch\nENV a=b\nREQUIRE test\n";

#[tokio::test]
async fn required_stages_are_computed_before_the_result_is_handed_out() {
    let bridge = built(FakeBridge::new(Case::dockerfile(REQUIRED))).await;
    let solves = bridge.noted().solves;
    let evaluated: Vec<bool> = solves.iter().rev().map(|solve| solve.evaluate).collect();
    assert!(evaluated.starts_with(&[true]), "{evaluated:?}");

    let bridge = built(without("gateway.solve.evaluate", Case::dockerfile(REQUIRED))).await;
    let calls = bridge.noted().calls;
    assert!(calls.contains(&"stat_file .".to_owned()), "{calls:?}");
}

#[tokio::test]
async fn a_result_is_refused_where_a_required_stage_fails() {
    let status = Status::with_code(Code::UNKNOWN, "process \"/bin/sh -c test\" did not complete").detail(
        "github.com/moby/buildkit/errdefs.Solve+json",
        br#"{"exec":{}}"#.to_vec(),
    );
    // The graphs come behind the folders of the Dockerfile and of the ignore file; the target's is empty here.
    let bridge = FakeBridge::new(Case::dockerfile(REQUIRED));
    let all = built(bridge).await.noted().solves.len();
    let last = format!("solve {}", all - 1);
    let last: &'static str = last.leak();
    let bridge = FakeBridge::new(Case::dockerfile(REQUIRED)).with_fault(last, Fault::Status(status.clone()));
    let environment = bridge.environment();
    let outcome = plimsoll_frontend::run(&bridge, &environment).await;
    let Outcome::Refused(refused) = outcome else {
        panic!("{outcome:?}")
    };
    assert_eq!(refused, status);
    assert_eq!(bridge.noted().solves.len(), all, "nothing is solved again");
}

#[tokio::test]
async fn what_a_step_lacks_is_said_with_what_to_pass() {
    for (flag, said, advice) in [
        (
            "--mount=type=secret,id=s,required",
            "secret s: not found",
            "`--secret id=s,src=FILE`",
        ),
        (
            "--mount=type=ssh,required",
            "no SSH key \"\" forwarded from the client",
            "`--ssh default`",
        ),
    ] {
        for lacking in ["", "gateway.solve.evaluate"] {
            let call = if lacking.is_empty() {
                "solve 2"
            } else {
                "stat_file ."
            };
            let bridge = without(lacking, step(flag)).with_fault(call, says(Code::UNKNOWN, said));
            let status = refused(bridge).await;
            assert!(status.message.contains(said), "{status}");
            assert!(status.message.contains(advice), "{status}");
        }
    }
}

#[tokio::test]
async fn files_that_are_too_large_are_named() {
    for (call, file) in [
        ("read_file Dockerfile", "`Dockerfile`"),
        ("read_file Dockerfile.dockerignore", "`Dockerfile.dockerignore`"),
        ("read_file .dockerignore", "`.dockerignore`"),
    ] {
        for (said, told) in [
            (
                "grpc: trying to send message larger than max (41943045 vs. 16777216)",
                "has 40.1 MiB, and this BuildKit reads no parts of files and hands over up to 16.0 MiB in a message",
            ),
            (
                "file exceeds the maximum allowed size",
                "is larger than this BuildKit hands over (file exceeds the maximum allowed size)",
            ),
        ] {
            let case = Case::dockerfile("FROM scratch\nCOPY . /\n").file("context", ".dockerignore", "a\n");
            let bridge = FakeBridge::new(case).with_fault(call, says(Code::UNKNOWN, said));
            let status = refused(bridge).await;
            assert_eq!(status.code, Code::RESOURCE_EXHAUSTED, "{call}");
            assert!(status.message.contains(&format!("{file} {told}")), "{status}");
            assert!(!status.message.contains("no Dockerfile"), "{status}");
        }
    }
}

#[tokio::test]
async fn the_usual_name_in_lower_case_is_no_way_out_of_an_error() {
    let case = Case::dockerfile(HELLO).file("dockerfile", "dockerfile", HELLO);
    let fault = says(Code::UNKNOWN, "received message larger than max (17 vs. 16)");
    let (outcome, bridge) = on(FakeBridge::new(case).with_fault("read_file Dockerfile", fault)).await;
    assert!(matches!(outcome, Outcome::Refused(_)), "{outcome:?}");
    let calls = bridge.noted().calls;
    assert!(!calls.contains(&"read_file dockerfile".to_owned()), "{calls:?}");
}

#[tokio::test]
async fn of_several_failures_each_keeps_what_belongs_to_it() {
    let first = "resolve_source_meta docker-image://docker.io/library/a:latest";
    let second = "resolve_source_meta docker-image://docker.io/library/b:latest";
    let told = |code, name: &str| {
        let status = Status::with_code(code, format!("{name} is gone"));
        Fault::Status(status.detail(&format!("example.org/{name}"), b"{}".to_vec()))
    };
    for (codes, expected) in [
        ([Code::NOT_FOUND, Code::UNAVAILABLE], Code::NOT_FOUND),
        ([Code::UNAVAILABLE, Code::NOT_FOUND], Code::UNAVAILABLE),
        ([Code::UNKNOWN, Code::NOT_FOUND], Code::NOT_FOUND),
    ] {
        let case = Case::dockerfile("FROM a AS one\nFROM b\nCOPY --from=one / /\n");
        let bridge = FakeBridge::new(case)
            .with_fault(first, told(codes[0], "a"))
            .with_fault(second, told(codes[1], "b"));
        let status = refused(bridge).await;
        assert_eq!(status.code, expected);
        let at = |text: &str| status.message.find(text).expect(text);
        assert!(at("Dockerfile:1") < at("a is gone"), "{status}");
        assert!(at("a is gone") < at("Dockerfile:2"), "{status}");
        assert!(at("Dockerfile:2") < at("b is gone"), "{status}");
        let kinds = status.details.iter().map(|detail| detail.type_url.as_str());
        let kinds: Vec<&str> = kinds.filter(|kind| kind.starts_with("example.org")).collect();
        assert_eq!(kinds, ["example.org/a", "example.org/b"]);
    }
}

#[tokio::test]
async fn another_frontend_s_error_has_one_place() {
    let sources = |status: &Status| {
        let details = status.details.iter();
        details.filter(|detail| detail.type_url == SOURCE).count()
    };
    let placed = Status::new("broken").detail(SOURCE, b"{\"info\":{\"filename\":\"theirs\"}}".to_vec());
    let line = || Case::dockerfile("# syntax=example.org/other\nFROM alpine\n");
    let option = || Case::dockerfile(HELLO).opt("build-arg:BUILDKIT_SYNTAX", "example.org/other");
    let fail = async |case: Case, status: &Status| {
        refused(FakeBridge::new(case).with_fault("solve 2", Fault::Status(status.clone()))).await
    };

    assert_eq!(fail(line(), &placed).await, placed);
    assert_eq!(fail(option(), &placed).await, placed);
    let bare = Status::new("broken");
    let status = fail(line(), &bare).await;
    assert_eq!((sources(&status), status.message.as_str()), (1, "broken"));
    let status = fail(option(), &bare).await;
    assert_eq!(sources(&status), 0);
    assert!(
        status.message.contains("BUILDKIT_SYNTAX=example.org/other"),
        "{status}"
    );
}

#[tokio::test]
async fn capabilities_that_are_switched_off_are_named() {
    let mut case = Case::dockerfile(HELLO).opt("platform", "linux/amd64,linux/arm64");
    case.frontend_caps_disabled = vec!["returnmap".to_owned()];
    let (outcome, bridge) = on(FakeBridge::new(case)).await;
    let Outcome::Refused(status) = outcome else {
        panic!("{outcome:?}")
    };
    assert_eq!(status.code, Code::UNIMPLEMENTED);
    assert_eq!(
        status.message,
        "BuildKit has its feature `returnmap` switched off"
    );
    assert_eq!(bridge.noted().solves.len(), 2, "only what is read is solved");
}

#[tokio::test]
async fn capabilities_that_are_lacking_are_named_before_anything_is_built() {
    let platforms = Case::dockerfile(HELLO).opt("platform", "linux/amd64,linux/arm64");
    // The graphs of the client are not asked for where the context is elsewhere, until something wants one.
    let git = "https://example.org/a.git";
    let mut inputs = Case::dockerfile("")
        .opt("context", git)
        .opt("context:base", "input:base");
    let repository = Repository {
        files: [("Dockerfile".to_owned(), "FROM base\n".into())].into(),
        ..Repository::default()
    };
    inputs.git.insert(git.to_owned(), repository);
    for (cap, case) in [("returnmap", platforms), ("frontend.inputs", inputs)] {
        let (outcome, bridge) = on(without(cap, case)).await;
        let Outcome::Refused(status) = outcome else {
            panic!("{outcome:?}")
        };
        assert_eq!(status.code, Code::UNIMPLEMENTED, "{cap}");
        let told = format!("this BuildKit lacks the feature `{cap}`: update it");
        assert!(status.message.contains(&told), "{status}");
        let calls = bridge.noted().calls;
        let made = |method: &str| calls.iter().filter(|call| call.starts_with(method)).count();
        // The Dockerfile and its ignore file.
        assert_eq!((made("read_file"), made("resolve")), (2, 0), "{calls:?}");
    }
}

/// Looks at a stage that is one source for its date.
fn dated(source: &str) -> Case {
    let text = format!("FROM scratch AS src\nADD {source} /\nFROM scratch\nCOPY --from=src / /\n");
    Case::dockerfile(&text).opt("build-arg:SOURCE_DATE_EPOCH", "src")
}

fn epoch(bridge: &FakeBridge) -> Option<String> {
    let metadata = bridge.returned_result().expect("a result").metadata;
    let epoch = metadata.get("source.date.epoch")?;
    Some(String::from_utf8_lossy(epoch).into_owned())
}

#[tokio::test]
async fn only_repositories_are_asked_for_their_commit() {
    for (source, object) in [
        ("https://example.org/a.git", Some(true)),
        ("https://example.org/a.tar", None),
    ] {
        let mut case = dated(source);
        let repository = Repository {
            commit: "1".repeat(40),
            committer_date: 1_700_000_000,
            ..Repository::default()
        };
        let download = Download {
            last_modified: Some("2023-11-14T22:13:20Z".to_owned()),
            ..Download::default()
        };
        case.git
            .insert("https://example.org/a.git".to_owned(), repository);
        case.http.insert("https://example.org/a.tar".to_owned(), download);
        let bridge = built(FakeBridge::new(case)).await;
        let asked = bridge.noted().source_metas;
        let objects: Vec<Option<bool>> = asked
            .iter()
            .map(|request| request.git.map(|git| git.return_object))
            .collect();
        assert_eq!(objects, [object], "{source}");
        assert_eq!(epoch(&bridge).as_deref(), Some("1700000000"), "{source}");
    }
}

fn entry(path: &str, mode: u32, mod_time: i64) -> Stat {
    Stat {
        path: path.to_owned(),
        mode,
        mod_time,
        ..Stat::default()
    }
}

#[tokio::test]
async fn archives_that_only_the_daemon_can_unpack_have_the_date_of_their_newest_file() {
    let second = 1_000_000_000;
    for magic in [b"BZh9".as_slice(), b"\xfd7zXZ\0", b"\x28\xb5\x2f\xfd"] {
        let mut case = dated("https://example.org/a.packed");
        let download = Download {
            body: plimsoll_fake_bridge::Bytes(magic.to_vec()),
            ..Download::default()
        };
        case.http
            .insert("https://example.org/a.packed".to_owned(), download);
        let root = vec![
            entry("old", 0o644, -5 * second),
            entry("folder", FOLDER | 0o755, 9 * second),
            entry("link", SYMLINK | 0o777, 9 * second),
            entry("..", FOLDER | 0o755, 9 * second),
        ];
        let folder = vec![entry("new", 0o644, -2 * second + 1)];
        let bridge = FakeBridge::new(case)
            .with_folder("/", root)
            .with_folder("/folder", folder);
        let bridge = built(bridge).await;
        // A part of a second counts from its begin, also before 1970.
        assert_eq!(epoch(&bridge).as_deref(), Some("-2"), "{magic:?}");
        let calls = bridge.noted().calls;
        let read: Vec<&str> = calls
            .iter()
            .filter_map(|call| call.strip_prefix("read_dir "))
            .collect();
        assert_eq!(read, ["/", "/folder"]);
    }
}
