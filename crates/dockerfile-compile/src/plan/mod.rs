//! Which stages there are, what they stand on, which of them the target needs, and what is still unknown.

mod args;
mod base;
mod edges;
mod epoch;
mod image_name;
mod named_context;
mod onbuild;
mod stage;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::Arc;

use dockerfile_syntax::expand::Lexer;
use dockerfile_syntax::{Budget, Dockerfile, suggest};
use llb_graph::Platform;

pub(crate) use base::{BaseImage, Origin};
pub(crate) use named_context::{ContextSource, LocalContext};
pub(crate) use stage::{Command, Stage};

use crate::answers::{Answers, Need};
use crate::env::EnvList;
use crate::error::{CompileError, CompileErrors};
use crate::facts::Facts;
use crate::options::{BuildOptions, MainContext};

use image_name::ImageNames;

/// More errors than this of one phase are not told.
const MAX_ERRORS: usize = 1000;

/// The name of the empty base.
pub(crate) const SCRATCH: &str = "scratch";

/// Index of a stage in [`Plan::stages`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct StageId(pub(crate) usize);

/// Everything that lowering needs to know before it starts.
pub(crate) struct Plan<'a> {
    pub(crate) file: &'a Dockerfile<'a>,
    pub(crate) options: &'a BuildOptions,
    /// What may still be made.
    pub(crate) budget: &'a Budget,
    /// Build arguments with `SOURCE_DATE_EPOCH` resolved to a number.
    pub(crate) build_args: Rc<BTreeMap<String, String>>,
    /// The platform of the result, requested or implied.
    pub(crate) target_platform: Arc<Platform>,
    /// Global arguments, the built-in ones included.
    pub(crate) global_args: EnvList,
    /// `SOURCE_DATE_EPOCH` in seconds.
    pub(crate) epoch: Option<i64>,
    /// All stages: those of the file, then the images and contexts that instructions read from.
    pub(crate) stages: Vec<Stage<'a>>,
    /// What `COPY --from=N` counts; the shared empty stage may stand in it many times.
    pub(crate) numbering: Vec<StageId>,
    /// Stages by lower-case name; the last definition wins.
    by_name: BTreeMap<Cow<'a, str>, StageId>,
    /// The one empty stage that mounts without `from` refer to.
    empty_stage: Option<StageId>,
    pub(crate) target: StageId,
    pub(crate) reachable: BTreeSet<StageId>,
    /// What contexts are loaded from, read once.
    read: named_context::ReadAnswers,
    /// The images that bases name, each name read once.
    names: ImageNames,
    /// Images that were asked for, each read once; `None` where the answer is missing.
    images: BTreeMap<AskedFor, Option<Rc<BaseImage>>>,
}

/// An image's full name, and the platform.
type AskedFor = (Rc<str>, Arc<Platform>);

/// A plan in the making: complete, or the needs that keep it from being so.
pub(crate) enum Planned<'a> {
    Needs(BTreeSet<Need>),
    Ready(Box<Plan<'a>>),
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
    ) -> Result<Planned<'a>, CompileErrors> {
        if file.stages.is_empty() {
            return Err(CompileError::new(
                "the Dockerfile has no stage to build; start one with `FROM IMAGE`, or `FROM scratch` for an empty image",
            )
            .into());
        }
        let target_platform = options
            .target_platform
            .clone()
            .or_else(|| options.build_platforms.first().cloned())
            .unwrap_or_default();
        let mut plan = Self {
            file,
            options,
            budget,
            build_args: Rc::new(options.build_args.clone()),
            target_platform: Arc::new(target_platform),
            global_args: EnvList::default(),
            epoch: None,
            stages: Vec::with_capacity(file.stages.len()),
            numbering: Vec::with_capacity(file.stages.len()),
            by_name: BTreeMap::new(),
            empty_stage: None,
            target: StageId(0),
            reachable: BTreeSet::new(),
            read: named_context::ReadAnswers::default(),
            names: ImageNames::default(),
            images: BTreeMap::new(),
        };
        plan.plan_global_args(facts)?;
        if let Some(need) = plan.plan_epoch(answers)? {
            return Ok(Planned::Needs(BTreeSet::from([need])));
        }
        plan.plan_stages(facts)?;
        plan.target = plan.find_target()?;
        plan.plan_edges()?;
        let needs = plan.plan_bases(answers, facts)?;
        if needs.is_empty() {
            Ok(Planned::Ready(Box::new(plan)))
        } else {
            Ok(Planned::Needs(needs))
        }
    }

    /// The lexer for words of this file.
    pub(crate) fn lexer(&self) -> Lexer {
        Lexer::new(self.file.escape)
    }

    /// The stage behind `id`.
    pub(crate) fn stage(&self, id: StageId) -> &Stage<'a> {
        &self.stages[id.0]
    }

    pub(crate) fn stage_mut(&mut self, id: StageId) -> &mut Stage<'a> {
        &mut self.stages[id.0]
    }

    /// Whether the client asked for a certain platform.
    pub(crate) fn is_implicit_target(&self) -> bool {
        self.options.target_platform.is_none()
    }

    /// What the main context still needs: its ignore file, where it has one.
    fn context_needs(&self) -> Option<Need> {
        matches!(self.options.main_context, MainContext::Local { .. }).then_some(Need::ContextIgnore)
    }

    /// Names of the stages, for "did you mean".
    pub(crate) fn stage_names(&self) -> Vec<String> {
        self.stages
            .iter()
            .map(|stage| stage.display_name.to_string())
            .filter(|name| !name.is_empty())
            .collect()
    }
}

/// The one of `known` that `word` may be a slip for.
pub(crate) fn near_miss(word: &str, known: &[String]) -> Option<String> {
    let known: Vec<&str> = known.iter().map(String::as_str).collect();
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
