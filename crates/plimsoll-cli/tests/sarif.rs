//! What `--format sarif` writes is SARIF, as its schema has it.

#![allow(clippy::unwrap_used, reason = "a test")]

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

/// What `plimsoll check --format sarif` with further arguments writes about a folder with these files.
fn sarif(files: &[(&str, &str)], arguments: &[&str]) -> Value {
    let folder = tempfile::tempdir().unwrap();
    for (name, content) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }
    let output = Command::new(env!("CARGO_BIN_EXE_plimsoll"))
        .args(["check", "--shellcheck", "off", "--format", "sarif"])
        .args(arguments)
        .current_dir(folder.path())
        .output()
        .unwrap();
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn every_kind_of_finding_fits_the_schema() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/schema/sarif-2.1.0.json");
    let text = fs::read_to_string(path).unwrap();
    // Two patterns of the published schema have a bracket too many, which strict readers of schemas refuse.
    assert_eq!(text.matches("[a-zA-Z]{2}]?$").count(), 2);
    let schema: Value = serde_json::from_str(&text.replace("[a-zA-Z]{2}]?$", "[a-zA-Z]{2}?$")).unwrap();
    let schema = jsonschema::validator_for(&schema).unwrap();
    // The schema refuses what is not SARIF, or the rest of this test would say nothing.
    assert!(!schema.is_valid(&serde_json::json!({ "version": "2.1.0", "runs": [{ "results": 1 }] })));
    let files = [
        ("Dockerfile", "FROM alpine as Base\nCMD x\n"),
        ("ä ö/app.Dockerfile", "FROM alpine\nRUNN x\nCOPY --from=Base\n"),
        ("empty/Dockerfile", ""),
        ("ignored/Dockerfile", "FROM alpine\nCOPY a /\n"),
        ("ignored/.dockerignore", "[\n"),
    ];
    for (files, arguments, results) in [
        (&files[..], &[][..], 9),
        (&files[..1], &["--target", "nothing"], 4),
        (&files[..0], &[], 0),
    ] {
        let log = sarif(files, arguments);
        let errors: Vec<String> = schema
            .iter_errors(&log)
            .map(|error| format!("{error} at {}", error.instance_path()))
            .collect();
        assert!(errors.is_empty(), "{errors:#?}");
        let found = log["runs"][0]["results"].as_array().unwrap();
        assert_eq!(found.len(), results, "{found:#?}");
        let rules = log["runs"][0]["tool"]["driver"]["rules"].as_array().unwrap();
        for result in found {
            let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
            assert_eq!(rules[index]["id"], result["ruleId"]);
        }
    }
}
