//! The frontend over a real HTTP/2 connection, whose other end does what daemons and networks do on bad days; and the
//! program itself on a pair of pipes that end at any byte.

#![allow(
    clippy::panic,
    clippy::expect_used,
    reason = "a failed expectation ends a test"
)]

use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream as StdUnixStream;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::rc::Rc;
use std::time::{Duration, Instant};

use http::{HeaderMap, HeaderName, HeaderValue};
use plimsoll_fake_bridge::{Answer, Bytes, Case, Daemon, Download, FakeBridge, Script};
use plimsoll_frontend::gateway::{Code, GrpcBridge, Stat, Status, pb};
use plimsoll_frontend::{Outcome, run};
use prost::Message as _;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::UnixStream;
use tokio::task::LocalSet;

const HELLO: &str = "FROM alpine\nCOPY . /\nRUN echo hello\n";
/// Longer than anything here takes; only what hangs gets there.
const HANGS: Duration = Duration::from_secs(60);

/// Runs the frontend on a daemon that answers by a script.
async fn served(case: Case, script: Script) -> (Outcome, FakeBridge) {
    let environment = case.environment();
    let daemon = Rc::new(Daemon::new(FakeBridge::new(case), script));
    let (ours, theirs) = tokio::io::duplex(64 << 10);
    let local = LocalSet::new();
    let serving = local.spawn_local(Rc::clone(&daemon).serve(theirs));
    let outcome = local.run_until(async {
        let bridge = GrpcBridge::connect(ours).await.expect("a connection");
        let outcome = tokio::time::timeout(HANGS, run(&bridge, &environment)).await;
        outcome.expect("it hangs")
    });
    let outcome = outcome.await;
    serving.abort();
    (outcome, daemon.bridge().clone())
}

fn at(method: &'static str, answer: Answer) -> Script {
    Box::new(move |called, _| match called == method {
        true => answer.clone(),
        false => Answer::Usual,
    })
}

fn refusal(outcome: Outcome) -> Status {
    match outcome {
        Outcome::Refused(status) => status,
        other => panic!("expected an error, got {other:?}"),
    }
}

#[tokio::test]
async fn a_build() {
    let (outcome, bridge) = served(Case::dockerfile(HELLO), Box::new(|_, _| Answer::Usual)).await;
    assert_eq!(outcome, Outcome::Built);
    assert!(bridge.returned_result().is_some());
}

#[tokio::test]
async fn errors_of_every_code_pass_with_their_details() {
    for code in 1..=16 {
        let told = Status::with_code(Code(code), "50 % of ünusual words").detail(
            "github.com/moby/buildkit/errdefs.Solve+json",
            b"{\"a\":1}".to_vec(),
        );
        let (outcome, bridge) =
            served(Case::dockerfile(HELLO), at("Solve", Answer::Error(told.clone()))).await;
        let status = refusal(outcome);
        assert_eq!(status.code, told.code);
        assert!(status.message.ends_with(&told.message), "{status}");
        assert_eq!(status.details, told.details);
        assert_eq!(bridge.returned_error(), Some(status));
        let (outcome, _) = served(Case::dockerfile(HELLO), at("Ping", Answer::Error(told.clone()))).await;
        assert!(matches!(outcome, Outcome::Lost(status) if status.code == told.code));
    }
}

#[tokio::test]
async fn whatever_a_call_ends_with_is_an_error_and_no_half_result() {
    for answer in [
        Answer::CutShort,
        Answer::WithoutEnd,
        Answer::Garbage,
        Answer::Reset,
        Answer::HangUp,
    ] {
        for method in ["Ping", "Solve", "ReadFile", "ResolveSourceMeta"] {
            let (outcome, bridge) = served(Case::dockerfile(HELLO), at(method, answer.clone())).await;
            assert_ne!(outcome, Outcome::Built, "{method} {answer:?}");
            assert_eq!(bridge.returned_result(), None, "{method} {answer:?}");
            let (Outcome::Refused(status) | Outcome::Lost(status)) = outcome else {
                panic!("{outcome:?}")
            };
            assert!(!status.message.is_empty());
        }
    }
}

#[tokio::test]
async fn only_the_last_call_s_answer_says_that_it_is_built() {
    for answer in [
        Answer::Reset,
        Answer::HangUp,
        Answer::CutShort,
        Answer::WithoutEnd,
    ] {
        let (outcome, _) = served(Case::dockerfile(HELLO), at("Return", answer.clone())).await;
        assert!(matches!(outcome, Outcome::Lost(_)), "{answer:?}: {outcome:?}");
    }
}

#[tokio::test]
async fn answers_with_nothing_in_them() {
    for method in ["Solve", "ReadFile", "ResolveSourceMeta", "Return"] {
        let (outcome, _) = served(Case::dockerfile(HELLO), at(method, Answer::Empty)).await;
        // Nothing is a file without a word in it, or an image without a config: for us to understand, not to die of.
        assert!(!matches!(outcome, Outcome::Lost(_)), "{method}: {outcome:?}");
    }
}

#[tokio::test]
async fn fields_of_later_daemons_are_passed_over() {
    let later: Script = Box::new(|_, _| Answer::WithBytes(vec![0xfa, 0x3f, 2, b'h', b'i', 0xf8, 0x3f, 1]));
    let (outcome, _) = served(Case::dockerfile(HELLO), later).await;
    assert_eq!(outcome, Outcome::Built);
}

#[tokio::test]
async fn late_answers_are_waited_for() {
    let late: Script = Box::new(|_, _| Answer::Late(Duration::from_millis(50)));
    let (outcome, _) = served(Case::dockerfile(HELLO), late).await;
    assert_eq!(outcome, Outcome::Built);
}

#[tokio::test]
async fn answers_that_are_too_large_say_what_was() {
    for (method, words) in [
        ("ReadFile", "the file Dockerfile"),
        ("Solve", "the answer to a solve"),
        ("ResolveSourceMeta", "the config of a source"),
    ] {
        let (outcome, _) = served(Case::dockerfile(HELLO), at(method, Answer::OfSize(17 << 20))).await;
        let status = refusal(outcome);
        assert_eq!(status.code, Code::RESOURCE_EXHAUSTED, "{method}");
        assert!(
            status.message.contains(words) && status.message.contains("16.0 MiB"),
            "{status}"
        );
    }
    let (outcome, _) = served(Case::dockerfile(HELLO), at("Ping", Answer::OfSize(2 << 20))).await;
    assert!(matches!(outcome, Outcome::Lost(status) if status.code == Code::RESOURCE_EXHAUSTED));
}

#[tokio::test]
async fn an_error_that_is_too_large_says_so() {
    let told = Status::new("no").detail("x", vec![7; 14 << 20]);
    let (outcome, _) = served(Case::dockerfile(HELLO), at("Solve", Answer::Error(told))).await;
    let status = refusal(outcome);
    assert!(
        status.message.ends_with(": no") && status.details.is_empty(),
        "{status}"
    );

    // Of one that is larger still the connection shows only that there is no end to the call.
    let (outcome, _) = served(Case::dockerfile(HELLO), at("Solve", Answer::WithoutEnd)).await;
    let status = refusal(outcome);
    assert_eq!(status.code, Code::RESOURCE_EXHAUSTED, "{status}");
    assert!(status.message.contains("own log"), "{status}");
}

#[tokio::test]
async fn details_that_are_no_base64_are_left_out() {
    for method in ["Ping", "Solve"] {
        let trailers = HeaderMap::from_iter(
            [
                ("grpc-status", "5"),
                ("grpc-message", "no"),
                ("grpc-status-details-bin", "?!"),
            ]
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value))),
        );
        let (outcome, _) = served(Case::dockerfile(HELLO), at(method, Answer::Trailers(trailers))).await;
        let (Outcome::Refused(status) | Outcome::Lost(status)) = outcome else {
            panic!("{outcome:?}")
        };
        assert_eq!(status.code, Code::NOT_FOUND);
        assert!(status.message.ends_with(": no"), "{status}");
    }
}

#[tokio::test]
async fn answers_are_received_up_to_a_limit_and_the_error_is_still_told() {
    let text: String = (0..9).map(|n| format!("FROM a{n}\n")).collect();
    let many = text.clone()
        + "FROM scratch\n"
        + &(0..9)
            .map(|n| format!("COPY --from={n} / /\n"))
            .collect::<String>();
    let (outcome, bridge) = served(
        Case::dockerfile(&many),
        at("ResolveSourceMeta", Answer::OfSize(15 << 20)),
    )
    .await;
    let status = refusal(outcome);
    let words =
        "with the config of a source, all that BuildKit sent for this build is larger than the 64.0 MiB";
    assert!(status.message.contains(words), "{status}");
    assert_eq!(bridge.returned_error(), Some(status));
}

#[tokio::test]
async fn answers_of_many_small_parts_say_what_was() {
    let empty = Answer::Message([0x0a, 0].repeat(1 << 20).into());
    let (outcome, _) = served(Case::dockerfile(HELLO), at("Inputs", empty)).await;
    let status = refusal(outcome);
    assert_eq!(status.code, Code::RESOURCE_EXHAUSTED);
    let words =
        "the set of inputs has too many small parts: with more than 40.0 MiB in memory it is not read";
    assert!(status.message.contains(words), "{status}");
}

#[tokio::test]
async fn bare_ids_of_old_daemons_are_results() {
    let bare = |id: usize| pb::SolveResponse {
        r#ref: id.to_string(),
        result: None,
    };
    let file = pb::ReadFileResponse {
        data: "FROM alpine\nRUN x\n".into(),
    };
    let old: Script = Box::new(move |called, count| match called {
        "Solve" => Answer::Message(bare(count).encode_to_vec().into()),
        "ReadFile" => Answer::Message(file.encode_to_vec().into()),
        _ => Answer::Usual,
    });
    let (outcome, bridge) = served(Case::dockerfile(""), old).await;
    assert_eq!(outcome, Outcome::Built);
    let result = bridge.returned_result().and_then(|result| result.result);
    let Some(pb::result::Result::Ref(reference)) = result else {
        panic!("{result:?}")
    };
    assert_eq!(reference.id, "2");
}

#[tokio::test]
async fn folders_are_read_over_the_wire() {
    let url = "https://example.org/a.packed";
    let text = format!("FROM scratch AS src\nADD {url} /\nFROM scratch\nCOPY --from=src / /\n");
    let mut case = Case::dockerfile(&text).opt("build-arg:SOURCE_DATE_EPOCH", "src");
    let download = Download {
        body: Bytes(b"BZh9".to_vec()),
        ..Download::default()
    };
    case.http.insert(url.to_owned(), download);
    let entries = vec![Stat {
        path: "a".to_owned(),
        mode: 0o644,
        mod_time: 7_000_000_000,
        ..Stat::default()
    }];
    let listed = pb::ReadDirResponse { entries }.encode_to_vec();
    let (outcome, bridge) = served(case.clone(), at("ReadDir", Answer::Message(listed.into()))).await;
    assert_eq!(outcome, Outcome::Built);
    let metadata = bridge.returned_result().expect("a result").metadata;
    assert_eq!(metadata["source.date.epoch"], b"7".as_slice());

    let (outcome, _) = served(case, at("ReadDir", Answer::Error(Status::new("no")))).await;
    let status = refusal(outcome);
    assert!(status.message.ends_with(": no"), "{status}");
}

#[test]
fn the_program_talks_to_nothing_but_a_pipe_or_socket() {
    let output = Command::new(env!("CARGO_BIN_EXE_plimsoll-frontend"))
        .env_clear()
        .env("BUILDKIT_SESSION_ID", "session")
        .stdin(Stdio::null())
        .output()
        .expect("the program");
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("nothing to do by hand"), "{said}");
}

/// The program, with a socket as its standard input and output.
fn program(case: &Case) -> (Child, StdUnixStream) {
    let (ours, theirs) = StdUnixStream::pair().expect("sockets");
    let stdin = OwnedFd::from(theirs.try_clone().expect("a second handle"));
    let mut command = Command::new(env!("CARGO_BIN_EXE_plimsoll-frontend"));
    command.env_clear().env("BUILDKIT_SESSION_ID", "session");
    for (index, (key, value)) in case.opts.iter().enumerate() {
        command.env(format!("BUILDKIT_FRONTEND_OPT_{index}"), format!("{key}={value}"));
    }
    let child = command
        .stdin(Stdio::from(stdin))
        .stdout(Stdio::from(OwnedFd::from(theirs)))
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program");
    drop(command);
    (child, ours)
}

/// Waits for a program's end, and gives what it wrote to standard error.
fn ended(mut child: Child) -> (ExitStatus, String) {
    let start = Instant::now();
    while child.try_wait().expect("a child").is_none() {
        assert!(start.elapsed() < HANGS, "the program goes on without a daemon");
        std::thread::sleep(Duration::from_millis(1));
    }
    let output = child.wait_with_output().expect("its output");
    (
        output.status,
        String::from_utf8_lossy(&output.stderr).into_owned(),
    )
}

/// Serves the program with a daemon of whose words it hears only the first `limit` bytes; how many there were.
async fn hear(case: Case, stream: StdUnixStream, limit: usize) -> usize {
    stream.set_nonblocking(true).expect("a socket");
    let stream = UnixStream::from_std(stream).expect("a socket");
    let (mut from_program, mut to_program) = stream.into_split();
    let (near, far) = tokio::io::duplex(64 << 10);
    let (mut from_daemon, mut to_daemon) = tokio::io::split(near);
    let daemon = Rc::new(Daemon::new(FakeBridge::new(case), Box::new(|_, _| Answer::Usual)));
    let local = LocalSet::new();
    local.spawn_local(daemon.serve(far));
    local.spawn_local(async move {
        let copied = tokio::io::copy(&mut from_program, &mut to_daemon).await;
        to_daemon.shutdown().await.and(copied.map(drop))
    });
    let pumped = local.run_until(async move {
        let mut passed = 0;
        let mut buffer = [0; 4096];
        while passed < limit {
            let Ok(read @ 1..) = from_daemon.read(&mut buffer).await else {
                break;
            };
            let read = read.min(limit - passed);
            if to_program.write_all(&buffer[..read]).await.is_err() {
                break;
            }
            passed += read;
        }
        passed
    });
    let pumped = tokio::time::timeout(HANGS, pumped).await;
    pumped.expect("it hangs")
}

#[tokio::test]
async fn the_program_ends_when_its_input_does() {
    let case = Case::dockerfile(HELLO);
    let (child, stream) = program(&case);
    let whole = hear(case.clone(), stream, usize::MAX).await;
    let (status, said) = ended(child);
    assert!(status.success() && said.is_empty(), "{status} {said}");
    assert!(whole > 200, "{whole}");

    let mut slowest = Duration::ZERO;
    // Every byte of the first frames, then every seventh.
    for limit in (0..100).chain((100..whole).step_by(7)) {
        let (child, stream) = program(&case);
        hear(case.clone(), stream, limit).await;
        let start = Instant::now();
        let (status, said) = ended(child);
        slowest = slowest.max(start.elapsed());
        assert!(
            !said.contains("panicked") && !said.contains("internal error"),
            "{limit}: {said}"
        );
        assert!(said.lines().count() <= 1, "{limit}: {said}");
        // The very last bytes may be lost on a program that has its answer.
        assert!(
            !status.success() || limit + 64 > whole,
            "{limit} of {whole}: {status} {said}"
        );
    }
    assert!(slowest < HANGS, "{slowest:?}");
}
