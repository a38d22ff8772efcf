//! What the programs in `examples/` say of files.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

#[path = "../examples/graph.rs"]
#[allow(dead_code, reason = "its `main` reads files")]
mod graph;
#[path = "../examples/lint.rs"]
#[allow(dead_code, reason = "its `main` reads files")]
mod lint;

#[test]
fn findings_have_their_lines() {
    let report = lint::report("Dockerfile", b"FROM alpine AS Base\nCOPY --from=2 a b\n");
    assert!(report.contains("WARNING: StageNameCasing"), "{report}");
    assert!(report.contains("   1 | >>> FROM alpine AS Base\n"), "{report}");
    assert!(report.contains("Dockerfile:2:13: "), "{report}");
    let report = lint::report("Dockerfile", b"FROM alpine\nCPOY a b\n");
    assert!(
        report.starts_with("Dockerfile:2:1: there is no instruction"),
        "{report}"
    );
    assert_eq!(lint::report("Dockerfile", b"FROM alpine\nCOPY a b\n"), "");
}

#[test]
fn a_file_becomes_a_graph() {
    let compiled = graph::compiled("Dockerfile", b"FROM alpine\nCOPY a /\nRUN true\n").unwrap();
    assert_eq!(compiled.definition.count(), 5);
    let error = graph::compiled("Dockerfile", b"FROM alpine\nCOPY --from=2 a /\n").map(|_| ());
    assert!(error.unwrap_err().to_string().contains("--from=2"));
}
