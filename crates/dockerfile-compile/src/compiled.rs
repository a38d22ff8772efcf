//! What a compilation yields.

use std::collections::{BTreeMap, BTreeSet};

use dockerfile_syntax::LineRange;
use dockerfile_syntax::env_file::Pair;
use dockerfile_syntax::instruction::pairs_file::PairsOf;
use llb_graph::{Marshalled, Platform};

use crate::answers::Need;
use crate::caching::{AddedMount, AskedCache};
use crate::error::CompileErrors;
use crate::lock::FoundSource;
use crate::view::{Explanation, Outline};
use crate::warning::Warning;

/// A value with the warnings that came up on the way; they survive an error.
#[derive(Clone, Debug)]
pub struct Warned<T> {
    /// The value proper.
    pub value: T,
    /// Warnings in the order in which they came up.
    pub warnings: Vec<Warning>,
}

/// How far one call of [`crate::compile`] came.
#[derive(Clone, Debug)]
pub enum Step {
    /// These answers are lacking; ask all of them at once and call again.
    Needs(BTreeSet<Need>),
    /// Done.
    Done(Box<Compiled>),
}

/// The result of [`crate::compile`]: a step or every error that was found.
pub type CompileResult = Result<Step, CompileErrors>;

/// The pairs that `ENV --file`, `ARG --file` or `LABEL --file` stands for.
#[derive(Clone, Debug)]
pub struct FilePairs {
    /// Which instruction it is.
    pub of: PairsOf,
    /// Its lines.
    pub lines: LineRange,
    /// The pairs, with values as they are; `None` where nobody could read the file.
    pub pairs: Option<Vec<Pair>>,
}

/// A build of one platform, ready to be solved.
#[derive(Clone, Debug)]
pub struct Compiled {
    /// The graph of the target stage; without operations when the result is empty (`FROM scratch` alone).
    pub definition: Marshalled,
    /// Config of the resulting image, JSON as BuildKit's exporters read it.
    pub image_config: Vec<u8>,
    /// Platform that the config names (normalised): os, architecture, version and features.
    pub image_platform: Platform,
    /// Config of the base image before any change; absent for `scratch` and local contexts.
    pub base_image_config: Option<Vec<u8>>,
    /// `SOURCE_DATE_EPOCH` in effect, in seconds since 1970.
    pub epoch: Option<i64>,
    /// The graphs of stages that have to succeed as well, each by itself; nothing of them is in the result.
    pub required: Vec<Marshalled>,
    /// The same graph as an SBOM scanner gets it; absent where that is the same, or no scan is asked for. As with the
    /// reference, steps on an empty base have there the platform of the frontend and not that of the result.
    pub scan_definition: Option<Marshalled>,
    /// Further graphs that an SBOM scanner is to look at (`context`, stage names), beside the target itself.
    pub scan_extras: BTreeMap<String, Marshalled>,
    /// Whether the target, or a scanned stage, ignores the cache.
    pub ignore_cache: bool,
    /// What instructions have of files, in the order of lowering; those above the first `FROM` first.
    pub file_pairs: Vec<FilePairs>,
    /// Cache mounts that nobody wrote.
    pub added_mounts: Vec<AddedMount>,
    /// What each `RUN --cache` came to.
    pub asked_caches: Vec<AskedCache>,
    /// What a client may pass to this build; there for a question ([`crate::BuildOptions::is_question`]).
    pub outline: Option<Outline>,
    /// What the build does, where somebody asks ([`crate::BuildOptions::explains`]).
    pub explanation: Option<Explanation>,
    /// What a lock has to have, where somebody asks ([`crate::BuildOptions::lists_sources`]).
    pub sources: Vec<FoundSource>,
}
