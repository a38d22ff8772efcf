//! This frontend makes of a Dockerfile what the reference makes of it: every case of `tests/corpus`, and made-up ones.
//!
//! `make parity N=100000 SEED=7` makes up more. docs/compatibility.md says what is not compared, and why.

#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stderr, reason = "a test")]

use std::path::Path;

use plimsoll_parity::compare::Scope;
use plimsoll_parity::held::{self, Report};
use plimsoll_parity::{CaseFile, Oracle, case_paths};

/// Cases that come out differently, each with its reason in docs/compatibility.md.
const EXEMPT: [&str; 1] = ["daemons/no-return"];

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
        let case = CaseFile::parse(&std::fs::read_to_string(path).unwrap()).unwrap();
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
