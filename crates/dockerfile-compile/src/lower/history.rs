//! What instructions add to the history of images.
//!
//! Stages of a chain have their history in common, so it is a tree: each entry knows the one before it, and a stage
//! knows its last one.

use std::rc::Rc;

use super::StageLowering;
use crate::error::CompileError;
use crate::image::History;

/// What an entry takes in an image config beside its text.
const ENTRY_BYTES: usize = 64;

/// An entry in a [`HistoryTree`].
#[derive(Clone, Copy)]
pub(crate) struct HistoryId(usize);

/// The history of all stages.
#[derive(Default)]
pub(crate) struct HistoryTree {
    entries: Vec<Entry>,
}

struct Entry {
    before: Option<HistoryId>,
    created_by: Rc<str>,
    makes_layer: bool,
}

impl HistoryTree {
    /// All entries up to `last`, oldest first; `epoch` is when they were made.
    pub(crate) fn up_to(&self, last: Option<HistoryId>, epoch: Option<i64>) -> Vec<History> {
        let mut history = Vec::new();
        let mut next = last;
        while let Some(entry) = next.and_then(|id| self.entries.get(id.0)) {
            let created_by = Rc::clone(&entry.created_by);
            history.push(History::of_instruction(created_by, entry.makes_layer, epoch));
            next = entry.before;
        }
        history.reverse();
        history
    }
}

/// Appends ` KEY=VALUE`, the form that variables and labels have in history.
pub(super) fn push_pair(out: &mut String, key: &str, value: &str) {
    for part in [" ", key, "=", value] {
        out.push_str(part);
    }
}

impl StageLowering<'_, '_, '_> {
    /// Adds an entry to the image's history.
    ///
    /// # Errors
    /// It passes the budget.
    pub(super) fn commit(&mut self, created_by: String, makes_layer: bool) -> Result<(), CompileError> {
        self.all.spend(created_by.len() + ENTRY_BYTES)?;
        let entries = &mut self.all.history.entries;
        entries.push(Entry {
            before: self.state.history,
            created_by: created_by.into(),
            makes_layer,
        });
        self.state.history = Some(HistoryId(entries.len() - 1));
        Ok(())
    }

    /// Adds the entry of an instruction that ran in a container or copied files.
    ///
    /// # Errors
    /// It passes the budget.
    pub(super) fn commit_layer(&mut self, mut created_by: String) -> Result<(), CompileError> {
        created_by.push_str(" # buildkit");
        self.commit(created_by, true)
    }
}
