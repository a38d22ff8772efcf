//! What is different on a terminal, tried on a real one, which `script` of util-linux makes.

#![allow(clippy::unwrap_used, reason = "a test")]

use std::fs;
use std::process::{Command, Stdio};

/// What a command prints on a terminal, and its status.
fn on_terminal(arguments: &str, no_color: &str) -> (String, i32) {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("Dockerfile"), "FROM scratch AS A\n").unwrap();
    let command = format!("{} {arguments}", env!("CARGO_BIN_EXE_plimsoll"));
    let output = Command::new("script")
        .args(["--quiet", "--return", "--command", &command, "/dev/null"])
        .current_dir(folder.path())
        .env("NO_COLOR", no_color)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    (
        String::from_utf8(output.stdout).unwrap(),
        output.status.code().unwrap(),
    )
}

#[test]
fn colours() {
    for (arguments, no_color, has_color) in [
        ("check", "", true),
        ("check", "1", false),
        ("check --color never", "", false),
        ("check --color always", "1", true),
    ] {
        let (said, status) = on_terminal(arguments, no_color);
        assert_eq!(
            said.contains("\u{1b}[1;33mwarning"),
            has_color,
            "{arguments} {no_color}: {said}"
        );
        assert!(said.contains("StageNameCasing") && status == 1, "{said}");
    }
}

#[test]
fn no_bytes_of_graphs() {
    let (said, status) = on_terminal("llb", "1");
    assert!(said.contains("plimsoll llb | buildctl build"), "{said}");
    assert_eq!(status, 2);
    let (said, status) = on_terminal("llb --format json", "1");
    assert!(said.contains("\"def\"") && status == 0, "{said}");
}
