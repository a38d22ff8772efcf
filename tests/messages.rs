//! Every message of the project once, to be read in a row: `make messages`. What of its style can be checked is.
//!
//! They come from data: the cases of `tests/corpus`, the bad examples of the linter's rules, and the table of hints that
//! the tests on engines go through.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test that is read")]

#[path = "engine/tests/request/hint_table.rs"]
mod hint_table;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use dockerfile_compile::{BuildOptions, SourceFile, lint, rule_docs};
use plimsoll_parity::case_paths;

/// The longest that is read to its end.
const LONGEST: usize = 600;

/// A message without its place or rule.
fn of_line(line: &str) -> &str {
    let line = line.trim_start();
    let Some((place, message)) = line.split_once(": ") else {
        return line;
    };
    let mut parts = place.split(':');
    let is_place = parts.next().is_some() && parts.all(|part| part.parse::<usize>().is_ok());
    let is_file = place.contains(':') || place.ends_with(".dockerignore");
    if is_place && is_file && !place.contains(' ') {
        message
    } else {
        line
    }
}

/// The errors and warnings of a case.
fn of_case(text: &str) -> Vec<String> {
    let mut section = "";
    let mut messages = Vec::new();
    for line in text.lines() {
        if let Some(name) = line.strip_prefix("-- ").and_then(|rest| rest.strip_suffix(" --")) {
            section = name;
            continue;
        }
        let is_other = line.starts_with("at ") || line.starts_with("code ") || line.is_empty();
        match section {
            "error" if !is_other && !line.ends_with(" errors in Dockerfile:") => {
                messages.push(of_line(line).to_owned());
            }
            "warnings" => {
                let (_, message) = line.split_once(": ").unwrap_or(("", line));
                let end = message.rfind(" (line ").unwrap_or(message.len());
                messages.push(message[..end].to_owned());
            }
            _ => {}
        }
    }
    messages
}

fn of_corpus() -> BTreeSet<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus");
    let cases = case_paths(&folder).unwrap();
    let texts = cases
        .into_iter()
        .map(|(_, path)| fs::read_to_string(path).unwrap());
    texts.flat_map(|text| of_case(&text)).collect()
}

fn of_rules() -> BTreeSet<String> {
    let mut messages = BTreeSet::new();
    for doc in rule_docs() {
        let text = doc.bad().dockerfile.as_bytes().to_vec();
        let parsed = dockerfile_syntax::parse(&text);
        let options = BuildOptions::new(SourceFile::new("Dockerfile", text.clone()));
        let found = lint(&parsed.dockerfile, &options).warnings;
        messages.extend(found.into_iter().map(|warning| warning.message));
    }
    messages
}

fn of_hints() -> BTreeSet<String> {
    let hints = hint_table::HINTS.iter().chain(hint_table::HINTS_OF_NAMES);
    hints.map(|(_, hint)| of_line(hint).to_owned()).collect()
}

/// What is wrong with the form of a message.
fn fault(message: &str) -> Option<&'static str> {
    let mut letters = message.chars();
    let (first, second) = (letters.next(), letters.next());
    let is_sentence = first.is_some_and(char::is_uppercase) && second.is_some_and(char::is_lowercase);
    let is_name = ["Plimsoll", "BuildKit", "Dockerfile"]
        .iter()
        .any(|name| message.starts_with(name));
    if message.trim() != message || message.is_empty() {
        Some("is empty, or has blanks around it")
    } else if is_sentence && !is_name {
        Some("begins with a capital letter")
    } else if message.ends_with(['.', '!']) && !message.ends_with("..") {
        Some("ends in a full stop")
    } else if message.chars().any(char::is_control) {
        Some("has control characters")
    } else if message.chars().count() > LONGEST {
        Some("is too long")
    } else {
        None
    }
}

#[test]
fn messages() {
    let mut wrong = Vec::new();
    for (what, messages, least) in [
        ("Errors", of_corpus(), 200),
        ("Findings", of_rules(), 15),
        ("Hints", of_hints(), 20),
    ] {
        println!("\n{what}\n");
        for message in &messages {
            println!("  {message}");
            wrong.extend(fault(message).map(|fault| format!("{fault}: {message}")));
        }
        assert!(
            messages.len() >= least,
            "{what}: only {} were found",
            messages.len()
        );
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn bad_form_is_found() {
    for bad in ["The file is wrong", "no such stage.", "a\tb", " x", ""] {
        assert!(fault(bad).is_some(), "{bad:?}");
    }
    for good in [
        "EXPOSE a/b: `b` is no protocol",
        "Plimsoll needs BuildKit 0.5 or later",
        "it is in `..`",
    ] {
        assert_eq!(fault(good), None, "{good:?}");
    }
    assert_eq!(of_line("  Dockerfile:3:1: there is no"), "there is no");
    assert_eq!(of_line("EXPOSE a/b: `b` is"), "EXPOSE a/b: `b` is");
}
