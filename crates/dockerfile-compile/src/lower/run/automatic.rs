//! Cache mounts that nobody wrote, where they are asked for.

use std::borrow::Cow;

use dockerfile_syntax::heredoc;
use dockerfile_syntax::instruction::CommandLine;
use dockerfile_syntax::instruction::Run;
use dockerfile_syntax::instruction::run::RunNetwork;
use llb_graph::{CacheSharing, ExecOp, Mount, NetworkMode, caps};
use shell_commands::tools::Sharing;

use super::SCRIPTS;
use super::cache::OWNED;
use crate::caching::{self, AddedMount, CacheMount, Reading, Runner, SeenRun};
use crate::error::CompileError;
use crate::lower::StageLowering;
use crate::plan::Command;

/// In front of their ids, to tell them from those that people write.
const PREFIX: &str = "plimsoll";

impl StageLowering<'_, '_, '_> {
    /// Notes what a RUN does, or adds the mounts that were decided then.
    pub(super) fn add_cache_mounts(
        &mut self,
        command: &Command<'_>,
        run: &Run<'_>,
        exec: &mut ExecOp,
    ) -> Result<(), CompileError> {
        if self.all.caching.is_watching() {
            let network = match run.network {
                RunNetwork::Default => self.state.network,
                RunNetwork::None => NetworkMode::None,
                RunNetwork::Host => NetworkMode::Host,
            };
            let reading = self.read_script(run, exec);
            let is_lent = !(exec.secrets.is_empty() && exec.secret_env.is_empty() && exec.ssh.is_empty());
            let seen = SeenRun {
                stage: self.id.0,
                has_secrets: is_lent || reading.uses_git(),
                reading,
                mounts: targets(exec),
                is_cut_off: network == NetworkMode::None,
            };
            self.all.caching.see_run(seen);
        }
        for mount in self.all.caching.next() {
            self.add_cache_mount(command, &mount, exec)?;
        }
        Ok(())
    }

    fn read_script(&self, run: &Run<'_>, exec: &ExecOp) -> Reading {
        let platform = self.state.run_platform.as_ref().unwrap_or(&self.state.platform);
        // Daemons before that one leave the folders behind that were made to mount something on them.
        let removes_folders = self.all.plan.options.caps.supports(caps::SOURCE_DATE_EPOCH);
        if platform.os != "linux" || !removes_folders {
            return caching::unread();
        }
        let Some(text) = shell_text(run, &exec.args) else {
            return caching::unread();
        };
        let is_secret = |name: &str| exec.secret_env.iter().any(|secret| secret.name == name);
        let variable = |name: &str| match is_secret(name) {
            // It is set, and to no place that is known.
            true => Some("?".to_owned()),
            false => self.state.env.lookup(name).map(str::to_owned),
        };
        let runner = Runner {
            user: &self.state.user,
            dir: &self.state.dir,
            variable: &variable,
        };
        caching::read(&text, &runner)
    }

    fn add_cache_mount(
        &mut self,
        command: &Command<'_>,
        wanted: &CacheMount,
        exec: &mut ExecOp,
    ) -> Result<(), CompileError> {
        let platform = self.state.run_platform.as_ref().unwrap_or(&self.state.platform);
        let (user, _) = wanted.owner;
        let id = format!(
            "{}/{PREFIX}/{}/{}/{user}",
            self.all.plan.options.cache_mount_namespace,
            wanted.cache.id,
            platform.format_all(),
        );
        let sharing = match wanted.cache.sharing {
            Sharing::Shared => CacheSharing::Shared,
            Sharing::Locked => CacheSharing::Locked,
        };
        self.all.spend(wanted.folder.len() + id.len())?;
        let mut mount = Mount::cache(wanted.folder.clone(), id.clone(), sharing);
        if user != 0 {
            mount.source = self.owned_folder(None, None, wanted.owner)?;
            mount = mount.with_selector(OWNED);
        }
        exec.mounts.push(mount);
        self.all.caching.note(AddedMount {
            lines: command.instruction.meta.lines,
            target: wanted.folder.clone(),
            id,
        });
        Ok(())
    }
}

/// Where something is mounted already.
pub(super) fn targets(exec: &ExecOp) -> Vec<String> {
    let mounts = exec.mounts.iter().map(|mount| mount.dest.clone());
    let secrets = exec.secrets.iter().map(|secret| secret.dest.clone());
    let agents = exec.ssh.iter().filter_map(|ssh| ssh.dest.clone());
    mounts.chain(secrets).chain(agents).collect()
}

/// What a POSIX shell runs; `None` where something else does.
fn shell_text<'r>(run: &'r Run<'_>, args: &'r [Cow<'_, str>]) -> Option<Cow<'r, str>> {
    let (text, shell) = args.split_last()?;
    let program = shell
        .first()
        .map(|program| program.rsplit('/').next().unwrap_or_default());
    let is_shell = |name: &str| ["sh", "bash", "ash", "dash", "ksh", "zsh"].contains(&name);
    let runs_text = shell
        .last()
        .is_some_and(|flag| flag.starts_with('-') && flag.contains('c'));
    if !program.is_some_and(is_shell) || !runs_text {
        let quoted = |arg: &Cow<'_, str>| ["'", &arg.replace('\'', "'\\''"), "'"].concat();
        let is_program = matches!(run.command, CommandLine::Exec(_));
        return is_program.then(|| Cow::Owned(args.iter().map(quoted).collect::<Vec<_>>().join(" ")));
    }
    if !text.starts_with(SCRIPTS) {
        return Some(Cow::Borrowed(text));
    }
    // A heredoc that says what runs it.
    let heredoc = run.heredocs.first()?;
    let body = heredoc.text();
    let body = match heredoc.chomp {
        true => heredoc::chomp(&body).into(),
        false => body,
    };
    let interpreter = body.lines().next()?.strip_prefix("#!")?.trim();
    let mut words = interpreter.split_ascii_whitespace();
    let first = words.next()?.rsplit('/').next()?;
    let name = if first == "env" { words.next()? } else { first };
    is_shell(name).then_some(body)
}
