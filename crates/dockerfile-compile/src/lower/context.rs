//! The build contexts: one source each, limited to the paths that instructions read.

use std::collections::BTreeSet;

use dockerfile_syntax::LineRange;
use llb_graph::{FileSystem, LocalOptions, Op, SourceLocation, SourceOp, Vertex};

use super::{Ignore, Lowering};
use crate::answers::{Answer, Answers, Need};
use crate::error::CompileError;
use crate::ignore_file;
use crate::options::MainContext;
use crate::paths::unix::rooted;
use crate::plan::StageId;

impl Lowering<'_, '_> {
    /// The patterns of the main context's ignore file.
    pub(super) fn read_ignore(&self, answers: &Answers) -> Result<Option<Ignore>, CompileError> {
        if matches!(self.plan.options.main_context, MainContext::Remote { .. }) {
            return Ok(None);
        }
        let file = match answers.get(&Need::ContextIgnore) {
            Some(Answer::Ignore(file)) => file,
            Some(Answer::Failed(failure)) => {
                let message = format!("the build context cannot be read: {}", failure.message);
                return Err(CompileError::new(message).caused_by(failure));
            }
            _ => return Ok(None),
        };
        let patterns = ignore_file::patterns(file, self.plan.budget)?;
        if patterns.is_empty() {
            return Ok(None);
        }
        let matcher = ignore_file::matcher(file, &patterns, self.plan.budget)?;
        Ok(Some(Ignore { patterns, matcher }))
    }

    /// The file system of the main context.
    pub(super) fn main_context(&mut self) -> Result<FileSystem, CompileError> {
        if self.main_context.is_none() {
            let first = self.graph.len();
            self.main_context = match &self.plan.options.main_context {
                MainContext::Remote { definition, .. } => {
                    self.spend_import(definition)?;
                    self.graph.import(definition).map_err(|error| {
                        CompileError::new(format!("the build context is no usable build graph: {error}"))
                    })?
                }
                MainContext::Local { name } => {
                    let options = self.plan.options;
                    let session = options.local_session_ids.get(name).unwrap_or(&options.session_id);
                    let excludes = self.ignore.as_ref().map(|ignore| ignore.patterns.clone());
                    let source = SourceOp::local(
                        name,
                        &LocalOptions {
                            session_id: Some(session.clone()).filter(|session| !session.is_empty()),
                            exclude_patterns: excludes.unwrap_or_default(),
                            shared_key_hint: Some(name.clone()),
                            ..LocalOptions::default()
                        },
                    );
                    self.add_vertex(
                        Vertex::new(Op::Source(source)).with_name("[internal] load build context"),
                    )?
                }
            };
            self.trace.context = first..self.graph.len();
        }
        Ok(self.main_context)
    }

    /// The main context for a scanner, limited like any other read of it.
    pub(crate) fn main_context_for_scan(&mut self) -> Result<FileSystem, CompileError> {
        let context = self.main_context()?;
        self.finish_contexts();
        Ok(context)
    }

    /// Notes that `path` of the main context is read.
    pub(super) fn use_context_path(&mut self, path: &str) {
        self.pairs.see_path(None, &rooted(path));
        note_path(&mut self.context_paths, &rooted(path));
    }

    /// Notes that `path` of a stage is read.
    pub(super) fn use_stage_path(&mut self, id: StageId, path: &str) {
        self.caching.see_read(id, path);
        let root = self.state(id).map_or(id, |state| state.root);
        self.pairs.see_path(Some(root), &rooted(path));
        note_path(self.stage_paths.entry(root).or_default(), &rooted(path));
    }

    /// Notes that a stage may read all of itself.
    pub(super) fn use_whole_stage(&mut self, root: StageId) {
        self.pairs.see_path(Some(root), "/");
        note_path(self.stage_paths.entry(root).or_default(), "/");
    }

    /// Limits the sources to what is read, now that all reads are known.
    pub(super) fn finish_contexts(&mut self) {
        let target_root = self
            .state(self.plan.target)
            .map_or(self.plan.target, |state| state.root);
        self.use_whole_stage(target_root);
        if matches!(self.plan.options.main_context, MainContext::Local { .. })
            && let Some(output) = self.main_context
            && let Some(source) = self.graph.source_mut(output.vertex)
        {
            limit(source, &self.context_paths);
        }
        let nothing = BTreeSet::new();
        for (output, _, id) in &self.local_contexts {
            if let Some(source) = self.graph.source_mut(output.vertex) {
                limit(source, self.stage_paths.get(id).unwrap_or(&nothing));
            }
        }
    }

    /// The place of an instruction for the source map; `None` gives a place without lines.
    pub(super) fn location(&self, lines: Option<LineRange>) -> SourceLocation {
        let number = |line| i32::try_from(line).unwrap_or(i32::MAX);
        let (part, ranges) = match lines.map(|lines| self.plan.options.source.in_part(lines)) {
            Some((part, lines)) => (part, (number(lines.start)..=number(lines.end)).into()),
            None => (0, Vec::new().into()),
        };
        SourceLocation {
            map: self.maps[part],
            ranges,
        }
    }
}

/// Most paths are read more than once.
fn note_path(paths: &mut BTreeSet<String>, path: &str) {
    if !paths.contains(path) {
        paths.insert(path.to_owned());
    }
}

/// Only `paths` are sent; the root among them means everything.
pub(super) fn limit(source: &mut SourceOp, paths: &BTreeSet<String>) {
    if paths.contains("/") || paths.is_empty() {
        return;
    }
    let mut relative: Vec<String> = paths
        .iter()
        .map(|path| path.trim_start_matches('/').to_owned())
        .collect();
    relative.sort_unstable();
    source.follow_paths(&relative);
}
