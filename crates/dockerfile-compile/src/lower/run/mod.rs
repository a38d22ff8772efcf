//! `RUN`: a command in a container.

mod asked;
mod automatic;
mod bind;
mod cache;
mod mounts;
mod script;
mod secret;
mod ssh;
mod tmpfs;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::rc::Rc;

use dockerfile_syntax::expand::{Env, Lexer};
use dockerfile_syntax::instruction::CommandLine;
use dockerfile_syntax::instruction::Run;
use dockerfile_syntax::instruction::run::{RunNetwork, RunSecurity};
use dockerfile_syntax::{LineRange, Span};
use llb_graph::{CdiDevice, ExecOp, Mount, MountKind, NetworkMode, Op, ProxyEnv, SecurityMode, caps};

use super::StageLowering;
use super::name::step_text;
use super::start::COMMAND;
use super::state::{Wanted, WantedKind};
use crate::env::EnvList;
use crate::error::CompileError;
use crate::go::text::display;
use crate::plan::Command;

/// Where a heredoc with an interpreter of its own is put.
const SCRIPTS: &str = "/dev/pipes/";

/// What an entry for `/etc/hosts` takes beside its name.
const HOST_BYTES: usize = 32;

impl StageLowering<'_, '_, '_> {
    pub(super) fn lower_run(&mut self, command: &Command<'_>, run: &Run<'_>) -> Result<(), CompileError> {
        let root = self.state.root;
        // A command may read any file.
        self.all.use_whole_stage(root);
        let script = self.script(run)?;
        self.all.spend(script.args.iter().map(|arg| arg.len()).sum())?;
        let options = self.all.plan.options;
        let mut exec = ExecOp {
            args: script.args,
            ..ExecOp::new::<String>(self.state.fs, [])
        };
        exec.mounts.extend(script.mount);
        let masks = self.lower_mounts(command, run, &mut exec)?;
        self.add_asked_caches(command, run, &mut exec)?;
        self.add_cache_mounts(command, run, &mut exec)?;
        if options.is_question {
            let lines = command.instruction.meta.lines;
            self.state.wanted.extend(wanted(&exec, lines));
        }
        self.set_environment(run, &mut exec)?;

        let platform = self.state.run_platform.clone();
        let code = &command.instruction.meta.code;
        let code = match script.summary.as_str() {
            "" => Cow::Borrowed(&**code),
            summary => Cow::Owned(format!("{code}{summary}")),
        };
        let text = {
            let lexer = Lexer {
                raw_quotes: true,
                skip_unset_env: true,
                ..self.all.lexer
            };
            let env = MaskedEnv {
                env: &self.state.env,
                masks: &masks,
            };
            step_text(&lexer, &code, (&env, self.all.plan.budget))?
        };
        let name = self.name_step(command, &text, platform.as_deref());
        let is_shell = matches!(run.command, CommandLine::Shell(_));
        let invalid = command.instruction.meta.invalid_utf8.filter(|_| is_shell);
        if options.is_question && (exec.args.is_empty() || invalid.is_some()) {
            return Ok(());
        }
        if let Some(offset) = invalid {
            // The text travels as a protobuf string, which must be UTF-8. What else is odd about it was noticed above.
            let what = match command.is_trigger() {
                true => "a trigger of this base, ONBUILD RUN,",
                false => "this RUN",
            };
            return Err(CompileError::about(
                Span::new(offset, offset + 1),
                format!(
                    "{what} has a byte that is not UTF-8; save the file as UTF-8, or write the byte as an escape of the shell"
                ),
            ));
        }
        self.commit_run(&exec.args)?;
        let root_output = exec.root_output().unwrap_or_default();
        let mut vertex = self
            .step_vertex(command, Op::Exec(exec), name)
            .with_description(COMMAND, command.instruction.meta.code.to_string());
        vertex.platform = platform;
        if options.caps.supports(caps::EXEC_META_LINUX_RESOURCES) {
            vertex
                .metadata
                .linux_resources
                .clone_from(&options.linux_resources);
        }
        self.all.spend_vertex(&vertex)?;
        let id = self
            .all
            .graph
            .add(vertex)
            .map_err(|error| CompileError::new(format!("{}: {error}", command.instruction.meta.code)))?;
        self.state.fs = Some(id.output(root_output));
        Ok(())
    }

    /// Adds the entry of the image's history: arguments of the stage, then those of the command.
    fn commit_run(&mut self, args: &[Cow<'_, str>]) -> Result<(), CompileError> {
        let budget = self.all.plan.budget;
        let count = self.state.args.count();
        let told = match count {
            0 => Rc::default(),
            _ => self.state.tell_args(budget)?,
        };
        budget.check(told.len())?;
        self.commit_layer(display(|f| {
            f.write_str("RUN")?;
            if count > 0 {
                write!(f, " |{count}{told}")?;
            }
            args.iter().try_for_each(|arg| {
                f.write_str(" ")?;
                f.write_str(arg)
            })
        }))
    }

    /// Everything of a container that is neither its command nor its mounts.
    fn set_environment(&self, run: &Run<'_>, exec: &mut ExecOp) -> Result<(), CompileError> {
        let options = self.all.plan.options;
        let has = |cap: &str| options.caps.supports(cap);
        let hosts = options
            .extra_hosts
            .iter()
            .map(|host| host.host.len() + HOST_BYTES);
        self.all
            .spend(self.state.env.size() + self.state.dir.len() + self.state.user.len())?;
        self.all.spend(hosts.sum())?;
        exec.env = self.state.env.to_entries();
        exec.cwd = self.state.dir.to_string().into();
        exec.user = self.state.user.to_string();
        exec.hostname.clone_from(&options.hostname);
        exec.proxy = proxy_env(&self.all.plan.build_args);
        exec.extra_hosts.clone_from(&options.extra_hosts);
        exec.network = match run.network {
            RunNetwork::Default => self.state.network,
            RunNetwork::None => NetworkMode::None,
            RunNetwork::Host => NetworkMode::Host,
        };
        exec.security = match run.security {
            RunSecurity::Sandbox => SecurityMode::Sandbox,
            RunSecurity::Insecure => SecurityMode::Insecure,
        };
        if has(caps::EXEC_META_ULIMIT) {
            exec.ulimits.clone_from(&options.ulimits);
        }
        if has(caps::EXEC_META_CDI) {
            let devices = run.devices.iter();
            exec.devices.extend(devices.map(|device| CdiDevice {
                name: device.name.to_string(),
                optional: !device.required,
            }));
        }
        if has(caps::EXEC_META_CGROUP_PARENT) {
            exec.cgroup_parent.clone_from(&options.cgroup_parent);
        }
        if has(caps::EXEC_MOUNT_TMPFS_SIZE) && options.shm_size > 0 {
            exec.mounts.push(Mount::tmpfs("/dev/shm", options.shm_size));
        }
        Ok(())
    }
}

/// The secrets and ssh agents that `exec` uses.
fn wanted(exec: &ExecOp, lines: LineRange) -> impl Iterator<Item = Wanted> {
    let wanted = move |kind, id: &str, optional: bool| Wanted {
        kind,
        id: id.to_owned(),
        required: !optional,
        lines,
    };
    let files = exec.secrets.iter().map(|secret| (&secret.id, secret.optional));
    let variables = exec.secret_env.iter().map(|secret| (&secret.id, secret.optional));
    let secrets = files.chain(variables);
    let secrets = secrets.map(move |(id, optional)| wanted(WantedKind::Secret, id, optional));
    let agents = exec.ssh.iter().map(move |ssh| {
        let id = if ssh.id.is_empty() { "default" } else { &ssh.id };
        wanted(WantedKind::Ssh, id, ssh.optional)
    });
    secrets.chain(agents)
}

/// Proxies among the build arguments, in any letter case; they need no `ARG` and are in no cache key.
fn proxy_env(build_args: &BTreeMap<String, String>) -> Option<ProxyEnv> {
    let mut proxy = ProxyEnv::default();
    let mut is_set = false;
    for (key, value) in build_args {
        let field = match key.to_ascii_lowercase().as_str() {
            "http_proxy" => &mut proxy.http_proxy,
            "https_proxy" => &mut proxy.https_proxy,
            "ftp_proxy" => &mut proxy.ftp_proxy,
            "no_proxy" => &mut proxy.no_proxy,
            "all_proxy" => &mut proxy.all_proxy,
            _ => continue,
        };
        field.clone_from(value);
        is_set = true;
    }
    is_set.then_some(proxy)
}

/// The environment with the variables of secrets blotted out: progress shows that one is used, and never its value.
struct MaskedEnv<'e> {
    env: &'e EnvList,
    masks: &'e [String],
}

impl Env for MaskedEnv<'_> {
    fn get(&self, name: &str) -> Option<&str> {
        if self.masks.iter().any(|mask| mask == name) {
            Some("****")
        } else {
            self.env.lookup(name)
        }
    }
}

/// Whether a mount may be written to; only binds give the written files up.
fn bind_kind(keeps_output: bool) -> MountKind {
    MountKind::Bind {
        no_output: !keeps_output,
    }
}
