//! `ENV --file`, `ARG --file` and `LABEL --file`, of the dialect: the pairs of a file as if they stood there.
//!
//! While a file isn't known, its stage waits, and so do those that build on it or read it; the others go on, so that
//! all that can be asked is asked at once.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use dockerfile_syntax::env_file::Pair;
use dockerfile_syntax::instruction::{PairsFile, pairs_file::PairsOf};
use dockerfile_syntax::{InstructionKind, LineRange, Word};
use llb_graph::{MarshalOptions, Marshalled, Output, SourceOp, VertexId};

use super::context::limit;
use super::{Lowering, StageLowering};
use crate::answers::{Answers, Need, StageFileRequest, StageGraph};
use crate::error::CompileError;
use crate::options::MainContext;
use crate::pairs::{Content, Known, answered, of_context, path_of};
use crate::paths::unix::rooted;
use crate::plan::{Command, Plan, StageId};

/// More files than this are not read: each may name the next one, in a round of its own.
const MOST_FILES: usize = 500;

/// What an instruction has read of a file.
pub(crate) struct PairsRead {
    /// `None` above the first `FROM`.
    pub(crate) stage: Option<StageId>,
    pub(crate) of: PairsOf,
    pub(crate) lines: LineRange,
    /// `None` where nobody can read it.
    pub(crate) pairs: Option<Vec<Pair>>,
}

/// What is known of such files, and what is not.
pub(crate) struct PairsFiles<'p> {
    answers: &'p Answers,
    /// What lacks.
    pub(super) needs: BTreeSet<Need>,
    pub(crate) read: Vec<PairsRead>,
    /// The stage that is lowered.
    pub(super) stage: StageId,
    /// Which paths each stage reads of which context, the main one for `None`; only where a file of a stage is read.
    paths: Option<Vec<(StageId, Option<StageId>, String)>>,
}

impl<'p> PairsFiles<'p> {
    pub(super) fn new(plan: &Plan<'_>, answers: &'p Answers) -> Self {
        let is_of_stage = |command: &Command<'_>| match &command.instruction.kind {
            InstructionKind::PairsFile(file) => file.from.is_some(),
            _ => false,
        };
        let is_on = plan.file.dialect.is_on;
        let mut commands = plan.stages.iter().flat_map(|stage| &stage.commands);
        let read = plan.global_files.iter().filter_map(|((module, index), pairs)| {
            Some(PairsRead {
                stage: None,
                of: PairsOf::Arg,
                lines: plan.file.args_of(*module).get(*index)?.meta.lines,
                pairs: pairs.as_deref().cloned(),
            })
        });
        Self {
            answers,
            needs: BTreeSet::new(),
            read: read.collect(),
            stage: plan.target,
            paths: (is_on && commands.any(is_of_stage)).then(Vec::new),
        }
    }

    /// What an instruction of a stage has read, as far as that is known.
    pub(crate) fn at(&self, stage: StageId, lines: LineRange) -> &[Pair] {
        let found = self
            .read
            .iter()
            .find(|read| (read.stage, read.lines) == (Some(stage), lines));
        found.and_then(|found| found.pairs.as_deref()).unwrap_or_default()
    }

    /// Notes that the stage reads a path of a context.
    pub(super) fn see_path(&mut self, context: Option<StageId>, path: &str) {
        if let Some(paths) = &mut self.paths {
            paths.push((self.stage, context, path.to_owned()));
        }
    }
}

impl StageLowering<'_, '_, '_> {
    /// Whether a command has to wait for a file that is not known yet.
    pub(super) fn waits_for(&mut self, command: &Command<'_>) -> bool {
        if self.all.pairs.needs.is_empty() || self.state.waits {
            return self.state.waits;
        }
        let stage = self.all.plan.stage(self.id);
        let mut sources = stage.sources(command).filter(|_| !command.is_require());
        let waits = sources.any(|id| self.source_state(id).is_some_and(|state| state.waits));
        self.state.waits = waits;
        waits
    }

    pub(super) fn lower_pairs_file(
        &mut self,
        command: &Command<'_>,
        file: &PairsFile<'_>,
    ) -> Result<(), CompileError> {
        if self.all.pairs.read.len() >= MOST_FILES {
            let message =
                format!("a build reads up to {MOST_FILES} files of variables; put them into fewer ones");
            return Err(CompileError::about(&file.path, message));
        }
        let path = self.expand_in_place(command, &file.path)?;
        let content = match &file.from {
            None => of_context(&path, self.known())?,
            Some(from) => self.content_of_stage(command, &path, from)?,
        };
        let pairs = match content {
            Content::Pairs(pairs) => Some(pairs),
            Content::Unknown => None,
            Content::Asked(need) => {
                self.all.pairs.needs.insert(need);
                self.state.waits = true;
                return Ok(());
            }
        };
        match &pairs {
            Some(pairs) => self.lower_pairs(command, file.of, pairs)?,
            None => self.state.lacks_variables = true,
        }
        self.all.pairs.read.push(PairsRead {
            stage: Some(self.id),
            of: file.of,
            lines: command.instruction.meta.lines,
            pairs,
        });
        Ok(())
    }

    /// The instruction with the pairs in it, as they are.
    fn lower_pairs(
        &mut self,
        command: &Command<'_>,
        of: PairsOf,
        pairs: &[Pair],
    ) -> Result<(), CompileError> {
        let texts = pairs.iter().map(|pair| (&*pair.key, &*pair.value));
        match of {
            PairsOf::Env => {
                let pairs = texts.map(|(key, value)| (Cow::Borrowed(key), Cow::Borrowed(value), false));
                self.set_variables(command, &pairs.collect::<Vec<_>>())
            }
            PairsOf::Label => {
                let keyword = self.all.history.push("LABEL");
                texts.for_each(|(key, value)| self.set_label(key, value));
                self.commit_since(keyword)
            }
            PairsOf::Arg => {
                let plan = self.all.plan;
                let mut created_by = String::from("ARG");
                for (key, value) in texts {
                    let given = plan.build_args.get(key).map(String::as_str);
                    self.set_argument(command, key, Some(given.unwrap_or(value)), &mut created_by);
                }
                self.commit(created_by, false)
            }
        }
    }

    fn known(&self) -> Known<'_> {
        Known {
            answers: self.all.pairs.answers,
            options: self.all.plan.options,
            budget: self.all.plan.budget,
        }
    }

    fn content_of_stage(
        &mut self,
        command: &Command<'_>,
        path: &Word<'_>,
        from: &Word<'_>,
    ) -> Result<Content, CompileError> {
        let plan = self.all.plan;
        path_of(path)?;
        let missing = || format!("there is no such file in --from={from}");
        let Some(id) = plan.stage(self.id).sources(command).next() else {
            return Err(CompileError::about(from, missing()));
        };
        let Some(fs) = self.source_state(id).map(|state| state.fs) else {
            let name = &plan.stage(id).display_name;
            return Err(CompileError::about(
                from,
                format!(
                    "--from={from} is stage `{name}`, which stands below this one; move it above, stages are built in file order"
                ),
            ));
        };
        // Nothing is built for a question, nor for a look at what there is.
        if plan.options.is_question || plan.options.explains || self.all.caching.is_watching() {
            return Ok(Content::Unknown);
        }
        let Some(fs) = fs else {
            return Err(CompileError::about(path, format!("--file={path}: {}", missing())));
        };
        let graph = self.all.graph_of(id, fs, &rooted(path))?;
        let need = Need::StageFile(StageFileRequest {
            graph: StageGraph(Arc::new(graph)),
            path: rooted(path).into_owned(),
        });
        answered(path, need, missing, self.known())
    }
}

impl Lowering<'_, '_> {
    /// The graph of a stage as far as it goes, for a file of it. Of contexts it has what the stage itself needs, so that it
    /// stays the same however much of the others is lowered.
    fn graph_of(&mut self, id: StageId, fs: Output, file: &str) -> Result<Marshalled, CompileError> {
        let plan = self.plan;
        let own = plan.read_by(id);
        let root = self.state(id).map(|state| state.root);
        let mut reads: BTreeMap<Option<StageId>, BTreeSet<String>> = BTreeMap::new();
        for (stage, context, path) in self.pairs.paths.iter().flatten() {
            if own.contains(stage) {
                reads.entry(*context).or_default().insert(path.clone());
            }
        }
        reads.entry(root).or_default().insert(file.to_owned());
        let is_local = matches!(plan.options.main_context, MainContext::Local { .. });
        let main = self
            .main_context
            .filter(|_| is_local)
            .map(|output| (output.vertex, None));
        let named = self.local_contexts.iter();
        let contexts: Vec<(VertexId, Option<StageId>)> = named
            .map(|(output, _, id)| (output.vertex, Some(*id)))
            .chain(main)
            .collect();
        let mut whole: Vec<(VertexId, SourceOp)> = Vec::new();
        for (vertex, context) in contexts {
            if let Some(source) = self.graph.source_mut(vertex) {
                whole.push((vertex, source.clone()));
                limit(source, reads.get(&context).unwrap_or(&BTreeSet::new()));
            }
        }
        let options = MarshalOptions::new((*plan.target_platform).clone());
        let options = options.with_local_unique_id(plan.options.unique_id.clone());
        let marshalled = self.graph.marshal(Some(fs), &options);
        for (vertex, source) in whole {
            if let Some(limited) = self.graph.source_mut(vertex) {
                *limited = source;
            }
        }
        let marshalled = marshalled.map_err(|error| CompileError::new(error.to_string()))?;
        self.spend(marshalled.parts().map(|part| part.len()).sum())?;
        Ok(marshalled)
    }
}
