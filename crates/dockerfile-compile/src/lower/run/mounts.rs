//! `RUN --mount`: what its types share.

use std::borrow::Cow;

use dockerfile_syntax::Word;
use dockerfile_syntax::instruction::Run;
use dockerfile_syntax::instruction::run::{Mount, MountKind};
use llb_graph::{ExecOp, FileSystem};

use crate::error::CompileError;
use crate::lower::StageLowering;
use crate::lower::step::expand_noting;
use crate::plan::{Command, StageId};

/// A mount with the stage that it reads.
pub(super) struct SourcedMount<'m> {
    pub(super) mount: Mount<'m>,
    /// The stage, image or context behind `from`; the main context where there is no `from`.
    pub(super) stage: Option<StageId>,
    pub(super) source: FileSystem,
}

impl StageLowering<'_, '_, '_> {
    /// Adds all mounts to `exec`; gives the variables that hold secrets.
    pub(super) fn lower_mounts(
        &mut self,
        command: &Command<'_>,
        run: &Run<'_>,
        exec: &mut ExecOp,
    ) -> Result<Vec<String>, CompileError> {
        let mut mounts = Vec::with_capacity(run.mounts.len());
        let lexer = self.all.lexer;
        for spec in &run.mounts {
            let facts = &mut *self.all.facts;
            let plan = self.all.plan;
            let state = &self.state;
            let mut expand = |word: &Word<'_>| {
                let expanded = expand_noting(&lexer, state, (facts, plan), command, word)?;
                Ok(match expanded {
                    Cow::Borrowed(_) => None,
                    Cow::Owned(text) => Some(text),
                })
            };
            let mount = spec.resolve(&mut expand).map_err(|wrong| {
                CompileError::about(wrong.span, format!("--mount={}: {}", spec.text, wrong.error))
            })?;
            mounts.push(mount);
        }
        let mut masks = Vec::new();
        let plan = self.all.plan;
        let sources = plan.stage(self.id).sources(command);
        for ((mount, stage), spec) in mounts.into_iter().zip(sources).zip(&run.mounts) {
            let lowered = self.lower_mount(mount, stage, exec, &mut masks);
            let place = command.instruction.meta.lines.with(spec.text.span);
            lowered.map_err(|error| error.at(place))?;
        }
        Ok(masks)
    }

    fn lower_mount(
        &mut self,
        mount: Mount<'_>,
        stage: StageId,
        exec: &mut ExecOp,
        masks: &mut Vec<String>,
    ) -> Result<(), CompileError> {
        match mount.kind {
            MountKind::Secret => {
                masks.extend(mount.env.as_ref().map(Word::to_string));
                self.lower_secret(&mount, exec)?;
            }
            MountKind::Ssh => self.lower_ssh(&mount, exec)?,
            MountKind::Bind => {
                let mount = self.with_source(mount, stage)?;
                self.lower_bind(&mount, exec)?;
            }
            MountKind::Cache => {
                let mount = self.with_source(mount, stage)?;
                self.lower_cache(&mount, exec)?;
            }
            MountKind::Tmpfs => {
                let mount = self.with_source(mount, stage)?;
                self.lower_tmpfs(&mount, exec)?;
            }
        }
        Ok(())
    }

    fn with_source<'m>(
        &mut self,
        mount: Mount<'m>,
        stage: StageId,
    ) -> Result<SourcedMount<'m>, CompileError> {
        if mount.from.is_empty() {
            // A cache starts empty, which the reference writes as `scratch`: a stage may have that name. What a tmpfs
            // would read is noted all the same, as the reference does.
            let source = match mount.kind {
                MountKind::Bind => self.all.main_context()?,
                MountKind::Cache => self.all.state(stage).and_then(|state| state.fs),
                _ => None,
            };
            let stage = (mount.kind == MountKind::Cache).then_some(stage);
            return Ok(SourcedMount { mount, stage, source });
        }
        let Some(state) = self.source_state(stage) else {
            return Err(CompileError::about(
                &mount.from,
                format!(
                    "the mount from={} is stage `{}`, which stands below this one; move it above, stages are built in file order",
                    mount.from,
                    self.all.plan.stage(stage).display_name
                ),
            ));
        };
        let source = state.fs;
        Ok(SourcedMount {
            mount,
            stage: Some(stage),
            source,
        })
    }

    /// The mount's target as an absolute path.
    pub(super) fn mount_target(&self, target: &Word<'_>) -> Result<String, CompileError> {
        let path = if target.starts_with('/') {
            target.to_string()
        } else {
            llb_graph::path::join(&["/", &self.state.dir, target])
        };
        if path == "/" {
            let message =
                "a mount's target cannot be `/`, the root itself; name a folder below it with target=";
            return Err(match target.is_empty() {
                true => CompileError::new(message),
                false => CompileError::about(target, message),
            });
        }
        Ok(path)
    }

    /// Notes which path of its source a mount reads.
    pub(super) fn use_mount_source(&mut self, mount: &SourcedMount<'_>) {
        match mount.stage {
            None => self.all.use_context_path(&mount.mount.source),
            Some(stage) => self.all.use_stage_path(stage, &mount.mount.source),
        }
    }
}
