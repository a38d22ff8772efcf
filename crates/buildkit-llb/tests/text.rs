//! The text form of some of the reference's definitions, kept in
//! `tests/data/text.txt`. `BLESS=1 cargo test -p llb-graph --test text` writes
//! the file anew.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::path::Path;

use llb_graph::{Definition, text};

const NAMES: &[&str] = &[
    "scratch",
    "exec-meta",
    "exec-mounts-z",
    "file-many",
    "file-copy-options",
    "image-prefer-local",
    "merge",
    "locations",
];

fn decoded(name: &str) -> Definition {
    let table = include_str!("data/reference.txt");
    let line = table
        .lines()
        .find(|line| line.split(' ').next() == Some(name))
        .unwrap();
    let hex = line.rsplit(' ').next().unwrap();
    let bytes: Vec<u8> = (0..hex.len() / 2)
        .map(|at| u8::from_str_radix(&hex[2 * at..2 * at + 2], 16).unwrap())
        .collect();
    Definition::decode(&bytes).unwrap()
}

#[test]
fn text_is_as_it_was() {
    let mut got = String::new();
    for name in NAMES {
        got.push_str(&format!("== {name}\n{}", text::format(&decoded(name))));
    }
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/text.txt");
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&file, &got).unwrap();
    }
    let want = std::fs::read_to_string(&file).unwrap();
    assert_eq!(got, want);
}

/// What can't be read is shown, not hidden.
#[test]
fn text_shows_what_is_broken() {
    let mut definition = decoded("merge");
    definition.def[0] = b"\xff\xff".to_vec();
    let text = text::format(&definition);
    assert!(text.starts_with("0 undecodable //8=\n"), "{text}");
    assert!(text.contains("from: sha256:"), "{text}");
}
