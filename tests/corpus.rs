//! Every case of `tests/corpus` gives what it says, each as a test with its path as name.
//!
//! `cargo test --test corpus copy/link` tries the cases whose names hold that. `BLESS=1 cargo test --test corpus` writes
//! down what comes of them now.

#![allow(clippy::unwrap_used, reason = "a test")]

use std::fs;
use std::path::Path;
use std::process::ExitCode;

use libtest_mimic::{Arguments, Failed, Trial};
use plimsoll_parity::{CaseFile, case_paths, difference, expectations, ours};

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus");
    let bless = std::env::var_os("BLESS").is_some();
    let trial = |(name, path): (String, std::path::PathBuf)| {
        Trial::test(name.clone(), move || check(&name, &path, bless))
    };
    let trials = case_paths(&folder).unwrap().into_iter().map(trial).collect();
    libtest_mimic::run(&arguments, trials).exit_code()
}

/// Fails with what is wrong with a case.
fn check(name: &str, path: &Path, bless: bool) -> Result<(), Failed> {
    let text = fs::read_to_string(path)?;
    let mut case = CaseFile::parse(&text)?;
    if case.intro.trim().is_empty() {
        return Err("say above the first section what the case shows".into());
    }
    let request = case.request(name)?;
    case.expected = expectations(&request, &ours::answer(&request.to_string()));
    let now = case.format();
    if now == text {
        return Ok(());
    }
    if bless {
        fs::write(path, now)?;
        return Ok(());
    }
    Err(format!(
        "it is now (-), the case says (+); if that is right, run BLESS=1 cargo test --test corpus {name}\n{}",
        difference(&now, &text)
    )
    .into())
}
