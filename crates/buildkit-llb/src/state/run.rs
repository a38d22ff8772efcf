//! A command on a state.

use std::net::IpAddr;
use std::sync::{Arc, OnceLock};

use super::about::{About, about_methods};
use super::node::{Inputs, Made, Node};
use super::settings::{resolve_dir, set_env};
use super::{Command, State, StateError};
use crate::{
    CacheSharing, CdiDevice, ExecOp, ExtraHost, LinuxResources, MarshalOptions, Marshalled, Mount,
    NetworkMode, Platform, ProxyEnv, SecretEnv, SecretMount, SecurityMode, SshMount, Ulimit,
};

/// A command on a [`State`], made by [`State::run`].
///
/// What it needs beside the state's settings is added here and is for this command alone. [`root`](Self::root) is the
/// state after it; [`run`](Self::run) and [`marshal`](Self::marshal) go on from there. A state that is mounted is
/// written to as well: [`output_of`](Self::output_of).
///
/// ```
/// use llb_graph::{SecretMount, image, local, scratch, shlex};
///
/// let build = image("golang")
///     .dir("/src")
///     .run(shlex("go build -o /out/ ./..."))
///     .mount("/src", local("context"))
///     .mount("/out", scratch())
///     .cache("/root/.cache/go-build")
///     .secret(SecretMount::new("netrc").with_dest("/root/.netrc"));
/// let programs = build.output_of("/out");
/// let image = build.root();
/// # let _ = (programs, image);
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct Run {
    /// Before the command.
    base: State,
    /// Its file systems name their vertices by index in `inputs`.
    exec: ExecOp,
    inputs: Inputs,
    about: About,
    error: Option<StateError>,
    /// Made when a state is asked for, so that all states of the command share it.
    node: OnceLock<Arc<Node>>,
}

impl Run {
    pub(super) fn new(base: &State, command: Command) -> Self {
        let mut error = base.error().cloned();
        let args = command.into_args().unwrap_or_else(|wrong| {
            error.get_or_insert(wrong);
            Vec::new()
        });
        let mut inputs = Inputs::default();
        let root = inputs.add(base.made());
        Self {
            exec: ExecOp {
                root,
                ..base.settings.command(args)
            },
            about: About {
                platform: base.settings.platform.clone(),
                ..About::default()
            },
            base: base.clone(),
            inputs,
            error,
            node: OnceLock::new(),
        }
    }

    /// Makes the directory `dest` one that outlives the build, in which commands that name the same directory may write
    /// at the same time. Its name is `dest`; [`add_mount`](Self::add_mount) takes any other.
    ///
    /// ```
    /// use llb_graph::{CacheSharing, Mount, image, scratch, shlex};
    ///
    /// let one = image("rust").run(shlex("cargo build")).cache("/usr/local/cargo/registry");
    /// let alone = Mount::cache("/var/cache/apt", "apt", CacheSharing::Locked);
    /// let other = image("debian").run(shlex("apt-get update")).add_mount(alone, scratch());
    /// # let _ = (one, other);
    /// ```
    pub fn cache(self, dest: impl Into<String>) -> Self {
        let dest = dest.into();
        let mount = Mount::cache(dest.clone(), dest, CacheSharing::Shared);
        self.add_mount(mount, State::scratch())
    }

    /// Mounts memory, as large as the daemon has it.
    pub fn tmpfs(self, dest: impl Into<String>) -> Self {
        self.add_mount(Mount::tmpfs(dest, 0), State::scratch())
    }

    /// Mounts a state, to be written to: see [`output_of`](Self::output_of).
    pub fn mount(self, dest: impl Into<String>, source: impl Into<State>) -> Self {
        self.add_mount(Mount::bind(dest, None), source)
    }

    /// Mounts a state that can't be written to.
    pub fn mount_readonly(self, dest: impl Into<String>, source: impl Into<State>) -> Self {
        self.add_mount(Mount::bind(dest, None).with_readonly(true), source)
    }

    /// Adds a mount of any kind; its source is `source`, whatever it says itself.
    pub fn add_mount(self, mut mount: Mount, source: impl Into<State>) -> Self {
        let source = source.into();
        self.change(|run| {
            check_dest(&mount.dest)?;
            if mount.dest.trim_matches('/').is_empty() {
                return Err(StateError::RootDestination);
            }
            if let Some(error) = source.error() {
                return Err(error.clone());
            }
            mount.source = run.inputs.add(source.made());
            run.exec.mounts.push(mount);
            Ok(())
        })
    }

    /// Lends a secret as a file: by its id alone it is `/run/secrets/ID`.
    pub fn secret(self, secret: impl Into<SecretMount>) -> Self {
        let secret = secret.into();
        self.change(|run| {
            check_dest(&secret.dest)?;
            if secret.id.is_empty() {
                return Err(StateError::NoSecretId);
            }
            run.exec.secrets.push(secret);
            Ok(())
        })
    }

    /// Lends a secret as an environment variable.
    pub fn secret_env(self, secret: SecretEnv) -> Self {
        self.change(|run| {
            if secret.id.is_empty() {
                return Err(StateError::NoSecretId);
            }
            if secret.name.is_empty() || secret.name.contains('=') {
                return Err(StateError::EnvName(secret.name));
            }
            run.exec.secret_env.push(secret);
            Ok(())
        })
    }

    /// Lends an SSH agent: [`SshMount::default`] is the client's default one.
    pub fn ssh(self, agent: impl Into<SshMount>) -> Self {
        let agent = agent.into();
        self.change(|run| {
            agent.dest.as_deref().map_or(Ok(()), check_dest)?;
            run.exec.ssh.push(agent);
            Ok(())
        })
    }

    /// Lends a device by its name, such as `vendor.com/gpu=gpu1`.
    pub fn device(self, device: impl Into<CdiDevice>) -> Self {
        self.set(|exec| exec.devices.push(device.into()))
    }

    /// Makes the root file system one that can't be written to.
    pub fn readonly_root(self) -> Self {
        self.set(|exec| exec.root_readonly = true)
    }

    /// Sets a variable.
    pub fn with_env(self, name: &str, value: &str) -> Self {
        self.change(|run| set_env(&mut run.exec.env, name, value))
    }

    /// Sets the working directory; a relative one is below the state's.
    pub fn with_dir(self, dir: &str) -> Self {
        self.set(|exec| exec.cwd = resolve_dir(&exec.cwd, dir).into())
    }

    /// Sets the user, and the group after a colon.
    pub fn with_user(self, user: impl Into<String>) -> Self {
        self.set(|exec| exec.user = user.into())
    }

    /// Sets the host's name.
    pub fn with_hostname(self, hostname: impl Into<String>) -> Self {
        self.set(|exec| exec.hostname = hostname.into())
    }

    /// Sets what network there is.
    pub fn with_network(self, network: NetworkMode) -> Self {
        self.set(|exec| exec.network = network)
    }

    /// Sets what the program may do.
    pub fn with_security(self, security: SecurityMode) -> Self {
        self.set(|exec| exec.security = security)
    }

    /// Adds a line of `/etc/hosts`.
    pub fn with_extra_host(self, host: impl Into<String>, ip: impl Into<IpAddr>) -> Self {
        self.set(|exec| exec.extra_hosts.push(ExtraHost::new(host, ip)))
    }

    /// Adds a resource limit of the process.
    pub fn with_ulimit(self, limit: Ulimit) -> Self {
        self.set(|exec| exec.ulimits.push(limit))
    }

    /// Sets the control group above the container's.
    pub fn with_cgroup_parent(self, parent: impl Into<String>) -> Self {
        self.set(|exec| exec.cgroup_parent = parent.into())
    }

    /// Sets the proxies, which take no part in the cache key.
    pub fn with_proxy(self, proxy: ProxyEnv) -> Self {
        self.set(|exec| exec.proxy = Some(proxy))
    }

    /// Sets which exit codes are a success; zero alone is usual.
    pub fn with_valid_exit_codes(self, codes: impl Into<Vec<i32>>) -> Self {
        self.set(|exec| exec.valid_exit_codes = codes.into())
    }

    /// Sets limits of the container's control group, which take no part in the cache key.
    pub fn with_resources(self, limits: LinuxResources) -> Self {
        self.edit(|about| about.metadata.linux_resources = Some(limits))
    }

    /// Sets the platform of the command and of the commands after it.
    pub fn for_platform(self, platform: &Platform) -> Self {
        self.edit(|about| about.set_own_platform(platform.clone()))
    }

    about_methods!(Self, self);

    /// The state after the command. Where the root can't be written to it is the one before.
    pub fn root(&self) -> State {
        if let Some(error) = &self.error {
            return self.base.failed(error.clone());
        }
        let made = match self.exec.root_output() {
            None => self.base.made().cloned(),
            Some(index) => Some(self.output(index)),
        };
        State::of(made, &self.base.settings)
    }

    /// What the command leaves of the state that is mounted at `dest`, without any settings.
    pub fn output_of(&self, dest: &str) -> State {
        let scratch = State::scratch();
        if let Some(error) = &self.error {
            return scratch.failed(error.clone());
        }
        let mounts = &self.exec.mounts;
        let Some(position) = mounts.iter().position(|mount| mount.dest == dest) else {
            let known = mounts.iter().map(|mount| mount.dest.clone()).collect();
            let dest = dest.to_owned();
            return scratch.failed(StateError::NoMount { dest, known });
        };
        let made = match self.exec.mount_output(position) {
            Some(index) => Some(self.output(index)),
            None if mounts[position].is_kept() => self.inputs.get(mounts[position].source),
            None => return scratch.failed(StateError::NoOutput(dest.to_owned())),
        };
        State::of(made, &scratch.settings)
    }

    /// Runs another command after this one.
    pub fn run(&self, command: impl Into<Command>) -> Self {
        self.root().run(command)
    }

    /// The definition of the [`root`](Self::root) and all that it needs: see [`State::marshal`].
    ///
    /// # Errors
    /// [`StateError`], as there.
    pub fn marshal(&self, options: &MarshalOptions) -> Result<Marshalled, StateError> {
        self.root().marshal(options)
    }

    fn output(&self, index: u32) -> Made {
        let make = || {
            self.inputs
                .clone()
                .into_node(self.exec.clone(), self.about.clone())
        };
        Made {
            node: Arc::clone(self.node.get_or_init(make)),
            index,
        }
    }

    fn set(self, set: impl FnOnce(&mut ExecOp)) -> Self {
        self.change(|run| {
            set(&mut run.exec);
            Ok(())
        })
    }

    fn edit(self, edit: impl FnOnce(&mut About)) -> Self {
        self.change(|run| {
            edit(&mut run.about);
            Ok(())
        })
    }

    /// Changes the command, unless something was wrong before.
    fn change(mut self, change: impl FnOnce(&mut Self) -> Result<(), StateError>) -> Self {
        if self.error.is_none() {
            self.node = OnceLock::new();
            self.error = change(&mut self).err();
        }
        self
    }
}

impl From<Run> for State {
    /// [`Run::root`].
    fn from(run: Run) -> Self {
        run.root()
    }
}

impl From<&Run> for State {
    /// [`Run::root`].
    fn from(run: &Run) -> Self {
        run.root()
    }
}

fn check_dest(dest: &str) -> Result<(), StateError> {
    if dest.starts_with('/') {
        Ok(())
    } else {
        Err(StateError::RelativeDestination(dest.to_owned()))
    }
}
