//! How many calls a build makes, and how many of them wait for one another: the latency of a daemon far away counts that
//! often.

#![allow(
    clippy::panic,
    clippy::expect_used,
    reason = "a failed expectation ends a test"
)]

use std::time::Duration;

use plimsoll_fake_bridge::{Bytes, Case, Download, FakeBridge, Repository};
use plimsoll_frontend::Outcome;
use tokio::time::Instant;

const TRIP: Duration = Duration::from_secs(1);

/// Calls, and trips one after the other, on a clock that only waiting moves.
async fn count(case: Case) -> (Vec<String>, u64) {
    let environment = case.environment();
    let bridge = FakeBridge::new(case).with_trip(TRIP);
    let start = Instant::now();
    let outcome = plimsoll_frontend::run(&bridge, &environment).await;
    assert_eq!(outcome, Outcome::Built, "{:?}", bridge.returned_error());
    (bridge.noted().calls, start.elapsed().as_secs())
}

/// As a daemon starts us where the file names us.
fn named(dockerfile: &str) -> Case {
    Case::dockerfile(dockerfile).opt("cmdline", "plimsoll")
}

#[tokio::test(start_paused = true)]
async fn of_a_build() {
    // Greeting; inputs and folders; files; images; the graph; the result.
    let plain = "FROM alpine\nRUN echo hello\n";
    let stages = "FROM a AS one\nRUN x\nFROM b\nCOPY --from=one / /\nCOPY --from=c / /\nCOPY . /\n";
    let required = "# plimsoll=1\nFROM alpine AS test\nRUN test\nFROM alpine\nREQUIRE test\n";
    let pairs = "# plimsoll=1\nFROM alpine AS one\nENV --file=a\nFROM one\nARG --file=/a\nRUN x\n";
    let made = "# plimsoll=1\nFROM alpine AS one\nCOPY <<x /x\nA=b\nx\nFROM one\nENV --file=x --from=one\n";
    let own = || named(stages).file("dockerfile", "Dockerfile.dockerignore", "*.o\n");
    let mut text = named("").opt("context", "https://example.org/Dockerfile");
    let file = Download {
        body: Bytes(plain.into()),
        ..Download::default()
    };
    text.http
        .insert("https://example.org/Dockerfile".to_owned(), file);
    let mut git = named("").opt("context", "https://example.org/a.git");
    let repository = Repository {
        files: [("Dockerfile".to_owned(), plain.into())].into(),
        ..Repository::default()
    };
    git.git.insert("https://example.org/a.git".to_owned(), repository);
    let folder = |name: &str| (format!("context:{name}"), format!("local:{name}"));
    let mut contexts = named("FROM alpine AS one\nCOPY --from=x / /x\nCOPY --from=y / /y\n");
    contexts.opts.extend([folder("x"), folder("y")]);
    for local in ["x", "y"] {
        contexts = contexts.file(local, "file", "");
    }
    let both = || named(stages).opt("platform", "linux/amd64,linux/arm64");
    let mut wrong = Vec::new();
    for (what, case, calls, trips) in [
        ("one base", named(plain), 10, 6),
        ("no base", named("FROM scratch\nCOPY . /\n"), 9, 5),
        ("three bases", named(stages), 12, 6),
        ("an ignore file of its own", own(), 12, 6),
        ("two platforms", both(), 16, 6),
        ("a bill of materials", named(stages).opt("attest:sbom", ""), 14, 6),
        // It is solved beside the target.
        ("a required stage", named(required), 11, 6),
        // A file is solved and read beside its image, once; for one of a stage that is a round of its own.
        (
            "variables of a file",
            named(pairs).file("context", "a", "A=b\n"),
            12,
            7,
        ),
        ("variables of a stage", named(made), 12, 8),
        // Files are read beside the images that are certain, of each source at once, and the lock beside them.
        ("files that are taken in", taken_in(), 13, 7),
        ("files of three sources", of_sources(), 22, 9),
        ("a lock", locked(), 14, 8),
        // The two folders tell whether they have an ignore file.
        ("two named folders", contexts, 14, 7),
        ("a repository", git, 7, 6),
        // Its first bytes tell what it is.
        ("a file to download", text, 8, 7),
    ] {
        let (made, took) = count(case).await;
        if (made.len(), took) != (calls, trips) {
            wrong.push(format!(
                "{what}: {} calls, {took} trips: {}",
                made.len(),
                made.join(", ")
            ));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Two files beside the Dockerfile, and images that are certain and uncertain until both are read.
fn taken_in() -> Case {
    let text =
        "# plimsoll=1\nINCLUDE base\nFROM alpine:3 AS a\nINCLUDE part\nFROM alpine:3\nCOPY --from=a / /\n";
    named(text)
        .file("dockerfile", "base", "ARG X\n")
        .file("dockerfile", "part", "RUN x\n")
}

/// Files beside the Dockerfile, of a named context, and of a repository.
fn of_sources() -> Case {
    let commit = "0123456789abcdef0123456789abcdef01234567";
    let url = format!("https://example.com/a.git#{commit}");
    let text = format!("# plimsoll=1\nFROM alpine:3\nINCLUDE one two lib:one lib:two {url}:one {url}:two\n");
    let mut case = named(&text).opt("context:lib", "local:lib");
    for local in ["dockerfile", "lib"] {
        case = case.file(local, "one", "RUN 1\n").file(local, "two", "RUN 2\n");
    }
    let repository = Repository {
        files: [
            ("one".to_owned(), "RUN 1\n".into()),
            ("two".to_owned(), "RUN 2\n".into()),
        ]
        .into(),
        ..Repository::default()
    };
    case.git
        .insert("https://example.com/a.git".to_owned(), repository);
    case
}

fn locked() -> Case {
    named("# plimsoll=1,lock\nFROM alpine:3\nINCLUDE part\n")
        .file("dockerfile", "part", "RUN x\n")
        .file(
            "dockerfile",
            "Dockerfile.lock",
            "plimsoll-lock 1\nplatforms linux/amd64\n",
        )
}

#[tokio::test(start_paused = true)]
async fn what_is_read_first_is_asked_for_at_once() {
    let (calls, _) = count(named("FROM a\nCOPY . /\n")).await;
    let at = |call: &str| calls.iter().position(|made| made.starts_with(call)).expect(call);
    // All three are under way before one of them is answered.
    assert_eq!(at("solve 1"), at("inputs") + 2, "{calls:#?}");
    assert_eq!(
        at("read_file .dockerignore"),
        at("read_file Dockerfile") + 2,
        "{calls:#?}"
    );
}

#[tokio::test(start_paused = true)]
async fn images_do_not_wait_for_the_ignore_file() {
    let image = "resolve_source_meta docker-image://docker.io/library/a:latest";
    // Whichever of the two is late, the other one is there by then.
    for late in ["read_file .dockerignore", image] {
        let case = named("FROM a\nCOPY . /\n");
        let environment = case.environment();
        let bridge = FakeBridge::new(case).with_trip(TRIP).with_slow(late, 3 * TRIP);
        let start = Instant::now();
        let outcome = plimsoll_frontend::run(&bridge, &environment).await;
        assert_eq!(outcome, Outcome::Built);
        // The ignore file is asked for a trip before the image, so its being late costs a trip less.
        let more = if late == image { 3 } else { 2 };
        assert_eq!(start.elapsed().as_secs(), 6 + more, "{late}");
    }
}

#[tokio::test(start_paused = true)]
async fn images_that_may_be_another_are_not_looked_up_beside_files() {
    // What the file has in it decides which image each of these is, or whether it is a stage.
    let text = "# plimsoll=1\nARG W=x/w\nINCLUDE base\nFROM tools\nFROM x/y:$V AS b\nFROM $W AS c\n\
                FROM scratch\nCOPY --from=b / /\nCOPY --from=c / /\nCOPY --from=tools / /\n";
    let case = named(text).file("dockerfile", "base", "ARG V=1\nFROM x/known:1 AS tools\n");
    let (calls, _) = count(case).await;
    let mut images: Vec<&str> = calls
        .iter()
        .filter_map(|call| call.strip_prefix("resolve_source_meta docker-image://docker.io/"))
        .collect();
    images.sort_unstable();
    assert_eq!(images, ["x/known:1", "x/w:latest", "x/y:1"]);
    let at = |call: &str| calls.iter().position(|made| made.contains(call)).expect(call);
    assert!(at("x/w") > at("read_file base"), "{calls:#?}");
}
