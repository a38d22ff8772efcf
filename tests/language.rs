//! docs/language.md lists the language row by row: each row has its cases, and each case its row.

#![allow(clippy::unwrap_used, reason = "a test")]

use std::collections::BTreeSet;
use std::path::Path;

use plimsoll_parity::case_paths;

/// Explains the format and is no row's.
const FORMAT: &str = "README";

#[test]
fn every_row_has_cases_and_every_case_a_row() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(root.join("docs/language.md")).unwrap();
    let paths = case_paths(&root.join("tests/corpus")).unwrap();
    let mut cases: BTreeSet<String> = paths.into_iter().map(|(name, _)| name).collect();
    cases.remove(FORMAT);
    let (mut problems, mut used) = (Vec::new(), BTreeSet::new());
    let rows = text
        .lines()
        .filter(|line| line.starts_with("| ") && !line.starts_with("| feature "));
    for row in rows {
        let last = row.trim_end_matches(" |").rsplit("| ").next().unwrap_or_default();
        let named: BTreeSet<String> = last
            .split_whitespace()
            .map(|word| word.replace('`', ""))
            .collect();
        if named.is_empty() || !last.contains('`') {
            problems.push(format!("no case: {row}"));
        }
        for name in named.difference(&cases) {
            problems.push(format!("no such case {name}: {row}"));
        }
        used.extend(named);
    }
    let unused = cases.difference(&used);
    problems.extend(unused.map(|name| format!("in no row: {name}")));
    assert!(used.len() > 400, "only {} cases are in a row", used.len());
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}
