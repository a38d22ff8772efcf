//! `RUN --cache=TOOL`, of the dialect: the cache mounts of a tool.

use dockerfile_syntax::instruction::Run;
use dockerfile_syntax::{Word, suggest};
use llb_graph::{CacheSharing, ExecOp, Mount};
use shell_commands::tools::{self, Sharing, Tool};

use super::automatic::targets;
use super::cache::OWNED;
use crate::caching::{AskedCache, CacheMount, Runner, caches_of};
use crate::error::CompileError;
use crate::lower::StageLowering;
use crate::plan::Command;

impl StageLowering<'_, '_, '_> {
    /// Adds the mounts of each tool to `exec`, but for folders where something is mounted already.
    pub(super) fn add_asked_caches(
        &mut self,
        command: &Command<'_>,
        run: &Run<'_>,
        exec: &mut ExecOp,
    ) -> Result<(), CompileError> {
        for name in &run.caches {
            let tool = find(name)?;
            for mount in self.caches_of(tool, name)? {
                if targets(exec).contains(&mount.folder) {
                    continue;
                }
                self.add_asked_cache(&mount, exec)?;
                self.all.asked_caches.push(AskedCache {
                    lines: command.instruction.meta.lines,
                    mount,
                });
            }
        }
        Ok(())
    }

    fn caches_of(&self, tool: &'static Tool, name: &Word<'_>) -> Result<Vec<CacheMount>, CompileError> {
        let os = &self
            .state
            .run_platform
            .as_ref()
            .unwrap_or(&self.state.platform)
            .os;
        if os != "linux" {
            let message = format!("--cache={name} is of Linux, and this stage is of {os}");
            return Err(CompileError::about(name, message));
        }
        let variable = |name: &str| self.state.env.lookup(name).map(str::to_owned);
        let runner = Runner {
            user: &self.state.user,
            dir: &self.state.dir,
            variable: &variable,
        };
        caches_of(tool, &runner)
            .map_err(|reason| CompileError::about(name, format!("--cache={name}: {reason}")))
    }

    fn add_asked_cache(&mut self, wanted: &CacheMount, exec: &mut ExecOp) -> Result<(), CompileError> {
        let namespace = &self.all.plan.options.cache_mount_namespace;
        let id = [namespace, "/", &wanted.asked_id()].concat();
        let sharing = match wanted.cache.sharing {
            Sharing::Shared => CacheSharing::Shared,
            Sharing::Locked => CacheSharing::Locked,
        };
        self.all.spend(wanted.folder.len() + id.len())?;
        let mut mount = Mount::cache(wanted.folder.clone(), id, sharing);
        if wanted.owner != (0, 0) {
            mount.source = self.owned_folder(None, None, wanted.owner)?;
            mount = mount.with_selector(OWNED);
        }
        exec.mounts.push(mount);
        Ok(())
    }
}

/// The tool called `name`.
fn find(name: &Word<'_>) -> Result<&'static Tool, CompileError> {
    if let Some(tool) = tools::find(name).filter(|tool| !tool.caches.is_empty()) {
        return Ok(tool);
    }
    let known = tools::tools().filter(|tool| !tool.caches.is_empty());
    let mut names: Vec<&str> = known.map(|tool| tool.name).collect();
    names.sort_unstable();
    let close = suggest::nearest(name, &names, true).filter(|_| !name.is_empty());
    let close = close.map(|close| format!(" (did you mean {close}?)"));
    Err(CompileError::about(
        name,
        format!(
            "--cache knows no tool {:?}; there are {}{}",
            name.as_str(),
            names.join(", "),
            close.unwrap_or_default()
        ),
    ))
}
