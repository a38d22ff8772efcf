//! Findings in the forms that people and programs read.

mod github;
mod json;
mod sarif;
mod text;

use crate::check::Finding;
use crate::files::Input;

pub(crate) use github::github;
pub(crate) use json::json;
pub(crate) use sarif::sarif;
pub(crate) use text::{summary, text};

/// A file and what was found in it.
pub(crate) struct Checked {
    /// The file.
    pub(crate) input: Input,
    /// Its findings, in file order.
    pub(crate) findings: Vec<Finding>,
}

impl Checked {
    /// The file that a finding is about, as a name for people and programs.
    fn name_of<'a>(&'a self, finding: &'a Finding) -> &'a str {
        match &finding.file {
            Some(file) => &file.filename,
            None => &self.input.name,
        }
    }
}
