//! Stages that have to succeed beside the target, `REQUIRE` of the dialect.

use std::collections::BTreeSet;

use llb_graph::collect;

use super::{Plan, StageId};

impl Plan<'_> {
    /// The stages that something of the build requires, the last of the file first, without those that are part of the
    /// target's graph or of an earlier one's: those succeed with it.
    pub(crate) fn required(&self) -> Vec<StageId> {
        let named = collect::set(self.requirements().map(|(_, required)| required));
        let mut covered = BTreeSet::new();
        if named.is_empty() {
            return Vec::new();
        }
        self.add_reads(self.target, &mut covered);
        let mut required = Vec::new();
        for id in named.into_iter().rev() {
            if !covered.contains(&id) {
                self.add_reads(id, &mut covered);
                required.push(id);
            }
        }
        required
    }

    /// Each stage of the build that requires another one, with that one.
    pub(crate) fn requirements(&self) -> impl Iterator<Item = (StageId, StageId)> {
        self.reachable.iter().flat_map(|id| {
            let stage = self.stage(*id);
            let requiring = stage.commands.iter().filter(|command| command.is_require());
            requiring
                .flat_map(|command| stage.sources(command))
                .map(|required| (*id, required))
        })
    }

    /// All that a stage stands on or reads, itself included, without what is only required.
    pub(crate) fn read_by(&self, id: StageId) -> BTreeSet<StageId> {
        let mut reads = BTreeSet::new();
        self.add_reads(id, &mut reads);
        reads
    }

    fn add_reads(&self, root: StageId, found: &mut BTreeSet<StageId>) {
        let mut open = vec![root];
        while let Some(id) = open.pop() {
            if found.insert(id) {
                open.extend(self.stage(id).reads());
            }
        }
    }
}
