//! Which stages there are, what they stand on, which of them the target needs, and what is still unknown.

mod args;
mod base;
mod edges;
mod epoch;
mod global_files;
mod ground;
mod image_name;
mod named_context;
mod onbuild;
mod required;
mod stage;
mod table;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Deref;
use std::rc::Rc;
use std::sync::Arc;

use dockerfile_syntax::expand::Lexer;
use dockerfile_syntax::{Budget, Dockerfile, suggest};
use llb_graph::Platform;

pub(crate) use args::item_of;
pub(crate) use ground::Origin;
pub(crate) use named_context::{ContextSource, LocalContext};
pub(crate) use stage::{Command, Stage};

use crate::answers::{Answers, Need};
use crate::env::EnvList;
use crate::error::{CompileError, CompileErrors};
use crate::facts::Facts;
use crate::options::{BuildOptions, MainContext};

use base::Bases;
use global_files::GlobalFiles;
use named_context::ReadAnswers;
use table::Table;

/// More errors than this of one phase are not told.
const MAX_ERRORS: usize = 1000;

/// The name of the empty base.
pub(crate) const SCRATCH: &str = "scratch";

/// Index of a stage in [`Plan::stages`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct StageId(pub(crate) usize);

/// What is known from the start.
pub(crate) struct Inputs<'a> {
    pub(crate) file: &'a Dockerfile<'a>,
    pub(crate) options: &'a BuildOptions,
    /// What may still be made.
    pub(crate) budget: &'a Budget,
    /// The platform of the result, requested or implied.
    pub(crate) target_platform: Arc<Platform>,
}

/// What holds for all stages.
pub(crate) struct Globals<'a> {
    inputs: Inputs<'a>,
    /// Build arguments with `SOURCE_DATE_EPOCH` resolved to a number.
    pub(crate) build_args: Rc<BTreeMap<String, String>>,
    /// Global arguments, the built-in ones included.
    pub(crate) global_args: EnvList,
    /// Those of the other files of which stages are read.
    pub(super) module_args: Vec<EnvList>,
    /// `SOURCE_DATE_EPOCH` in seconds.
    pub(crate) epoch: Option<i64>,
    /// Files that `ARG --file` above the first `FROM` reads.
    pub(crate) global_files: GlobalFiles,
}

/// Everything that lowering needs to know before it starts.
pub(crate) struct Plan<'a> {
    globals: Globals<'a>,
    /// All stages: those of the file, then the images and contexts that instructions read from.
    pub(crate) stages: Vec<Stage<'a>>,
    pub(crate) target: StageId,
    pub(crate) reachable: BTreeSet<StageId>,
}

/// As far as a plan comes: complete, or the needs that keep it from being so.
pub(crate) enum Planned<T> {
    Needs(BTreeSet<Need>),
    Ready(T),
}

impl<'a> Plan<'a> {
    /// Plans the build as far as the answers reach.
    ///
    /// # Errors
    /// Every error of the stage table, then those of the first phase that has any.
    pub(crate) fn make(
        file: &'a Dockerfile<'a>,
        options: &'a BuildOptions,
        (answers, budget): (&Answers, &'a Budget),
        facts: &mut Facts,
    ) -> Result<Planned<Self>, CompileErrors> {
        let inputs = Inputs::new(file, options, budget)?;
        let mut read = ReadAnswers::default();
        let globals = match inputs.globals((answers, &mut read), facts)? {
            Planned::Needs(needs) => return Ok(Planned::Needs(needs)),
            Planned::Ready(globals) => globals,
        };
        let mut table = Table::of_file(globals, facts)?;
        let target = table.find_target()?;
        table.plan_edges(facts)?;
        let bases = Bases::new(table, target, (answers, read));
        Ok(match bases.find(facts)? {
            Planned::Needs(needs) => Planned::Needs(needs),
            Planned::Ready((Table { globals, stages, .. }, reachable)) => Planned::Ready(Self {
                globals,
                stages,
                target,
                reachable,
            }),
        })
    }

    /// The stage behind `id`.
    pub(crate) fn stage(&self, id: StageId) -> &Stage<'a> {
        &self.stages[id.0]
    }
}

impl<'a> Inputs<'a> {
    fn new(
        file: &'a Dockerfile<'a>,
        options: &'a BuildOptions,
        budget: &'a Budget,
    ) -> Result<Self, CompileError> {
        if file.stages.is_empty() {
            return Err(CompileError::new(
                "the Dockerfile has no stage to build; start one with `FROM IMAGE`, or `FROM scratch` for an empty image",
            ));
        }
        let mut platforms = options
            .target_platform
            .iter()
            .chain(options.build_platforms.first());
        let target_platform = platforms.next().cloned().unwrap_or_default();
        Ok(Self {
            file,
            options,
            budget,
            target_platform: Arc::new(target_platform),
        })
    }

    /// The lexer for words of this file.
    pub(crate) fn lexer(&self) -> Lexer {
        Lexer::new(self.file.escape)
    }

    /// Whether the client asked for a certain platform.
    pub(crate) fn is_implicit_target(&self) -> bool {
        self.options.target_platform.is_none()
    }

    /// What the main context still needs: its ignore file, where it has one.
    fn context_needs(&self) -> Option<Need> {
        matches!(self.options.main_context, MainContext::Local { .. }).then_some(Need::ContextIgnore)
    }
}

/// What is known from the start is still known later.
impl<'a> Deref for Globals<'a> {
    type Target = Inputs<'a>;

    fn deref(&self) -> &Inputs<'a> {
        &self.inputs
    }
}

/// What holds for all stages holds for the plan.
impl<'a> Deref for Plan<'a> {
    type Target = Globals<'a>;

    fn deref(&self) -> &Globals<'a> {
        &self.globals
    }
}

/// What it takes to compare two names, in steps of the budget.
const COMPARISON_STEPS: usize = 64;

/// The one of `known` that `word` may be a slip for. There are `count` of them, which are only listed where the budget
/// affords that: advice isn't worth more, and a file may have very many slips.
pub(crate) fn near_miss<K: AsRef<Vec<String>>>(
    budget: &Budget,
    word: &str,
    count: usize,
    known: impl FnOnce() -> K,
) -> Option<String> {
    if !budget.affords_steps(count.saturating_mul(COMPARISON_STEPS)) {
        return None;
    }
    let known = known();
    let known: Vec<&str> = known.as_ref().iter().map(String::as_str).collect();
    suggest::nearest(word, &known, true)
}

/// The result of a phase that may find several errors.
pub(crate) fn all_or_errors(errors: Vec<CompileError>) -> Result<(), CompileErrors> {
    let mut errors = errors.into_iter();
    match errors.next() {
        None => Ok(()),
        Some(first) => Err(CompileErrors {
            first: Box::new(first),
            others: errors.take(MAX_ERRORS).collect(),
        }),
    }
}

/// The shell answered something else than was asked: a bug of ours, told as an error.
pub(super) fn mismatched_answer(what: &str) -> CompileError {
    CompileError::new(format!(
        "internal error: the look-up of `{what}` was answered by something of another kind; please report this"
    ))
}
