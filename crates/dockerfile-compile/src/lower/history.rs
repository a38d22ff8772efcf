//! What instructions add to the history of images.
//!
//! Stages of a chain have their history in common, so it is a tree: each entry knows the one before it, and a stage
//! knows its last one.

use std::fmt::{Display, Write as _};
use std::ops::Range;
use std::rc::Rc;

use super::StageLowering;
use crate::error::CompileError;
use crate::go::text::display;
use crate::image::{History, Part};

/// What an entry takes in an image config beside its text.
const ENTRY_BYTES: usize = 64;

/// An entry in a [`HistoryTree`].
#[derive(Clone, Copy)]
pub(crate) struct HistoryId(usize);

/// The history of all stages.
#[derive(Default)]
pub(crate) struct HistoryTree {
    entries: Vec<Entry>,
    /// What all entries say, one behind the other.
    text: String,
}

struct Entry {
    before: Option<HistoryId>,
    /// Its part of the text.
    created_by: Range<usize>,
    makes_layer: bool,
}

impl HistoryTree {
    /// All entries up to `last`, oldest first; `epoch` is when they were made.
    pub(crate) fn up_to(self, last: Option<HistoryId>, epoch: Option<i64>) -> Vec<History> {
        let text = Rc::new(self.text);
        let mut history = Vec::new();
        let mut next = last;
        while let Some(entry) = next.and_then(|id| self.entries.get(id.0)) {
            let created_by = Part::of(&text, entry.created_by.clone());
            history.push(History::of_instruction(created_by, entry.makes_layer, epoch));
            next = entry.before;
        }
        history.reverse();
        history
    }
}

/// ` KEY=VALUE`, the form that variables and labels have in history.
pub(super) fn pair(key: &str, value: &str) -> impl Display {
    display(move |f| {
        [" ", key, "=", value]
            .iter()
            .try_for_each(|part| f.write_str(part))
    })
}

/// Appends ` KEY=VALUE`.
pub(super) fn push_pair(out: &mut String, key: &str, value: &str) {
    // A text takes all that is written to it.
    let _ = write!(out, "{}", pair(key, value));
}

impl StageLowering<'_, '_, '_> {
    /// Adds an entry to the image's history.
    ///
    /// # Errors
    /// It passes the budget.
    pub(super) fn commit(&mut self, created_by: impl Display, makes_layer: bool) -> Result<(), CompileError> {
        let HistoryTree { entries, text } = &mut self.all.history;
        let start = text.len();
        // A text takes all that is written to it.
        let _ = write!(text, "{created_by}");
        let created_by = start..text.len();
        let length = created_by.len();
        entries.push(Entry {
            before: self.state.history,
            created_by,
            makes_layer,
        });
        self.state.history = Some(HistoryId(entries.len() - 1));
        self.all.spend(length + ENTRY_BYTES)
    }

    /// Adds the entry of an instruction that ran in a container or copied files.
    ///
    /// # Errors
    /// It passes the budget.
    pub(super) fn commit_layer(&mut self, created_by: impl Display) -> Result<(), CompileError> {
        self.commit(format_args!("{created_by} # buildkit"), true)
    }
}
