//! Which operations come from which instruction, for those who ask what a build does.

use std::collections::BTreeMap;
use std::ops::Range;

use llb_graph::FileSystem;

use super::{Lowering, StageLowering, StageState};
use crate::env::EnvList;
use crate::plan::StageId;

/// What was noted while stages were lowered; nothing unless [`crate::BuildOptions::explains`].
#[derive(Default)]
pub(crate) struct Trace {
    /// Every instruction, in the order of lowering.
    pub(crate) commands: Vec<TracedCommand>,
    /// What each stage started from.
    pub(crate) starts: BTreeMap<StageId, FileSystem>,
    /// The vertices of the main context.
    pub(crate) context: Range<usize>,
}

/// An instruction and what became of it.
pub(crate) struct TracedCommand {
    pub(crate) stage: StageId,
    /// Its place in the stage.
    pub(crate) index: usize,
    /// The vertices that it added.
    pub(crate) vertices: Range<usize>,
    /// Whether it, or one that it works on, runs in every build.
    pub(crate) always_runs: bool,
    /// The environment after it.
    pub(crate) env: EnvList,
}

impl Lowering<'_, '_> {
    /// Notes what a stage starts from.
    pub(super) fn trace_start(&mut self, id: StageId, state: &StageState) {
        if self.plan.options.explains {
            self.trace.starts.insert(id, state.fs);
        }
    }
}

impl StageLowering<'_, '_, '_> {
    /// Notes an instruction by its place in the stage and the first vertex that it may have added.
    pub(super) fn trace(&mut self, (index, first): (usize, usize)) {
        if self.all.plan.options.explains {
            self.all.trace.commands.push(TracedCommand {
                stage: self.id,
                index,
                vertices: first..self.all.graph.len(),
                always_runs: self.state.always_runs,
                env: self.state.env.clone(),
            });
        }
    }
}
