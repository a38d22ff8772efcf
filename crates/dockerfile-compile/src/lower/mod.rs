//! From a plan to LLB: one file an instruction, and here nothing but the order of things.

mod add;
mod arg;
pub(crate) mod cache_mounts;
mod chmod;
mod cmd;
mod context;
mod copy;
mod copy_git;
mod entrypoint;
mod env;
mod expose;
mod healthcheck;
mod history;
mod label;
mod maintainer;
mod name;
mod onbuild;
mod pairs_file;
mod reach;
mod run;
mod shell;
mod start;
mod state;
mod step;
mod stopsignal;
mod trace;
mod unset;
mod user;
mod volume;
mod workdir;

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

use dockerfile_syntax::InstructionKind;
use dockerfile_syntax::budget::MESSAGE_BYTES;
use dockerfile_syntax::expand::Lexer;
use dockerfile_syntax::ignore::Matcher;
use llb_graph::{Graph, Output, SourceMap, SourceMapId, digest};

use crate::answers::Answers;
use crate::caching::AskedCache;
use crate::error::{CompileError, CompileErrors};
use crate::facts::Facts;
use crate::options::SourceFile;
use crate::plan::{Command, LocalContext, Plan, Planned, StageId, all_or_errors};

use history::HistoryTree;
use pairs_file::PairsFiles;

pub(crate) use cache_mounts::Caching;
pub(crate) use state::{StageState, WantedKind};
pub(crate) use trace::{Trace, TracedCommand};

/// The graph of all lowered stages.
pub(crate) struct Lowering<'p, 'a> {
    pub(crate) plan: &'p Plan<'a>,
    pub(crate) graph: Graph,
    pub(crate) history: HistoryTree,
    /// By file.
    maps: Vec<SourceMapId>,
    lexer: Lexer,
    facts: &'p mut Facts,
    /// By stage; absent until its turn.
    states: Vec<Option<StageState>>,
    /// The source of the main context, made when the first instruction reads it.
    main_context: Option<Output>,
    /// Paths of the main context that are read.
    context_paths: BTreeSet<String>,
    /// Named local contexts with the stage that they stand in for.
    local_contexts: Vec<(Output, LocalContext, StageId)>,
    /// By the first stage of a chain, the paths that others read from it.
    stage_paths: BTreeMap<StageId, BTreeSet<String>>,
    /// The ignore file of the main context, where it has patterns.
    ignore: Option<Ignore>,
    /// Tells this build from others that a client shows beside it; made when first asked for.
    build_key: OnceCell<String>,
    /// Which operations come from which instruction, where somebody wants to know.
    pub(crate) trace: Trace,
    pub(crate) caching: Caching,
    /// The mounts that `RUN --cache` came to, in the order of lowering.
    pub(crate) asked_caches: Vec<AskedCache>,
    pub(crate) pairs: PairsFiles<'p>,
    /// Downloads and repositories, where somebody wants to lock them.
    reached: Vec<reach::Reached>,
}

/// How many times as long as a file its operations are: about, in files of many stages with mounts.
const ROOM: usize = 8;

/// A bug of whoever compiles a file of the dialect without what it includes.
const NOT_INCLUDED: &str = "internal error: the file that INCLUDE names was not read; please report this";

/// What a line of an instruction takes in a graph at least, where there are many.
const LINE_BYTES: usize = 12;

/// Patterns of files that are not sent.
struct Ignore {
    patterns: Vec<String>,
    matcher: Matcher,
}

/// One stage while its instructions are lowered.
struct StageLowering<'l, 'p, 'a> {
    all: &'l mut Lowering<'p, 'a>,
    id: StageId,
    state: StageState,
}

impl<'p, 'a> Lowering<'p, 'a> {
    /// Lowers every stage that the target needs, as far as the answers reach.
    ///
    /// # Errors
    /// All errors of all stages, in file order.
    pub(crate) fn run(
        plan: &'p Plan<'a>,
        answers: &'p Answers,
        facts: &'p mut Facts,
        caching: Caching,
    ) -> Result<Planned<Self>, CompileErrors> {
        let source = &plan.options.source;
        plan.budget
            .spend(source.sent_bytes())
            .map_err(CompileError::from)?;
        let mut graph = Graph::for_daemon(plan.options.caps.clone());
        graph.reserve((source.data.len() * ROOM).min(MESSAGE_BYTES));
        let maps = (0..source.count()).map(|part| {
            let SourceFile {
                filename,
                data,
                language,
                definition,
                ..
            } = source.part(part).into_owned();
            graph.add_source_map(SourceMap {
                filename,
                data,
                language,
                definition,
            })
        });
        let maps = maps.collect();
        let mut lowering = Self {
            lexer: plan.lexer(),
            plan,
            graph,
            history: HistoryTree::default(),
            maps,
            facts,
            states: Vec::new(),
            main_context: None,
            context_paths: BTreeSet::new(),
            local_contexts: Vec::new(),
            stage_paths: BTreeMap::new(),
            ignore: None,
            build_key: OnceCell::new(),
            trace: Trace::default(),
            caching,
            asked_caches: Vec::new(),
            pairs: PairsFiles::new(plan, answers),
            reached: Vec::new(),
        };
        lowering.states.resize_with(plan.stages.len(), || None);
        lowering.ignore = lowering.read_ignore(answers)?;
        let mut errors = Vec::new();
        lowering.start_implicit_stages(&mut errors);
        for id in (0..plan.stages.len()).map(StageId) {
            let is_wanted = plan.options.all_stages || plan.reachable.contains(&id);
            if plan.budget.is_exceeded() {
                // Every line after it would fail as well.
                break;
            }
            if is_wanted && !plan.stage(id).is_implicit() {
                lowering.lower_stage(id, &mut errors);
            }
        }
        all_or_errors(errors)?;
        if !lowering.pairs.needs.is_empty() {
            return Ok(Planned::Needs(lowering.pairs.needs));
        }
        lowering.finish_contexts();
        Ok(Planned::Ready(lowering))
    }

    /// Images and contexts are there before any stage, whatever their place in the numbering.
    fn start_implicit_stages(&mut self, errors: &mut Vec<CompileError>) {
        for id in (0..self.plan.stages.len()).map(StageId) {
            let stage = self.plan.stage(id);
            let is_known = self.plan.reachable.contains(&id) || self.plan.options.all_stages;
            if !is_known || !(stage.is_implicit() || stage.replaced_by.is_some()) {
                continue;
            }
            match self.start(id) {
                Ok(state) => self.states[id.0] = Some(state),
                Err(error) => errors.push(error.at(stage.place)),
            }
        }
    }

    /// The id of one group of progress: its place in the graph of this file and platform, so that equal input gives
    /// equal output.
    fn group_id(&self, stage: StageId, name: &str) -> String {
        let build = self.build_key.get_or_init(|| {
            let file = digest(&self.plan.options.source.data);
            format!("{file} {}", self.plan.target_platform.format_all())
        });
        let seed = format!("{build} {} {} {name}", stage.0, self.graph.len());
        let id = digest(seed.as_bytes());
        id.chars().skip("sha256:".len()).take(25).collect()
    }

    fn lower_stage(&mut self, id: StageId, errors: &mut Vec<CompileError>) {
        let plan = self.plan;
        let stage = plan.stage(id);
        if self.states[id.0].is_some() && !plan.options.all_stages {
            return;
        }
        // What a context stands in for is looked at all the same, where all is.
        let started = match self.states[id.0].take() {
            Some(state) => Ok(state),
            None => self.start(id),
        };
        let started = started.and_then(|mut state| {
            state.module = stage.module;
            state.prepare(plan).map(|()| state)
        });
        let mut lowering = match started {
            Ok(state) => {
                self.trace_start(id, &state);
                StageLowering { all: self, id, state }
            }
            Err(error) => {
                errors.push(error.at(stage.place));
                return;
            }
        };
        lowering.all.pairs.stage = id;
        for (index, command) in stage.commands.iter().enumerate() {
            if plan.budget.is_exceeded() || lowering.waits_for(command) {
                break;
            }
            let first = lowering.all.graph.len();
            let lowered = lowering.lower(command);
            lowering.trace((index, first));
            // What a variable is that nobody knows decides whether it is one.
            let is_known = |_: &CompileError| {
                !lowering.state.lacks_variables || !command.instruction.meta.code.contains('$')
            };
            if let Some(error) = lowered.err().filter(is_known) {
                let place = match command.is_trigger() {
                    true => stage.place,
                    false => command.instruction.meta.place(),
                };
                errors.push(error.at(place));
                if matches!(
                    command.instruction.kind,
                    InstructionKind::Arg(_) | InstructionKind::Env(_) | InstructionKind::PairsFile(_)
                ) {
                    // What follows may use the variable, so its errors would not be its own.
                    break;
                }
            }
        }
        let state = lowering.state;
        self.states[id.0] = Some(state);
    }

    /// The state of a stage that was lowered.
    pub(crate) fn state(&self, id: StageId) -> Option<&StageState> {
        self.states.get(id.0).and_then(Option::as_ref)
    }
}

impl StageLowering<'_, '_, '_> {
    /// The state of a stage that is read, where it comes before this instruction. Triggers may read the stage that they
    /// run in, as far as it is made.
    fn source_state(&self, id: StageId) -> Option<&StageState> {
        match id == self.id {
            true => Some(&self.state),
            false => self.all.state(id),
        }
    }

    fn lower(&mut self, command: &Command<'_>) -> Result<(), CompileError> {
        self.state.always_runs |= command.instruction.kind.always_runs();
        // Each line is named in the graph.
        let meta = &command.instruction.meta;
        let more = meta.lines.end.saturating_sub(meta.lines.start);
        self.all.plan.budget.spend(more.saturating_mul(LINE_BYTES))?;
        match &command.instruction.kind {
            InstructionKind::Add(add) => self.lower_add(command, add),
            InstructionKind::Arg(items) => self.lower_arg(command, items),
            InstructionKind::Cmd(line) => self.lower_cmd(command, line),
            InstructionKind::Copy(copy) => self.lower_copy(command, copy),
            InstructionKind::Entrypoint(line) => self.lower_entrypoint(command, line),
            InstructionKind::Env(pairs) => self.lower_env(command, pairs),
            InstructionKind::Expose(ports) => self.lower_expose(command, ports),
            InstructionKind::Healthcheck(check) => self.lower_healthcheck(command, check),
            InstructionKind::Include(_) => Err(CompileError::new(NOT_INCLUDED)),
            InstructionKind::Label(pairs) => self.lower_label(command, pairs),
            InstructionKind::Maintainer(name) => self.lower_maintainer(name),
            InstructionKind::Onbuild(expression) => self.lower_onbuild(expression),
            InstructionKind::PairsFile(file) => self.lower_pairs_file(command, file),
            // It is no part of what the stage makes.
            InstructionKind::Require(_) => Ok(()),
            InstructionKind::Run(run) => self.lower_run(command, run),
            InstructionKind::Shell(words) => self.lower_shell(words),
            InstructionKind::Stopsignal(signal) => self.lower_stopsignal(command, signal),
            InstructionKind::Unset(unset) => self.lower_unset(command, unset),
            InstructionKind::User(user) => self.lower_user(command, user),
            InstructionKind::Volume(paths) => self.lower_volume(command, paths),
            InstructionKind::Workdir(path) => self.lower_workdir(command, path),
        }
    }
}
