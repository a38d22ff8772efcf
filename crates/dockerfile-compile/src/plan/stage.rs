//! The stage table: names, bases and platforms expanded, nothing looked up yet.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::ops::{Deref, Range};
use std::rc::Rc;
use std::sync::Arc;

use dockerfile_syntax::expand::{Expanded, Lexer};
use dockerfile_syntax::{
    Budget, FromInstruction, Instruction, InstructionKind, LineRange, Place, Word, lower,
};
use llb_graph::Platform;

use super::base::Origin;
use super::named_context::NamedContext;
use super::{Plan, SCRATCH, StageId, all_or_errors, near_miss};
use crate::env::EnvList;
use crate::error::{CompileError, CompileErrors};
use crate::facts::{Fact, Facts};
use crate::host;
use crate::options::NoCache;

/// A stage of the file, or an image or context that an instruction reads from.
pub(crate) struct Stage<'a> {
    /// The `FROM`; absent for an image or context that is only read from.
    pub(crate) from: Option<&'a FromInstruction<'a>>,
    /// What progress and errors call it: its name or `stage-N`; empty where there is nothing to tell apart.
    pub(crate) display_name: Cow<'a, str>,
    /// The base as expanded.
    pub(crate) base_name: Rc<str>,
    /// `--platform`, later the platform in effect.
    pub(crate) platform: Option<Arc<Platform>>,
    /// The stage of this file that it stands on.
    pub(crate) base: Option<StageId>,
    /// Stages that its instructions read, with the lines of the instruction and the bytes that name the stage: one for
    /// `COPY --from`, one for each mount of a `RUN`.
    pub(crate) deps: Vec<(StageId, Place)>,
    pub(crate) commands: Vec<Command<'a>>,
    /// How many steps progress counts; 0 gives names without a counter.
    pub(crate) total: usize,
    /// The same without the steps of triggers, which are not known yet when the base is named.
    pub(crate) own_total: usize,
    /// How many steps were named before lowering starts.
    pub(crate) named_steps: usize,
    pub(crate) ignore_cache: bool,
    /// A named context that stands in for the whole stage.
    pub(crate) replaced_by: Option<NamedContext>,
    /// Where its file system comes from, once that is known; only for stages without `base`.
    pub(crate) origin: Option<Origin>,
    pub(crate) triggers_done: bool,
    /// How many triggers stand between the file and this stage, each of an image that the one before it reads.
    pub(crate) trigger_depth: u8,
    /// The lines that the graph names for steps of its base's triggers; none, which is line 0, where a mount of the file
    /// reads it.
    pub(crate) trigger_lines: LineRange,
    /// The lines that the graph names: those of the `FROM`, or of the `COPY` that reads an implicit one.
    pub(crate) lines: Option<LineRange>,
    /// For errors: the lines, and the bytes that name its base or, where it is implicit, itself.
    pub(crate) place: Place,
}

/// An instruction of a stage.
pub(crate) struct Command<'a> {
    pub(crate) instruction: Written<'a>,
    /// What it reads: its part of [`Stage::deps`].
    pub(super) deps: Range<usize>,
}

impl Command<'_> {
    /// Whether it comes from a trigger of the base.
    pub(crate) fn is_trigger(&self) -> bool {
        matches!(self.instruction, Written::AsTrigger(_))
    }
}

/// An instruction where it is written.
pub(crate) enum Written<'a> {
    InFile(&'a Instruction<'a>),
    /// As a trigger of the base.
    AsTrigger(Rc<Instruction<'static>>),
}

impl<'a> Deref for Written<'a> {
    type Target = Instruction<'a>;

    fn deref(&self) -> &Instruction<'a> {
        match self {
            Self::InFile(instruction) => instruction,
            Self::AsTrigger(instruction) => instruction,
        }
    }
}

impl<'a> Stage<'a> {
    /// An image or context that an instruction reads from by name.
    pub(super) fn implicit(name: impl Into<Rc<str>>, lines: Option<LineRange>, place: Place) -> Self {
        Self {
            from: None,
            display_name: Cow::default(),
            base_name: name.into(),
            platform: None,
            base: None,
            deps: Vec::new(),
            commands: Vec::new(),
            total: 0,
            own_total: 0,
            named_steps: 0,
            ignore_cache: false,
            replaced_by: None,
            origin: None,
            triggers_done: false,
            trigger_depth: 0,
            trigger_lines: lines.unwrap_or_default(),
            lines,
            place,
        }
    }

    /// Whether it is not a stage of the file.
    pub(crate) fn is_implicit(&self) -> bool {
        self.from.is_none()
    }

    /// The stages that one of its commands reads.
    pub(crate) fn sources(&self, command: &Command<'_>) -> impl Iterator<Item = StageId> {
        self.deps[command.deps.clone()].iter().map(|(id, _)| *id)
    }

    /// The name given with `AS`.
    pub(crate) fn name(&self) -> Option<&'a str> {
        self.from.and_then(|from| from.name.as_deref())
    }
}

impl<'a> Plan<'a> {
    /// Fills [`Plan::stages`] with the stages of the file.
    pub(super) fn plan_stages(&mut self, facts: &mut Facts) -> Result<(), CompileErrors> {
        let mut errors = Vec::new();
        let args = FromArgs {
            lexer: self.lexer(),
            env: self.global_args.clone(),
            names: self.arg_names(),
            budget: self.budget,
        };
        for (index, declared) in self.file.stages.iter().enumerate() {
            let from = &declared.from;
            match self.plan_stage(from, &args, facts) {
                Ok(mut stage) => {
                    if stage.replaced_by.is_none() {
                        stage.display_name = match &from.name {
                            Some(name) => Cow::Borrowed(name),
                            None => format!("stage-{index}").into(),
                        };
                        let own_base = *stage.base_name != *SCRATCH && self.base_of(&stage).is_none();
                        stage.total = usize::from(own_base) + count_steps(&declared.instructions);
                        stage.own_total = stage.total;
                        stage.ignore_cache = self.ignores_cache(from.name.as_deref().unwrap_or_default());
                    }
                    self.add_stage(stage);
                }
                Err(error) => {
                    errors.push(error.at(from.meta.place()));
                    self.add_stage(Stage {
                        from: Some(from),
                        ..Stage::implicit(SCRATCH, Some(from.meta.lines), from.meta.place())
                    });
                }
            }
        }
        all_or_errors(errors)
    }

    fn plan_stage(
        &self,
        from: &'a FromInstruction<'a>,
        args: &FromArgs<'_>,
        facts: &mut Facts,
    ) -> Result<Stage<'a>, CompileError> {
        let base = args.expand(&from.base, from, facts)?;
        if base.text.is_empty() {
            return Err(CompileError::about(
                &from.base,
                format!(
                    "the base `{}` is empty once its variables are filled in; give the ARG a default before the first FROM, or pass --build-arg",
                    from.base
                ),
            ));
        }
        let lines = from.meta.lines;
        let place = lines.with(from.base.span);
        // Neighbours often stand on the same image.
        let neighbour = self.stages.last().map(|stage| &stage.base_name);
        let neighbour = neighbour.filter(|name| ***name == *base.text);
        let base_name = neighbour.map_or_else(|| base.text.into(), Rc::clone);
        let mut stage = Stage {
            from: Some(from),
            ..Stage::implicit(base_name, Some(lines), place)
        };
        if let Some(expression) = &from.platform {
            stage.platform = Some(Arc::new(self.plan_platform(expression, from, args, facts)?));
        }
        if let Some(name) = &from.name {
            let place = lines.with(name.span);
            let context = self.stage_context(name, stage.platform.as_deref());
            stage.replaced_by = context.map_err(|error| error.at(place))?;
            if stage.replaced_by.is_some() {
                stage.display_name = Cow::Borrowed(name);
                // Nothing is read of what it stands on.
                stage.place = place;
            }
        }
        Ok(stage)
    }

    /// `--platform` of a `FROM`.
    fn plan_platform(
        &self,
        expression: &Word<'_>,
        from: &FromInstruction<'_>,
        args: &FromArgs<'_>,
        facts: &mut Facts,
    ) -> Result<Platform, CompileError> {
        let expanded = args.expand(expression, from, facts)?;
        note_platform(expression, &expanded, from, args, facts);
        let hint = || {
            let close = expanded
                .unmatched
                .iter()
                .find_map(|name| near_miss(name, &args.names));
            close
                .map(|name| format!(" (did you mean ${name}?)"))
                .unwrap_or_default()
        };
        if expanded.text.is_empty() {
            return Err(CompileError::about(
                expression,
                format!(
                    "--platform={expression} is empty once its variables are filled in; expected OS/ARCH such as linux/arm64{}",
                    hint()
                ),
            ));
        }
        Platform::parse(&expanded.text, &host::platform()).map_err(|error| {
            CompileError::about(expression, format!(
                "--platform={expression} is not a platform: {error}; expected OS/ARCH such as linux/arm64{}",
                hint()
            ))
        })
    }

    /// The stage of the file that `stage` stands on: the name must match to the letter.
    fn base_of(&self, stage: &Stage<'_>) -> Option<StageId> {
        self.by_name.get(&*stage.base_name).copied()
    }

    /// Adds a stage; a stage replaced by a context stands on nothing.
    pub(super) fn add_stage(&mut self, mut stage: Stage<'a>) -> StageId {
        let id = StageId(self.stages.len());
        if stage.replaced_by.is_none() {
            stage.base = self.base_of(&stage);
        }
        if let Some(name) = stage.name() {
            self.by_name.insert(lower(name), id);
        }
        self.numbering.push(id);
        self.stages.push(stage);
        id
    }

    /// The stage called `name`, in any case.
    pub(super) fn stage_by_name(&self, name: &str) -> Option<StageId> {
        self.by_name.get(&*lower(name)).copied()
    }

    /// The stage that the build is for.
    pub(super) fn find_target(&self) -> Result<StageId, CompileError> {
        match self.options.target.as_deref() {
            None | Some("") => self
                .numbering
                .last()
                .copied()
                .ok_or_else(|| CompileError::new("the Dockerfile has no stage to build")),
            Some(name) => self.stage_by_name(name).ok_or_else(|| {
                let names = self.stage_names();
                let close = near_miss(name, &names).map(|close| format!(" (did you mean `{close}`?)"));
                let known = match close {
                    Some(close) => close,
                    None => format!("; its stages are {}", names.join(", ")),
                };
                CompileError::new(format!(
                    "the Dockerfile has no stage `{name}` to build as target{known}"
                ))
            }),
        }
    }

    fn ignores_cache(&self, name: &str) -> bool {
        match &self.options.no_cache {
            NoCache::Off => false,
            NoCache::All => true,
            NoCache::Stages(names) => names.iter().any(|listed| lower(listed) == lower(name)),
        }
    }

    /// Names that a `FROM` may use.
    fn arg_names(&self) -> Rc<Vec<String>> {
        let declared = self
            .file
            .global_args
            .iter()
            .flat_map(|instruction| match &instruction.kind {
                InstructionKind::Arg(items) => items.iter().map(|item| item.key.to_string()).collect(),
                _ => Vec::new(),
            });
        let names: BTreeSet<String> = self.global_args.keys().into_iter().chain(declared).collect();
        Rc::new(names.into_iter().collect())
    }
}

/// What a `FROM` may refer to.
struct FromArgs<'b> {
    lexer: Lexer,
    env: EnvList,
    names: Rc<Vec<String>>,
    budget: &'b Budget,
}

impl FromArgs<'_> {
    fn expand<'w>(
        &self,
        word: &'w Word<'_>,
        from: &FromInstruction<'_>,
        facts: &mut Facts,
    ) -> Result<Expanded<'w>, CompileError> {
        let expanded = self.lexer.process_word(word, &self.env, self.budget);
        let unmatched = match &expanded {
            Ok(expanded) => &expanded.unmatched,
            Err(error) => &error.unmatched,
        };
        for name in unmatched.iter().filter(|name| !self.names.contains(name)) {
            let fact = Fact::UndefinedArgInFrom {
                name: name.clone(),
                suggestion: near_miss(name, &self.names),
            };
            facts.note(fact, from.meta.lines, &from.meta.comments);
        }
        expanded.map_err(|error| CompileError::about(word, error.to_string()))
    }
}

fn note_platform(
    expression: &str,
    expanded: &Expanded<'_>,
    from: &FromInstruction<'_>,
    args: &FromArgs<'_>,
    facts: &mut Facts,
) {
    const TARGET: &str = "TARGETPLATFORM";
    let mut note = |fact| facts.note(fact, from.meta.lines, &from.meta.comments);
    let target_only = expanded.matched.len() == 1 && expanded.matched.contains(TARGET);
    let value = args.env.lookup(TARGET).unwrap_or_default();
    if target_only && expanded.unmatched.is_empty() && expanded.text == value {
        note(Fact::RedundantTargetPlatform {
            expression: expression.to_owned(),
        });
    }
    if !expanded.matched.is_empty() || !expanded.unmatched.is_empty() {
        return;
    }
    let Ok(platform) = Platform::parse(&expanded.text, &host::platform()) else {
        return;
    };
    let name = from.name.as_deref().unwrap_or_default();
    if !name.contains(&platform.os) && !name.contains(&platform.architecture) {
        note(Fact::FromPlatformFlagConst {
            platform: expanded.text.to_string(),
        });
    }
}

/// How many of the instructions are steps that progress counts.
fn count_steps(instructions: &[Instruction<'_>]) -> usize {
    let is_step = |kind: &InstructionKind<'_>| {
        matches!(
            kind,
            InstructionKind::Add(_)
                | InstructionKind::Copy(_)
                | InstructionKind::Run(_)
                | InstructionKind::Workdir(_)
        )
    };
    instructions
        .iter()
        .filter(|instruction| is_step(&instruction.kind))
        .count()
}
