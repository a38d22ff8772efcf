//! Cache mounts that nobody wrote, for the tools that a RUN uses: which of them leave the image as it is.
//!
//! What a RUN's own text says is read by `script`; here is what the other instructions say against a mount. A mount that
//! may change what is built, or break a build whose cache was emptied, is not made.

mod asked;
mod folder;
mod script;

use std::collections::BTreeSet;

use dockerfile_syntax::LineRange;
use shell_commands::tools::CacheKind;

pub(crate) use asked::caches_of;
use folder::{is_at_or_below, is_related};
pub use script::{CacheMount, Runner, cache_mounts};
pub(crate) use script::{Reading, read, unread};

/// A cache mount that nobody wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddedMount {
    /// The lines of the RUN.
    pub lines: LineRange,
    /// Where it is mounted.
    pub target: String,
    /// The cache that it is.
    pub id: String,
}

/// A cache mount that `RUN --cache` asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AskedCache {
    /// The lines of the RUN.
    pub lines: LineRange,
    /// What it came to.
    pub mount: CacheMount,
}

/// A RUN where it stands.
pub(crate) struct SeenRun {
    /// The index of its stage.
    pub(crate) stage: usize,
    pub(crate) reading: Reading,
    /// The targets of the mounts that are written.
    pub(crate) mounts: Vec<String>,
    /// It reaches no network.
    pub(crate) is_cut_off: bool,
    /// It has secrets or agents of the client, or settings of git that may hold one.
    pub(crate) has_secrets: bool,
}

/// All instructions of a build that have to do with caches.
#[derive(Default)]
pub(crate) struct Seen {
    /// By stage, the one that it stands on.
    pub(crate) bases: Vec<Option<usize>>,
    /// The stage whose files are the result's.
    pub(crate) target: usize,
    /// Stages whose files are looked at as they are: what their tools use in place is a part of them.
    pub(crate) has_scan: bool,
    /// In file order.
    pub(crate) runs: Vec<SeenRun>,
    /// Destinations of COPY and ADD, by stage.
    pub(crate) copies: Vec<(usize, String)>,
    /// Paths that other instructions read from a stage.
    pub(crate) reads: Vec<(usize, String)>,
    /// Stages that leave instructions for those who build on their image.
    pub(crate) triggers: BTreeSet<usize>,
}

/// Who writes more stages or RUNs than this by hand, and who more copies, gets no mounts: each is held against all others.
const MOST_STAGES: usize = 300;
const MOST_COPIES: usize = 3000;

/// The mounts of each RUN, in the order of [`Seen::runs`].
pub(crate) fn decide(seen: &Seen) -> Vec<Vec<CacheMount>> {
    if seen.bases.len().max(seen.runs.len()) > MOST_STAGES
        || seen.copies.len().max(seen.reads.len()) > MOST_COPIES
    {
        return Vec::new();
    }
    let chains = Chains::of(seen);
    let allowed = |run: &SeenRun| {
        let mounts = run.reading.mounts.iter();
        let mounts = mounts.filter(|mount| seen.allows(&chains, run, mount));
        mounts.cloned().collect()
    };
    let mut decided: Vec<Vec<CacheMount>> = seen.runs.iter().map(allowed).collect();
    // Without the one mount another may be of no use, or harm.
    loop {
        let keeps = |(index, mounts): (usize, &Vec<CacheMount>)| {
            let kept = mounts.iter();
            let kept = kept.filter(|mount| seen.fits(&chains, &decided, index, mount));
            kept.cloned().collect()
        };
        let next: Vec<Vec<CacheMount>> = decided.iter().enumerate().map(keeps).collect();
        if next == decided {
            return decided;
        }
        decided = next;
    }
}

/// Which stages stand on which.
struct Chains(Vec<BTreeSet<usize>>);

impl Chains {
    fn of(seen: &Seen) -> Self {
        let chain = |stage| {
            let mut chain = BTreeSet::new();
            let mut at = Some(stage);
            while let Some(stage) = at.filter(|stage| chain.insert(*stage)) {
                at = seen.bases.get(stage).copied().flatten();
            }
            chain
        };
        Self((0..seen.bases.len()).map(chain).collect())
    }

    /// Whether a stage is another, or stands on it.
    fn is_on(&self, stage: usize, other: usize) -> bool {
        self.0.get(stage).is_some_and(|chain| chain.contains(&other))
    }
}

impl Seen {
    /// Whether all but the other RUNs agree to a mount.
    fn allows(&self, chains: &Chains, run: &SeenRun, mount: &CacheMount) -> bool {
        let is_written = run.mounts.iter().any(|target| is_related(target, &mount.folder));
        let mut triggers = self.triggers.iter();
        let has_trigger = triggers.any(|stage| chains.is_on(*stage, run.stage));
        let is_in_place = mount.cache.kind == CacheKind::InPlace;
        // What is used where it lies would be missing in the result. And where it was fetched with a secret, a later step
        // could not fetch it again.
        let is_needed =
            is_in_place && (self.has_scan || run.has_secrets || chains.is_on(self.target, run.stage));
        !is_written
            && !has_trigger
            && !is_needed
            && !run.is_cut_off
            && !self.is_read(chains, run, &mount.folder)
            && !self.is_copied(chains, run, mount)
    }

    /// Whether the other RUNs that see the same files agree to a mount, with the mounts that they have.
    fn fits(&self, chains: &Chains, decided: &[Vec<CacheMount>], index: usize, mount: &CacheMount) -> bool {
        let Some(run) = self.runs.get(index) else {
            return false;
        };
        let others = self.runs.iter().zip(decided).enumerate();
        others
            .filter(|(at, _)| *at != index)
            .all(|(at, (other, mounts))| {
                let is_covered = mounts.iter().any(|own| own.folder == mount.folder)
                    || other
                        .mounts
                        .iter()
                        .any(|target| is_at_or_below(&mount.folder, target));
                let is_same = other.stage == run.stage;
                let is_later = if is_same {
                    at > index
                } else {
                    chains.is_on(other.stage, run.stage)
                };
                let is_earlier = if is_same {
                    at < index
                } else {
                    chains.is_on(run.stage, other.stage)
                };
                let uses = other
                    .reading
                    .uses
                    .iter()
                    .any(|used| used.tool == mount.tool && used.is_fetching);
                let is_in_place = mount.cache.kind == CacheKind::InPlace;
                // What the layers hold already is not fetched twice.
                let is_wasteful = is_earlier && is_in_place && uses && !is_covered;
                !is_wasteful && (!is_later || allows_before(other, mount, is_covered))
            })
    }

    fn is_read(&self, chains: &Chains, run: &SeenRun, folder: &str) -> bool {
        let mut reads = self.reads.iter();
        reads.any(|(stage, path)| chains.is_on(*stage, run.stage) && names(path, folder))
    }

    /// Whether an instruction puts files into the folder, which a mount would hide.
    fn is_copied(&self, chains: &Chains, run: &SeenRun, mount: &CacheMount) -> bool {
        self.copies.iter().any(|(stage, dest)| {
            let dest = llb_graph::path::clean(dest);
            let is_in_chain = chains.is_on(*stage, run.stage) || chains.is_on(run.stage, *stage);
            let is_in_place = mount.cache.kind == CacheKind::InPlace;
            is_in_chain
                && (is_at_or_below(&dest, &mount.folder)
                    || (is_in_place && is_at_or_below(&mount.folder, &dest)))
        })
    }
}

/// Whether a later RUN can do without what an earlier one would leave in a folder.
fn allows_before(later: &SeenRun, mount: &CacheMount, is_covered: bool) -> bool {
    let uses = || later.reading.uses.iter().filter(|used| used.tool == mount.tool);
    let is_offline = uses().any(|used| used.is_offline || (later.is_cut_off && used.is_fetching));
    if mount.cache.kind == CacheKind::Compiled {
        return true;
    }
    if is_offline {
        return false;
    }
    if mount.cache.kind == CacheKind::InPlace {
        let is_apart = later.reading.is_known && uses().next().is_none();
        return is_covered || is_apart;
    }
    // A list that is fetched apart from what is installed by it.
    let needs = later.reading.is_unread || uses().any(|used| used.is_fetching);
    mount.cache.filled_by.is_none() || is_covered || !needs
}

/// Whether a path, which may have wildcards, has to do with a folder.
fn names(path: &str, folder: &str) -> bool {
    let start = path.split(['*', '?', '[']).next().unwrap_or_default();
    let is_pattern = start.len() < path.len();
    let start = ["/", start.trim_start_matches('/')].concat();
    is_related(&llb_graph::path::clean(&start), folder) || (is_pattern && folder.starts_with(&start))
}
