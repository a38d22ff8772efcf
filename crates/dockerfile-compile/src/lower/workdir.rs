//! `WORKDIR`: the working directory, made where it is missing.

use std::rc::Rc;
use std::sync::Arc;

use llb_graph::{ChownOpt, FileAction, FileOp, MkdirAction, Op};

use dockerfile_syntax::Word;

use super::StageLowering;
use crate::error::CompileError;
use crate::facts::Fact;
use crate::paths::os::is_absolute;
use crate::plan::Command;

const NANOSECONDS: i64 = 1_000_000_000;

impl StageLowering<'_, '_, '_> {
    pub(super) fn lower_workdir(
        &mut self,
        command: &Command<'_>,
        written: &Word<'_>,
    ) -> Result<(), CompileError> {
        let path = self.expand(command, written)?;
        if !self.state.is_workdir_set && !is_absolute(&path, &self.state.platform.os) {
            self.note(
                command,
                Fact::WorkdirRelativePath {
                    path: path.to_string(),
                },
            );
        }
        self.state.is_workdir_set = true;
        let set = self.state.set_working_dir(&path);
        set.map_err(|reason| CompileError::about(written, reason))?;
        let dir = Rc::clone(&self.state.dir);
        let makes_layer = *dir != *"/";
        if makes_layer {
            self.make_dir(command, &dir)?;
        }
        self.commit(format_args!("WORKDIR {dir}"), makes_layer)?;
        Ok(())
    }

    fn make_dir(&mut self, command: &Command<'_>, dir: &str) -> Result<(), CompileError> {
        let user = &self.state.image.config.user;
        let mkdir = MkdirAction {
            path: dir.to_owned(),
            mode: 0o755,
            make_parents: true,
            owner: (!user.is_empty()).then(|| ChownOpt::parse(user)),
            timestamp: self.state.epoch.map(|seconds| seconds.wrapping_mul(NANOSECONDS)),
        };
        let platform = Arc::clone(&self.state.platform);
        let text = self.step_text(command)?;
        let name = self.name_step(command, &text, Some(&platform));
        let op = Op::File(FileOp::new(self.state.fs, FileAction::Mkdir(mkdir)));
        // A folder is the same every time, so it never ignores the cache.
        let vertex = self.step_vertex(command, op, name).with_ignore_cache(false);
        self.state.fs = self.all.add_vertex(vertex)?;
        Ok(())
    }
}
