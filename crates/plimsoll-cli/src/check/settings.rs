//! Files beside or above a Dockerfile that choose rules: `plimsoll.toml`, and what hadolint's own file says of them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use dockerfile_advice::Selection;
use dockerfile_syntax::suggest;
use serde::Deserialize;

use super::finding::{Finding, Level};
use super::{hadolint, shellcheck};
use crate::output::Failure;
use crate::rules;

const NAME: &str = "plimsoll.toml";

/// What is wanted of the files in a folder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Settings {
    /// Rules of ours that are not wanted.
    skip: BTreeSet<String>,
    /// Which advice is wanted, if it says so.
    pub(super) advice: Option<Selection>,
    /// Which advice the command line wants, if it says so.
    pub(super) asked: Option<Selection>,
    /// Rules of hadolint that are not wanted.
    hadolint: BTreeSet<String>,
    /// Findings are errors.
    are_errors: bool,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct File {
    check: Check,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Check {
    skip: Vec<String>,
    advice: Option<Vec<String>>,
    error: bool,
}

/// Settings by folder, each read once.
#[derive(Debug, Default)]
pub(crate) struct Folders(BTreeMap<PathBuf, Settings>);

impl Folders {
    /// The settings for files in `folder`: of the nearest `plimsoll.toml`, and of the nearest file of hadolint.
    ///
    /// # Errors
    /// Says what is wrong with one of them.
    pub(crate) fn of(&mut self, folder: &Path) -> Result<Settings, Failure> {
        // Above a relative path there are more folders than it names.
        let folder = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
        if let Some(known) = self.0.get(&folder) {
            return Ok(known.clone());
        }
        let mut settings = Settings::default();
        if let Some(path) = upwards(&folder, &[NAME]) {
            settings.read(&path)?;
        }
        if let Some(path) = upwards(&folder, &hadolint::FILES) {
            let text = text(&path)?;
            let ignored = hadolint::ignored(&text);
            settings.hadolint = ignored.map_err(|error| failed(&path, &error))?;
        }
        self.0.insert(folder, settings.clone());
        Ok(settings)
    }
}

impl Settings {
    fn read(&mut self, path: &Path) -> Result<(), Failure> {
        let file: File =
            toml::from_str(&text(path)?).map_err(|error| failed(path, error.to_string().trim()))?;
        let names: Vec<&str> = rules::names().collect();
        for rule in &file.check.skip {
            if !names.contains(&rule.as_str()) && !shellcheck::is_code(rule) {
                let near = suggest::nearest(rule, &names, true);
                let hint = near
                    .map(|near| format!(" (did you mean {near}?)"))
                    .unwrap_or_default();
                return Err(failed(path, &format!("there is no rule `{rule}`{hint}")));
            }
        }
        let advice = file.check.advice.map(|names| Selection::parse(&names.join(",")));
        self.advice = advice.transpose().map_err(|error| failed(path, &error))?;
        self.skip = file.check.skip.into_iter().collect();
        self.are_errors = file.check.error;
        Ok(())
    }

    /// Takes out what is not wanted. `keyword` gives the keyword of the instruction that a finding is about.
    pub(super) fn apply(&self, findings: &mut Vec<Finding>, keyword: impl Fn(&Finding) -> String) {
        findings.retain(|finding| {
            let Some(rule) = finding.rule.as_deref() else {
                return true;
            };
            let is_ignored = |code: &String| hadolint::answers(code, rule, &keyword(finding));
            !self.skip.contains(rule) && !self.hadolint.iter().any(is_ignored)
        });
        if self.are_errors {
            findings
                .iter_mut()
                .for_each(|finding| finding.level = Level::Error);
        }
    }
}

fn upwards(folder: &Path, names: &[&str]) -> Option<PathBuf> {
    let candidates = folder
        .ancestors()
        .flat_map(|folder| names.iter().map(move |name| folder.join(name)));
    candidates.into_iter().find(|path| path.is_file())
}

fn text(path: &Path) -> Result<String, Failure> {
    fs::read_to_string(path).map_err(|error| failed(path, &error.to_string()))
}

fn failed(path: &Path, why: &str) -> Failure {
    Failure::new(format!("{}: {why}", path.display()))
}
