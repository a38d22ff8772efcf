//! The pictures of the documents are what the command draws today. `make pictures` draws them anew.

#![allow(clippy::unwrap_used, reason = "a test")]

use std::fs;
use std::path::Path;
use std::process::Command;

/// The pictures in docs/pictures, and the command that draws each.
const PICTURES: [(&str, &[&str]); 1] = [("go-hello.svg", &["graph", "--format=svg", "examples/go-hello"])];

#[test]
fn pictures() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    for (name, command) in PICTURES {
        let mut run = Command::new(env!("CARGO_BIN_EXE_plimsoll"));
        let output = run.args(command).current_dir(&root).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        let file = root.join("docs/pictures").join(name);
        if std::env::var_os("BLESS").is_some() {
            fs::write(&file, &output.stdout).unwrap();
        }
        let drawn = String::from_utf8(output.stdout).unwrap();
        let kept = fs::read_to_string(&file).unwrap_or_default();
        assert_eq!(kept, drawn, "docs/pictures/{name} is out of date: make pictures");
    }
}
