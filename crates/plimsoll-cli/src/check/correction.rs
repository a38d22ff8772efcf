//! `--fix` and `--diff`: the corrected files.

use std::fmt::Write as _;
use std::fs;

use dockerfile_compile::view::safe_text;
use dockerfile_compile::{Fix, correct};
use similar::{ChangeTag, TextDiff};

use super::finding::Finding;
use crate::arguments::CheckArguments;
use crate::files::Input;
use crate::output::{Failure, Paint, Style};
use crate::report::Checked;

/// How many lines are shown around a change.
const CONTEXT_LINES: usize = 3;

/// What is to be corrected, and what was.
pub(super) struct Correction {
    is_written: bool,
    is_shown: bool,
    with_unsafe: bool,
    /// The corrected files.
    changes: Vec<Change>,
}

/// A corrected file.
struct Change {
    name: String,
    before: Vec<u8>,
    after: Vec<u8>,
}

impl Correction {
    /// As the command line wants it.
    pub(super) fn new(arguments: &CheckArguments) -> Self {
        Self {
            is_written: arguments.fix,
            is_shown: arguments.diff,
            with_unsafe: arguments.unsafe_fixes,
            changes: Vec::new(),
        }
    }

    /// Corrects a file if that is wanted, and writes it if that is. `examine` finds what is wrong with one.
    ///
    /// # Errors
    /// Fails where the file can't be written, or as `examine` does.
    pub(super) fn correct(
        &mut self,
        input: &mut Input,
        examine: impl Fn(&Input) -> Result<Vec<Finding>, Failure>,
    ) -> Result<(), Failure> {
        if !self.is_written && !self.is_shown {
            return Ok(());
        }
        let mut failure = None;
        let mut candidate = input.clone();
        let corrected = correct(&input.data, |text| {
            text.clone_into(&mut candidate.data);
            match examine(&candidate) {
                Ok(findings) => self.fixes(findings),
                Err(error) => {
                    failure = Some(error);
                    Vec::new()
                }
            }
        });
        if let Some(failure) = failure {
            return Err(failure);
        }
        if corrected == input.data {
            return Ok(());
        }
        let before = input.data.clone();
        if self.is_written {
            let Some(path) = &input.path else {
                return Err(Failure::new(
                    "--fix can't write to standard input: use --diff, or name the file",
                ));
            };
            let written = fs::write(path, &corrected);
            written.map_err(|error| Failure::new(format!("can't write {}: {error}", path.display())))?;
            input.data.clone_from(&corrected);
        }
        self.changes.push(Change {
            name: input.name.clone(),
            before,
            after: corrected,
        });
        Ok(())
    }

    fn fixes(&self, findings: Vec<Finding>) -> Vec<Fix> {
        let fixes = findings.into_iter().filter_map(|finding| finding.fix);
        fixes.filter(|fix| self.with_unsafe || fix.is_safe).collect()
    }

    /// Whether there was nothing to correct.
    pub(super) fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// All changes in the form of `diff -u`.
    pub(super) fn diff(&self, paint: Paint) -> String {
        let mut out = String::new();
        for Change { name, before, after } in &self.changes {
            let (before, after) = (String::from_utf8_lossy(before), String::from_utf8_lossy(after));
            let diff = TextDiff::from_lines(before.as_ref(), after.as_ref());
            let name = safe_text(name);
            // Writing to a string can't fail.
            let _ = writeln!(out, "{}", paint.text(Style::Place, &format!("--- {name}")));
            let _ = writeln!(out, "{}", paint.text(Style::Place, &format!("+++ {name}")));
            for hunk in diff.unified_diff().context_radius(CONTEXT_LINES).iter_hunks() {
                let _ = writeln!(out, "{}", paint.text(Style::Dim, &hunk.header().to_string()));
                for change in hunk.iter_changes() {
                    let line = change.value();
                    let text = line.strip_suffix('\n').unwrap_or(line);
                    let text = match change.tag() {
                        ChangeTag::Equal => format!(" {text}"),
                        ChangeTag::Delete => paint.text(Style::Removed, &format!("-{text}")),
                        ChangeTag::Insert => paint.text(Style::Added, &format!("+{text}")),
                    };
                    let _ = writeln!(out, "{text}");
                    if change.missing_newline() {
                        let _ = writeln!(out, "\\ No newline at end of file");
                    }
                }
            }
        }
        out
    }

    /// What was done or could be done, in a sentence; empty where there is nothing to say.
    pub(super) fn summary(&self, checked: &[Checked]) -> String {
        let left = || {
            checked
                .iter()
                .flat_map(|checked| &checked.findings)
                .filter_map(|finding| finding.fix.as_ref())
        };
        let (safe, all) = (left().filter(|fix| fix.is_safe).count(), left().count());
        if self.is_written {
            let fixed = format!("corrected {}\n", files(self.changes.len()));
            let more = match all {
                0 => String::new(),
                all => format!(
                    "{all} more can be corrected with --unsafe-fixes, which may change what is built\n"
                ),
            };
            return fixed + &more;
        }
        if self.is_shown {
            return match self.changes.len() {
                0 => "nothing to correct\n".to_owned(),
                count => format!("--fix would correct {}\n", files(count)),
            };
        }
        match (safe, all - safe) {
            (0, 0) => String::new(),
            (safe, 0) => format!("{safe} can be corrected with --fix\n"),
            (0, risky) => format!("{risky} can be corrected with --fix --unsafe-fixes\n"),
            (safe, risky) => {
                format!("{safe} can be corrected with --fix, and {risky} more with --unsafe-fixes\n")
            }
        }
    }
}

fn files(count: usize) -> String {
    match count {
        1 => "1 file".to_owned(),
        count => format!("{count} files"),
    }
}
