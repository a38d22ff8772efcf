//! Cache mounts that nobody wrote. A stage is lowered twice for them: what a RUN may have depends on those behind it.

use std::collections::VecDeque;

use dockerfile_syntax::directive::head_comment;

use super::Lowering;
use crate::answers::Answers;
use crate::caching::{AddedMount, CacheMount, Seen, SeenRun, decide};
use crate::error::{CompileError, CompileErrors};
use crate::facts::Facts;
use crate::plan::{Plan, Planned, StageId};

/// At the head of a file: whether there shall be such mounts.
const HEAD: &str = "plimsoll-cache";

/// What lowering does about them.
pub(crate) enum Caching {
    /// Nobody asked.
    Off,
    /// Look at what there is.
    Watch(Box<Seen>),
    /// Add what was decided, by RUN in the order in which they are lowered.
    Add {
        mounts: VecDeque<Vec<CacheMount>>,
        added: Vec<AddedMount>,
    },
}

/// Whether the build or its file asks for them.
///
/// # Errors
/// The comment says neither yes nor no.
pub(crate) fn are_wanted(plan: &Plan<'_>) -> Result<bool, CompileError> {
    let options = plan.options;
    if let Some(wanted) = options.cache_mounts {
        return Ok(wanted);
    }
    let Some(comment) = head_comment(&options.source.data, HEAD) else {
        return Ok(false);
    };
    match comment.value.as_str() {
        "on" => Ok(true),
        "off" => Ok(false),
        value => {
            let message =
                format!("`{HEAD}={value}` says neither yes nor no; write `{HEAD}=on` or `{HEAD}=off`");
            Err(CompileError::new(message).at(comment.place()))
        }
    }
}

/// Lowers with them.
///
/// # Errors
/// As [`Lowering::run`].
pub(crate) fn run<'p, 'a>(
    plan: &'p Plan<'a>,
    answers: &'p Answers,
    facts: &'p mut Facts,
) -> Result<Planned<Lowering<'p, 'a>>, CompileErrors> {
    let full = plan.budget.clone();
    let mut unheard = Facts::default();
    let watch = Caching::Watch(Box::new(Seen {
        bases: plan
            .stages
            .iter()
            .map(|stage| stage.base.map(|id| id.0))
            .collect(),
        target: plan.target.0,
        has_scan: plan.options.scan_platform.is_some(),
        ..Seen::default()
    }));
    let watched = Lowering::run(plan, answers, &mut unheard, watch);
    let mounts = match watched {
        Ok(Planned::Needs(needs)) => return Ok(Planned::Needs(needs)),
        Ok(Planned::Ready(Lowering {
            caching: Caching::Watch(seen),
            ..
        })) => decide(&seen).into(),
        // The errors come up again, with their facts.
        _ => VecDeque::new(),
    };
    plan.budget.restore(&full);
    let added = Vec::new();
    Lowering::run(plan, answers, facts, Caching::Add { mounts, added })
}

impl Caching {
    fn seen(&mut self) -> Option<&mut Seen> {
        match self {
            Self::Watch(seen) => Some(seen),
            _ => None,
        }
    }

    /// Notes that something reads a path of a stage.
    pub(super) fn see_read(&mut self, stage: StageId, path: &str) {
        if let Some(seen) = self.seen() {
            seen.reads.push((stage.0, path.to_owned()));
        }
    }

    /// Notes where a COPY or ADD puts files.
    pub(super) fn see_copy(&mut self, stage: StageId, dest: &str) {
        if let Some(seen) = self.seen() {
            seen.copies.push((stage.0, dest.to_owned()));
        }
    }

    /// Notes an ONBUILD.
    pub(super) fn see_trigger(&mut self, stage: StageId) {
        if let Some(seen) = self.seen() {
            seen.triggers.insert(stage.0);
        }
    }

    /// Notes a RUN.
    pub(super) fn see_run(&mut self, run: SeenRun) {
        if let Some(seen) = self.seen() {
            seen.runs.push(run);
        }
    }

    /// The mounts of the next RUN.
    pub(super) fn next(&mut self) -> Vec<CacheMount> {
        match self {
            Self::Add { mounts, .. } => mounts.pop_front().unwrap_or_default(),
            _ => Vec::new(),
        }
    }

    /// Notes what was added.
    pub(super) fn note(&mut self, mount: AddedMount) {
        if let Self::Add { added, .. } = self {
            added.push(mount);
        }
    }

    /// Whether RUNs are looked at.
    pub(super) fn is_watching(&self) -> bool {
        matches!(self, Self::Watch(_))
    }

    /// All that was added.
    pub(crate) fn into_added(self) -> Vec<AddedMount> {
        match self {
            Self::Add { added, .. } => added,
            _ => Vec::new(),
        }
    }
}
