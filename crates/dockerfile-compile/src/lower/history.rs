//! What instructions add to the history of images.
//!
//! Stages of a chain have their history in common, so it is a tree: each entry knows the one before it, and a stage
//! knows its last one.

use std::fmt::{Display, Write as _};
use std::iter::successors;

use super::StageLowering;
use crate::error::CompileError;
use crate::go::text::display;
use crate::image::{Added, AddedHistory};

/// What an entry takes in an image config beside its text.
const ENTRY_BYTES: usize = 64;

/// An entry in a [`HistoryTree`].
#[derive(Clone, Copy)]
pub(crate) struct HistoryId(u32);

/// A setting in a [`HistoryTree`].
#[derive(Clone, Copy)]
pub(crate) struct SettingId(u32);

/// The history of all stages, and what its entries set that nothing reads before the image is finished.
#[derive(Default)]
pub(crate) struct HistoryTree {
    entries: Vec<Entry>,
    settings: Vec<Setting>,
    /// What all entries say, one behind the other.
    text: String,
}

struct Entry {
    before: Option<HistoryId>,
    created_by: Part,
    makes_layer: bool,
}

/// What an entry sets, in the words of its text.
struct Setting {
    before: Option<SettingId>,
    kind: SettingKind,
    key: Part,
    /// Only of a label.
    value: Part,
}

/// Which part of the config a setting is for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum SettingKind {
    Label,
    Port,
    Volume,
}

/// A part of the text of all entries, which the budget keeps far below 4 GiB.
#[derive(Clone, Copy, Default)]
pub(super) struct Part {
    start: u32,
    end: u32,
}

impl HistoryTree {
    /// Appends to the text of the entry that is being written.
    pub(super) fn write(&mut self, text: impl Display) -> Part {
        let start = short(self.text.len());
        // A text takes all that is written to it.
        let _ = write!(self.text, "{text}");
        let end = short(self.text.len());
        Part { start, end }
    }

    /// [`HistoryTree::write`] of a text that is there as it is.
    pub(super) fn push(&mut self, text: &str) -> Part {
        let start = short(self.text.len());
        self.text.push_str(text);
        let end = short(self.text.len());
        Part { start, end }
    }

    fn part(&self, part: Part) -> &str {
        let range = part.start as usize..part.end as usize;
        self.text.get(range).unwrap_or_default()
    }

    /// Adds to an image what all entries and settings up to the last ones say.
    pub(crate) fn add_to<'t>(
        &'t self,
        added: &mut Added<'t>,
        (entry, setting): (Option<HistoryId>, Option<SettingId>),
    ) {
        let entry_at = |id: HistoryId| self.entries.get(id.0 as usize);
        let entries = || successors(entry.and_then(entry_at), |entry| entry.before.and_then(entry_at));
        // Counted first, so that they take no more room than they need.
        added.history.reserve_exact(entries().count());
        added.history.extend(entries().map(|entry| AddedHistory {
            created_by: self.part(entry.created_by),
            makes_layer: entry.makes_layer,
        }));
        added.history.reverse();
        let setting_at = |id: SettingId| self.settings.get(id.0 as usize);
        let settings = || {
            successors(setting.and_then(setting_at), |setting| {
                setting.before.and_then(setting_at)
            })
        };
        let of_kind = |kind| settings().filter(move |setting| setting.kind == kind);
        let count = of_kind(SettingKind::Label).count();
        added.labels.reserve_exact(count);
        let label = |label: &Setting| (self.part(label.key), self.part(label.value));
        added.labels.extend(of_kind(SettingKind::Label).map(label));
        let keys = |kind| of_kind(kind).map(|setting| self.part(setting.key));
        added.exposed_ports.reserve_exact(keys(SettingKind::Port).count());
        added.exposed_ports.extend(keys(SettingKind::Port));
        added.volumes.extend(keys(SettingKind::Volume));
    }
}

fn short(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
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
        let created_by = self.all.history.write(created_by);
        self.add_entry(created_by, makes_layer)
    }

    /// Adds the entry of an instruction that ran in a container or copied files.
    ///
    /// # Errors
    /// It passes the budget.
    pub(super) fn commit_layer(&mut self, created_by: impl Display) -> Result<(), CompileError> {
        self.commit(format_args!("{created_by} # buildkit"), true)
    }

    /// Adds the entry whose text was written since `first`.
    ///
    /// # Errors
    /// It passes the budget.
    pub(super) fn commit_since(&mut self, first: Part) -> Result<(), CompileError> {
        let end = short(self.all.history.text.len());
        self.add_entry(Part { end, ..first }, false)
    }

    fn add_entry(&mut self, created_by: Part, makes_layer: bool) -> Result<(), CompileError> {
        let entries = &mut self.all.history.entries;
        let id = HistoryId(short(entries.len()));
        entries.push(Entry {
            before: self.state.history.replace(id),
            created_by,
            makes_layer,
        });
        let length = (created_by.end - created_by.start) as usize;
        self.all.spend(length + ENTRY_BYTES)
    }

    /// Takes out what was set of a kind, where `goes` says so of its key.
    ///
    /// # Errors
    /// It passes the budget.
    pub(super) fn unset(
        &mut self,
        kind: SettingKind,
        goes: impl Fn(&str) -> bool,
    ) -> Result<(), CompileError> {
        let history = &self.all.history;
        let setting_at = |id: SettingId| history.settings.get(id.0 as usize);
        let all = successors(self.state.settings.and_then(setting_at), |setting| {
            setting.before.and_then(setting_at)
        });
        let stays = |setting: &&Setting| setting.kind != kind || !goes(history.part(setting.key));
        let (mut count, mut kept) = (0, Vec::new());
        for setting in all {
            count += 1;
            if stays(&setting) {
                kept.push((setting.kind, setting.key, setting.value));
            }
        }
        self.all.spend(count * ENTRY_BYTES)?;
        if kept.len() < count {
            self.state.settings = None;
            kept.into_iter()
                .rev()
                .for_each(|(kind, key, value)| self.set(kind, key, value));
        }
        Ok(())
    }

    /// Sets what the entry says that is being written.
    pub(super) fn set(&mut self, kind: SettingKind, key: Part, value: Part) {
        let settings = &mut self.all.history.settings;
        let id = SettingId(short(settings.len()));
        settings.push(Setting {
            before: self.state.settings.replace(id),
            kind,
            key,
            value,
        });
    }
}
