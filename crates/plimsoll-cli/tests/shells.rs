//! Completions and manual pages.

#![allow(clippy::unwrap_used, reason = "a test")]

use std::fs;
use std::process::Command;

#[test]
fn every_shell_has_completions() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let output = Command::new(env!("CARGO_BIN_EXE_plimsoll"))
            .args(["completions", shell])
            .output()
            .unwrap();
        let script = String::from_utf8(output.stdout).unwrap();
        assert!(
            output.status.success() && script.contains("unsafe-fixes"),
            "{shell}: {script}"
        );
        // The shell that is surely there can read its script.
        if shell == "bash" {
            let folder = tempfile::tempdir().unwrap();
            let file = folder.path().join("script");
            fs::write(&file, script).unwrap();
            let read = Command::new("bash").arg("-n").arg(&file).status().unwrap();
            assert!(read.success());
        }
    }
}

#[test]
fn every_command_has_a_page() {
    let folder = tempfile::tempdir().unwrap();
    let pages = folder.path().join("man1");
    let made = Command::new(env!("CARGO_BIN_EXE_plimsoll"))
        .arg("man")
        .arg(&pages)
        .status()
        .unwrap();
    assert!(made.success());
    for command in [
        "",
        "-check",
        "-outline",
        "-targets",
        "-llb",
        "-images",
        "-completions",
        "-man",
    ] {
        let page = fs::read_to_string(pages.join(format!("plimsoll{command}.1"))).unwrap();
        assert!(
            page.contains(".SH NAME") && page.contains(".SH DESCRIPTION"),
            "{page}"
        );
    }
}
