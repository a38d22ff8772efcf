//! The stage table: names, bases and platforms expanded, nothing looked up yet.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Deref;
use std::rc::Rc;
use std::sync::Arc;

use dockerfile_syntax::expand::{Expanded, Lexer};
use dockerfile_syntax::{
    Budget, Dockerfile, FromInstruction, Instruction, InstructionKind, Meta, Word, lower,
};
use llb_graph::Platform;
use llb_graph::collect;

use super::stage::Stage;
use super::{Globals, SCRATCH, StageId, all_or_errors, near_miss};
use crate::env::EnvList;
use crate::error::{CompileError, CompileErrors};
use crate::facts::{Fact, Facts};
use crate::host;
use crate::options::NoCache;

/// The stages, and what they are called.
pub(super) struct Table<'a> {
    pub(super) globals: Globals<'a>,
    /// Those of the file, then the images and contexts that instructions read from.
    pub(super) stages: Vec<Stage<'a>>,
    /// What `COPY --from=N` counts, by file; the shared empty stage may stand in it many times.
    pub(super) numbering: Vec<Vec<StageId>>,
    /// Stages by lower-case name, by file; the last definition wins.
    by_name: Vec<BTreeMap<Cow<'a, str>, StageId>>,
    /// The one empty stage that mounts without `from` refer to.
    pub(super) empty_stage: Option<StageId>,
    /// Names that a `FROM` may use, sorted, by file.
    pub(super) arg_names: Vec<Rc<Vec<String>>>,
}

/// What holds for all stages is read in many places.
impl<'a> Deref for Table<'a> {
    type Target = Globals<'a>;

    fn deref(&self) -> &Globals<'a> {
        &self.globals
    }
}

impl<'a> Table<'a> {
    /// The stages of the file, with what they stand on and without what they read.
    ///
    /// # Errors
    /// Every stage whose `FROM` is wrong.
    pub(super) fn of_file(globals: Globals<'a>, facts: &mut Facts) -> Result<Self, CompileErrors> {
        let file = globals.file;
        let count = file.stages.len();
        let files = file.modules.len() + 1;
        let mut table = Self {
            arg_names: (0..files).map(|module| arg_names(&globals, module)).collect(),
            globals,
            stages: Vec::with_capacity(count),
            numbering: vec![Vec::new(); files],
            by_name: vec![BTreeMap::new(); files],
            empty_stage: None,
        };
        table.add_stages(file, facts)?;
        Ok(table)
    }

    fn add_stages(&mut self, file: &'a Dockerfile<'a>, facts: &mut Facts) -> Result<(), CompileErrors> {
        let mut errors = Vec::new();
        let mut args = self.args_for_from(0);
        for declared in &file.stages {
            let from = &declared.from;
            let module = declared.module;
            if module != args.module {
                args = self.args_for_from(module);
            }
            match self.plan_stage(from, &args, facts) {
                Ok(mut stage) => {
                    stage.module = module;
                    if stage.replaced_by.is_none() {
                        stage.display_name = self.display_name(from, module);
                        let own_base = *stage.base_name != *SCRATCH && stage.base.is_none();
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
                        module,
                        ..Stage::implicit(SCRATCH, Some(from.meta.lines), from.meta.place())
                    });
                }
            }
        }
        all_or_errors(errors)
    }

    /// What the names of sources may refer to in the file `module`.
    pub(super) fn args_for_from(&self, module: usize) -> FromArgs<'a> {
        FromArgs {
            module,
            lexer: self.lexer(),
            env: self.args_of(module).clone(),
            names: self.arg_names.get(module).map(Rc::clone).unwrap_or_default(),
            budget: self.budget,
        }
    }

    /// What progress and errors call a stage of the file `module`.
    fn display_name(&self, from: &'a FromInstruction<'a>, module: usize) -> Cow<'a, str> {
        let name = match &from.name {
            Some(name) => Cow::Borrowed(&**name),
            None => format!("stage-{}", self.numbering[module].len()).into(),
        };
        match module.checked_sub(1).and_then(|at| self.file.modules.get(at)) {
            Some(file) => format!("{}#{name}", file.name).into(),
            None => name,
        }
    }

    /// The stage of another file that a word names, if it names one.
    pub(super) fn linked(&self, word: &Word<'_>) -> Option<Result<StageId, CompileError>> {
        let link = self.file.named_link(word)?;
        // The stages of the file are the first in the table, in their order.
        Some(link.place.map(StageId).ok_or_else(|| {
            let names = self.names_in(link.module);
            let is_number = link.stage.bytes().all(|byte| byte.is_ascii_digit());
            let close = near_miss(self.budget, &link.stage, names.len(), || &names);
            let known = match close.filter(|_| !is_number) {
                Some(close) => format!(" (did you mean `{close}`?)"),
                None => format!("; its stages are {}", names.join(", ")),
            };
            CompileError::about(
                word,
                format!("`{word}`: that file has no stage `{}`{known}", link.stage),
            )
        }))
    }

    /// The stages of one file by name, or by number where they have none.
    fn names_in(&self, module: usize) -> Vec<String> {
        let stages = self.file.stages.iter().filter(|stage| stage.module == module);
        let names = stages.enumerate().map(|(number, stage)| match &stage.from.name {
            Some(name) => name.to_string(),
            None => number.to_string(),
        });
        names.collect()
    }

    fn plan_stage(
        &self,
        from: &'a FromInstruction<'a>,
        args: &FromArgs<'_>,
        facts: &mut Facts,
    ) -> Result<Stage<'a>, CompileError> {
        if let Some(linked) = self.linked(&from.base) {
            let place = from.meta.lines.with(from.base.span);
            let mut stage = Stage {
                from: Some(from),
                base: Some(linked?),
                ..Stage::implicit(from.base.as_str(), Some(from.meta.lines), place)
            };
            if let Some(expression) = &from.platform {
                stage.asked_platform = Some(Arc::new(self.plan_platform(expression, from, args, facts)?));
            }
            return Ok(stage);
        }
        let base = args.expand(&from.base, &from.meta, facts)?;
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
            stage.asked_platform = Some(Arc::new(self.plan_platform(expression, from, args, facts)?));
        }
        if let Some(name) = &from.name {
            let place = lines.with(name.span);
            let context = self.stage_context(name, stage.asked_platform.as_deref());
            stage.replaced_by = context.map_err(|error| error.at(place))?;
            if stage.replaced_by.is_some() {
                stage.display_name = Cow::Borrowed(name);
                // Nothing is read of what it stands on.
                stage.place = place;
            }
        }
        if stage.replaced_by.is_none() {
            // The name must match to the letter.
            stage.base = self.by_name[args.module].get(&*stage.base_name).copied();
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
        let expanded = args.expand(expression, &from.meta, facts)?;
        note_platform(expression, &expanded, from, args, facts);
        let hint = || {
            let close = expanded.unmatched.iter().find_map(|name| args.near_miss(name));
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

    /// Adds a stage.
    pub(super) fn add_stage(&mut self, stage: Stage<'a>) -> StageId {
        let id = StageId(self.stages.len());
        if let Some(name) = stage.name() {
            self.by_name[stage.module].insert(lower(name), id);
        }
        self.numbering[stage.module].push(id);
        self.stages.push(stage);
        id
    }

    /// The stage of a file called `name`, in any case.
    pub(super) fn stage_by_name(&self, module: usize, name: &str) -> Option<StageId> {
        self.by_name.get(module)?.get(&*lower(name)).copied()
    }

    /// The stage that the build is for.
    pub(super) fn find_target(&self) -> Result<StageId, CompileError> {
        match self.options.target.as_deref() {
            None | Some("") => self.numbering[0]
                .last()
                .copied()
                .ok_or_else(|| CompileError::new("the Dockerfile has no stage to build")),
            Some(name) => self.stage_by_name(0, name).ok_or_else(|| {
                let names = self.stage_names(0);
                let close = near_miss(self.budget, name, names.len(), || &names);
                let close = close.map(|close| format!(" (did you mean `{close}`?)"));
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

    /// The stage behind `id`.
    pub(super) fn stage(&self, id: StageId) -> &Stage<'a> {
        &self.stages[id.0]
    }

    pub(super) fn stage_mut(&mut self, id: StageId) -> &mut Stage<'a> {
        &mut self.stages[id.0]
    }

    /// Names of the stages of a file, for "did you mean".
    pub(super) fn stage_names(&self, module: usize) -> Vec<String> {
        self.stages
            .iter()
            .filter(|stage| stage.module == module)
            .map(|stage| stage.display_name.to_string())
            .filter(|name| !name.is_empty())
            .collect()
    }
}

/// Names that a `FROM` may use, sorted.
fn arg_names(globals: &Globals<'_>, module: usize) -> Rc<Vec<String>> {
    let declared = globals
        .file
        .args_of(module)
        .iter()
        .flat_map(|instruction| match &instruction.kind {
            InstructionKind::Arg(items) => items.iter().map(|item| item.key.to_string()).collect(),
            _ => Vec::new(),
        });
    let names = collect::set(globals.args_of(module).keys().into_iter().chain(declared));
    Rc::new(names.into_iter().collect())
}

/// What a `FROM` may refer to.
pub(super) struct FromArgs<'b> {
    /// The file that it is in.
    pub(super) module: usize,
    lexer: Lexer,
    env: EnvList,
    names: Rc<Vec<String>>,
    budget: &'b Budget,
}

impl FromArgs<'_> {
    /// The argument that `name` may be a slip for.
    pub(super) fn near_miss(&self, name: &str) -> Option<String> {
        near_miss(self.budget, name, self.names.len(), || Rc::clone(&self.names))
    }

    /// Fills in its variables, and notes those that there are not.
    pub(super) fn expand<'w>(
        &self,
        word: &'w Word<'_>,
        meta: &Meta<'_>,
        facts: &mut Facts,
    ) -> Result<Expanded<'w>, CompileError> {
        let expanded = self.lexer.process_word(word, &self.env, self.budget);
        let unmatched = match &expanded {
            Ok(expanded) => &expanded.unmatched,
            Err(error) => &error.unmatched,
        };
        for name in unmatched
            .iter()
            .filter(|name| self.names.binary_search(name).is_err())
        {
            let fact = Fact::UndefinedArgInFrom {
                name: name.clone(),
                suggestion: self.near_miss(name),
            };
            facts.note(fact, meta.lines, &meta.comments);
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
