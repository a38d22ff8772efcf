//! Every case of `tests/corpus` gives what it says. `BLESS=1 cargo test --test corpus` writes down what comes of it now.

#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stderr, reason = "a test")]

use std::fs;
use std::path::Path;
use std::thread;

use plimsoll_parity::{CaseFile, case_paths, difference, expectations, ours};

#[test]
fn cases_give_what_they_say() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus");
    let cases = case_paths(&folder).unwrap();
    assert!(cases.len() > 400, "only {} cases", cases.len());
    let bless = std::env::var_os("BLESS").is_some();
    let (front, back) = cases.split_at(cases.len() / 2);
    let check = |cases: &[(String, std::path::PathBuf)]| -> Vec<String> {
        cases
            .iter()
            .filter_map(|(name, path)| check(name, path, bless))
            .collect()
    };
    let failures = thread::scope(|scope| {
        let back = scope.spawn(move || check(back));
        [check(front), back.join().unwrap()].concat()
    });
    assert!(
        failures.is_empty(),
        "{}\n{} of {} cases differ; if that is right, run BLESS=1 cargo test --test corpus",
        failures.join("\n"),
        failures.len(),
        cases.len()
    );
}

/// What is wrong with a case.
fn check(name: &str, path: &Path, bless: bool) -> Option<String> {
    let text = fs::read_to_string(path).unwrap();
    let mut case = match CaseFile::parse(&text) {
        Ok(case) => case,
        Err(error) => return Some(format!("{name}: {error}")),
    };
    if case.intro.trim().is_empty() {
        return Some(format!("{name}: say above the first section what the case shows"));
    }
    let request = match case.request(name) {
        Ok(request) => request,
        Err(error) => return Some(format!("{name}: {error}")),
    };
    case.expected = expectations(&request, &ours::answer(&request.to_string()));
    let now = case.format();
    if now == text {
        return None;
    }
    if bless {
        fs::write(path, now).unwrap();
        return None;
    }
    Some(format!(
        "==== {name}: it is now (-), the case says (+)\n{}",
        difference(&now, &text)
    ))
}
