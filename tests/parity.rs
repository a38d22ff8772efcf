//! This frontend makes of a Dockerfile what the reference makes of it: every case of `tests/corpus`, every example, and
//! made-up ones.
//!
//! `make parity N=100000 SEED=7` makes up more. docs/compatibility.md says what is not compared, and why.

#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stderr, reason = "a test")]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use plimsoll_parity::compare::Scope;
use plimsoll_parity::held::{self, Report};
use plimsoll_parity::{CaseFile, Oracle, Section, case_paths};

/// Cases that come out differently, each with its reason in docs/compatibility.md.
const EXEMPT: [&str; 1] = ["daemons/no-return"];

/// Every example, with its targets and what else changes its graph.
const EXAMPLES: [(&str, &str); 17] = [
    ("cache", ""),
    ("go-hello", ""),
    ("go-hello", "target=compliance\n"),
    ("go-hello", "target=single-stage\n"),
    ("loops", ""),
    ("loops", "target=lines\n"),
    ("multi-platform", ""),
    ("multi-platform", "platform=linux/amd64,linux/arm64\n"),
    ("parallel", ""),
    ("parallel", "target=ship\n"),
    ("python-web", ""),
    ("python-web", "target=builder\nno-cache=\n"),
    ("secret", ""),
    ("secret", "no-cache=build\n"),
    (
        "ssh",
        "build-arg:REPOSITORY=git@git.example.com:you/private.git\n",
    ),
    (
        "versions",
        "build-arg:repository=https://git.example.com/greet.git\n",
    ),
    ("versions", "build-arg:branch=v2\nlabel:by=test\n"),
];

/// How many Dockerfiles are made up.
const MADE_UP: u64 = 2_000;

/// The oracle; nothing on a machine without Go, unless that is the one which must have it.
fn oracle() -> Option<Oracle> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    if !Oracle::is_possible() {
        assert!(std::env::var_os("CI").is_none(), "Go is missing, and CI needs it");
        eprintln!(
            "skipped: Go is not installed, so the reference can't be asked (get it from https://go.dev/dl)"
        );
        return None;
    }
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), Into::into);
    Some(Oracle::start(root, &target, 2).unwrap())
}

#[test]
fn cases() {
    let Some(mut oracle) = oracle() else { return };
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus");
    let mut requests = Vec::new();
    for (name, path) in case_paths(&folder).unwrap() {
        if EXEMPT.contains(&name.as_str()) {
            continue;
        }
        let case = CaseFile::parse(&fs::read_to_string(path).unwrap()).unwrap();
        requests.push(case.request(&name).unwrap());
    }
    let mut report = Report::default();
    report.failures = held::batch(&mut oracle, &requests, Scope::ALL, &mut report).unwrap();
    assert_eq!(report.compared, requests.len());
    assert!(report.failures.is_empty(), "{report}");
    // What was held against nothing shows nothing. One case has a daemon without Return.
    let each = requests.len() as u64;
    let held = (report.messages["Ping"], report.messages["Return"]);
    assert_eq!(held, (each, each - 1), "{report}");
}

#[test]
fn examples() {
    let Some(mut oracle) = oracle() else { return };
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let there = fs::read_dir(&folder).unwrap().map(Result::unwrap);
    let there = there.filter(|entry| entry.path().is_dir());
    let there: BTreeSet<String> = there
        .map(|entry| entry.file_name().into_string().unwrap())
        .collect();
    let listed: BTreeSet<String> = EXAMPLES.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(there, listed, "EXAMPLES lists each of them");
    let request = |(name, own): &(&str, &str)| {
        let section = |name: &str, content: Vec<u8>| Section {
            name: name.to_owned(),
            content,
        };
        let file = |file: &str| fs::read(folder.join(name).join(file));
        // What the daemon says to a frontend that the first line names.
        let options =
            format!("cmdline=registry.example/plimsoll:1\nsource=registry.example/plimsoll:1\n{own}");
        let mut case = CaseFile::default();
        case.given.push(section("options", options.into_bytes()));
        case.given
            .push(section("Dockerfile", file("Dockerfile").unwrap()));
        if let Ok(ignored) = file(".dockerignore") {
            case.given.push(section(".dockerignore in context", ignored));
        }
        case.request(&format!("{name} {own}")).unwrap()
    };
    let requests: Vec<_> = EXAMPLES.iter().map(request).collect();
    let mut report = Report::default();
    report.failures = held::batch(&mut oracle, &requests, Scope::ALL, &mut report).unwrap();
    assert!(report.failures.is_empty(), "{report}");
    assert_eq!((report.compared, report.refused), (EXAMPLES.len(), 0), "{report}");
    // Nothing was handed over to another frontend: each looked for its base images.
    assert!(
        report.messages["ResolveSourceMeta"] >= EXAMPLES.len() as u64,
        "{report}"
    );
}

#[test]
fn made_up() {
    let Some(mut oracle) = oracle() else { return };
    let report = held::random(&mut oracle, 1, MADE_UP, Scope::ALL).unwrap();
    assert!(report.failures.is_empty(), "{report}");
    // Where nearly all are refused, or none, the generator is at fault.
    assert!(
        report.compared == 2_000 && (50..1_000).contains(&report.refused),
        "{report}"
    );
}
