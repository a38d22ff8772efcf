//! What shellcheck says of the shell text of each RUN, where it is installed.

use std::fmt::Write as _;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use dockerfile_advice::{Adviser, ShellText};
use dockerfile_syntax::LineRange;
use serde::Deserialize;

use super::finding::{Finding, Indexed, Level};
use crate::output::Failure;

/// What stands above each text: its shell, and its variables.
const HEAD_LINES: usize = 2;
/// About files that are not there to be read.
const EXCLUDED: &str = "--exclude=SC1090,SC1091";
/// A longer text would keep it busy for minutes.
const LONGEST: usize = 1 << 20;

/// The program.
#[derive(Debug)]
pub(super) struct ShellCheck {
    program: PathBuf,
}

#[derive(Debug, Deserialize)]
struct Answer {
    comments: Vec<Comment>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Comment {
    file: String,
    line: usize,
    end_line: usize,
    column: usize,
    end_column: usize,
    level: String,
    code: u32,
    message: String,
}

/// Whether a name is one of shellcheck's.
pub(super) fn is_code(name: &str) -> bool {
    name.strip_prefix("SC")
        .is_some_and(|code| !code.is_empty() && code.bytes().all(|byte| byte.is_ascii_digit()))
}

impl ShellCheck {
    /// The program of this name, if it can be started; a path must be one that can.
    ///
    /// # Errors
    /// Fails where a path is named that can't be started.
    pub(super) fn find(program: &Path) -> Result<Option<Self>, Failure> {
        if program == Path::new("off") {
            return Ok(None);
        }
        let started = Command::new(program)
            .arg("--version")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        match started {
            Ok(status) if status.success() => Ok(Some(Self {
                program: program.to_owned(),
            })),
            Err(error) if error.kind() == ErrorKind::NotFound && program == Path::new("shellcheck") => {
                Ok(None)
            }
            _ => Err(Failure::new(format!(
                "--shellcheck {}: it can't be started",
                program.display()
            ))),
        }
    }

    /// What it says of a file.
    ///
    /// # Errors
    /// Fails where it can't be asked.
    pub(super) fn examine(&self, adviser: &Adviser<'_>, file: &Indexed<'_>) -> Result<Vec<Finding>, Failure> {
        let texts: Vec<ShellText<'_>> = adviser
            .shell_texts()
            .filter(|text| text.text.len() <= LONGEST)
            .collect();
        if texts.is_empty() {
            return Ok(Vec::new());
        }
        let failed = |why: String| Failure::new(format!("{}: {why}", self.program.display()));
        let folder = tempfile::tempdir().map_err(|error| failed(error.to_string()))?;
        for (number, text) in texts.iter().enumerate() {
            let written = fs::write(folder.path().join(format!("{number}.sh")), script(text));
            written.map_err(|error| failed(error.to_string()))?;
        }
        let mut command = Command::new(&self.program);
        // Settings of whoever calls it are for their own scripts.
        command
            .args(["--norc", "--format=json1", EXCLUDED, "--"])
            .current_dir(folder.path());
        command.args((0..texts.len()).map(|number| format!("{number}.sh")));
        let ended = command
            .stdin(Stdio::null())
            .output()
            .map_err(|error| failed(error.to_string()))?;
        let answer: Answer = serde_json::from_slice(&ended.stdout).map_err(|_| {
            let told = String::from_utf8_lossy(&ended.stderr);
            failed(format!("it gave no JSON, and said: {}", told.trim()))
        })?;
        let findings = answer
            .comments
            .into_iter()
            .filter_map(|comment| finding(comment, &texts, file));
        Ok(findings.collect())
    }
}

/// A text with its shell and variables above it.
fn script(text: &ShellText<'_>) -> String {
    let shell = match text.shell.as_str() {
        "bash" => "bash",
        "ksh" => "ksh",
        "ash" | "dash" => "dash",
        _ => "sh",
    };
    let mut out = format!("# shellcheck shell={shell}\n");
    for (name, value) in text.variables.iter().filter(|(name, _)| is_name(name)) {
        // Writing to a string can't fail.
        let _ = match value {
            Some(value) if !value.contains(['\'', '\n']) => write!(out, "export {name}='{value}'; "),
            _ => write!(out, "read -r {name}; "),
        };
    }
    out.push('\n');
    out.push_str(text.text);
    out.push('\n');
    out.push_str(&text.heredocs);
    out
}

fn is_name(name: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    !name.starts_with(|c: char| c.is_ascii_digit()) && !name.is_empty() && name.bytes().all(is_part)
}

fn finding(comment: Comment, texts: &[ShellText<'_>], file: &Indexed<'_>) -> Option<Finding> {
    let number: usize = comment
        .file
        .strip_suffix(".sh")?
        .rsplit('/')
        .next()?
        .parse()
        .ok()?;
    let text = texts.get(number)?;
    let start = offset(text.text, comment.line.checked_sub(HEAD_LINES)?, comment.column)?;
    let end = offset(
        text.text,
        comment.end_line.checked_sub(HEAD_LINES)?,
        comment.end_column,
    )?;
    let span = text.span(&(start..end.max(start + 1).min(text.text.len())));
    let mut lines = text.lines;
    if let Some(span) = span {
        let (first, last) = (
            file.line(span.start),
            file.line(span.end.saturating_sub(1).max(span.start)),
        );
        lines = LineRange::new(first, last);
    }
    let level = match comment.level.as_str() {
        "error" | "warning" => Level::Warning,
        _ => Level::Advice,
    };
    Some(Finding::of_shellcheck(
        comment.code,
        level,
        comment.message,
        file.place(lines, span),
    ))
}

/// The byte at a line and a column, both counted from 1; columns are characters.
fn offset(text: &str, line: usize, column: usize) -> Option<usize> {
    let mut start = 0;
    for (number, content) in text.split_inclusive('\n').enumerate() {
        if number + 1 == line {
            let within = content
                .char_indices()
                .nth(column.checked_sub(1)?)
                .map_or(content.len(), |(at, _)| at);
            return Some(start + within);
        }
        start += content.len();
    }
    (line > 0).then_some(text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places() {
        for (line, column, at) in [
            (1, 1, Some(0)),
            (1, 3, Some(3)),
            (2, 1, Some(4)),
            (2, 9, Some(6)),
            (3, 1, Some(6)),
            (0, 1, None),
        ] {
            assert_eq!(offset("aä\nbc", line, column), at, "{line}:{column}");
        }
        assert!(is_code("SC2086") && !is_code("SC") && !is_code("DL3000"));
    }
}
