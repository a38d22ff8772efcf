//! A program that runs in a container.

use std::borrow::Cow;
use std::net::IpAddr;
use std::sync::Arc;

use crate::{CdiDevice, FileSystem, GraphError, Mount, MountKind, Output, SecretEnv, SecretMount, SshMount};

/// Runs a program on a root file system, with other file systems mounted into it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExecOp {
    /// The program and its arguments; at least one.
    pub args: Vec<Cow<'static, str>>,
    /// The environment as `KEY=VALUE`, each key once: [`latest_env`] sees to it.
    pub env: Arc<Vec<String>>,
    /// The working directory, absolute.
    pub cwd: Cow<'static, str>,
    /// User, and group after a colon, by name or number; empty is the image's root.
    pub user: String,
    /// The host's name; empty is the daemon's default.
    pub hostname: String,
    /// Proxies that take no part in the cache key.
    pub proxy: Option<ProxyEnv>,
    /// Lines for `/etc/hosts`.
    pub extra_hosts: Vec<ExtraHost>,
    /// Resource limits of the process.
    pub ulimits: Vec<Ulimit>,
    /// The control group above the container's; empty is the daemon's.
    pub cgroup_parent: String,
    /// Exit codes that are a success; empty is zero alone.
    pub valid_exit_codes: Vec<i32>,
    /// What network there is.
    pub network: NetworkMode,
    /// What the program may do.
    pub security: SecurityMode,
    /// The root file system.
    pub root: FileSystem,
    /// Whether the root can't be written to; then it is no output.
    pub root_readonly: bool,
    /// Other file systems, in any order.
    pub mounts: Vec<Mount>,
    /// Secrets as environment variables.
    pub secret_env: Vec<SecretEnv>,
    /// Secrets as files.
    pub secrets: Vec<SecretMount>,
    /// Sockets of SSH agents.
    pub ssh: Vec<SshMount>,
    /// Devices.
    pub devices: Vec<CdiDevice>,
}

/// Proxy variables; the daemon sets the lower and the upper case form.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProxyEnv {
    /// `HTTP_PROXY`
    pub http_proxy: String,
    /// `HTTPS_PROXY`
    pub https_proxy: String,
    /// `FTP_PROXY`
    pub ftp_proxy: String,
    /// `NO_PROXY`
    pub no_proxy: String,
    /// `ALL_PROXY`
    pub all_proxy: String,
}

/// A line of `/etc/hosts`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExtraHost {
    /// The name.
    pub host: String,
    /// Its address.
    pub ip: IpAddr,
}

/// A resource limit of the process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ulimit {
    /// Such as `nofile`.
    pub name: String,
    /// In force.
    pub soft: i64,
    /// How far the program may raise it; -1 is no limit.
    pub hard: i64,
}

impl ExtraHost {
    /// A name and its address.
    pub fn new(host: impl Into<String>, ip: impl Into<IpAddr>) -> Self {
        Self {
            host: host.into(),
            ip: ip.into(),
        }
    }
}

impl Ulimit {
    /// A limit by its name, such as `nofile`: what is in force, and how far the program may raise it.
    pub fn new(name: impl Into<String>, soft: i64, hard: i64) -> Self {
        Self {
            name: name.into(),
            soft,
            hard,
        }
    }
}

/// What network a program has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum NetworkMode {
    /// Its own.
    #[default]
    Sandbox,
    /// The worker's; the build must be entitled to it.
    Host,
    /// Only loopback.
    None,
}

/// What a program may do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SecurityMode {
    /// As much as in other containers.
    #[default]
    Sandbox,
    /// Everything; the build must be entitled to it.
    Insecure,
}

/// An environment with each key once. Of a key that comes twice the later one
/// counts, also for the place, as with the reference's client; an entry without
/// `=` is an empty variable.
#[must_use]
pub fn latest_env(env: &[String]) -> Vec<String> {
    let mut seen = std::collections::BTreeSet::new();
    let key_of = |entry: &'_ String| entry.split('=').next().unwrap_or_default().to_owned();
    let mut out: Vec<String> = env
        .iter()
        .rev()
        .filter(|entry| seen.insert(key_of(entry)))
        .map(|entry| match entry.contains('=') {
            true => entry.clone(),
            false => format!("{entry}="),
        })
        .collect();
    out.reverse();
    out
}

/// One mount with an input, the root among them, in the wire's order.
#[derive(Clone, Copy)]
pub(crate) enum Slot<'a> {
    /// The root file system.
    Root,
    /// One of [`ExecOp::mounts`].
    Mount(&'a Mount),
}

impl ExecOp {
    /// A program on a root file system, in the directory `/`, with nothing else.
    pub fn new<A: Into<String>>(root: FileSystem, args: impl IntoIterator<Item = A>) -> Self {
        Self {
            args: args.into_iter().map(|arg| Cow::Owned(arg.into())).collect(),
            env: Arc::default(),
            cwd: Cow::Borrowed("/"),
            user: String::new(),
            hostname: String::new(),
            proxy: None,
            extra_hosts: Vec::new(),
            ulimits: Vec::new(),
            cgroup_parent: String::new(),
            valid_exit_codes: Vec::new(),
            network: NetworkMode::default(),
            security: SecurityMode::default(),
            root,
            root_readonly: false,
            mounts: Vec::new(),
            secret_env: Vec::new(),
            secrets: Vec::new(),
            ssh: Vec::new(),
            devices: Vec::new(),
        }
    }

    /// The output that is the root file system afterwards, or `None` when the root
    /// is read-only, so still [`root`](Self::root).
    ///
    /// Outputs are numbered in the order of destinations, so all mounts have to be
    /// there.
    pub fn root_output(&self) -> Option<u32> {
        (!self.root_readonly).then(|| self.outputs_before("/", None))
    }

    /// The output that is the mount at this index of [`mounts`](Self::mounts)
    /// afterwards; `None` when it is read-only, a cache, a tmpfs, or its writes are
    /// dropped.
    pub fn mount_output(&self, index: usize) -> Option<u32> {
        let mount = self.mounts.get(index).filter(|mount| mount.is_output())?;
        Some(self.outputs_before(&mount.dest, Some(index)))
    }

    /// How many outputs come before one in the order of [`slots`](Self::slots): by destination, the root first of those
    /// with one destination, then in the order they were given.
    fn outputs_before(&self, dest: &str, index: Option<usize>) -> u32 {
        let place = (dest, index);
        let root = !self.root_readonly && ("/", None) < place;
        let mounts = self.mounts.iter().enumerate();
        let mounts =
            mounts.filter(|(at, mount)| mount.is_output() && (mount.dest.as_str(), Some(*at)) < place);
        u32::from(root) + count(mounts)
    }

    /// The root and the mounts by destination; those with one destination stay in
    /// the order they were given, the root first.
    pub(crate) fn slots(&self) -> Vec<Slot<'_>> {
        let mut slots = Vec::with_capacity(self.mounts.len() + 1);
        slots.push(Slot::Root);
        slots.extend(self.mounts.iter().map(Slot::Mount));
        slots.sort_by(|a, b| a.dest().cmp(b.dest()));
        slots
    }

    pub(crate) fn output_count(&self) -> u32 {
        u32::from(!self.root_readonly) + count(self.mounts.iter().filter(|mount| mount.is_output()))
    }

    pub(crate) fn inputs(&self) -> Vec<Output> {
        let mut inputs = Vec::new();
        for slot in self.slots() {
            if let Some(source) = slot.source(self)
                && !inputs.contains(&source)
            {
                inputs.push(source);
            }
        }
        inputs
    }

    pub(crate) fn validate(&self) -> Result<(), GraphError> {
        if self.args.is_empty() {
            return Err(GraphError::NoArguments);
        }
        if self.cwd.is_empty() {
            return Err(GraphError::NoWorkingDirectory);
        }
        if !self.cwd.starts_with('/') {
            return Err(GraphError::RelativeDirectory(self.cwd.to_string()));
        }
        for mount in &self.mounts {
            match &mount.kind {
                MountKind::Tmpfs { .. } if mount.source.is_some() => {
                    return Err(GraphError::TmpfsSource(mount.dest.clone()));
                }
                MountKind::Cache { id, .. } if id.is_empty() => {
                    return Err(GraphError::NoCacheId(mount.dest.clone()));
                }
                _ => {}
            }
        }
        Ok(())
    }
}

fn count(outputs: impl Iterator) -> u32 {
    u32::try_from(outputs.count()).unwrap_or(u32::MAX - 1)
}

impl<'a> Slot<'a> {
    pub(crate) fn dest(&self) -> &'a str {
        match self {
            Self::Root => "/",
            Self::Mount(mount) => &mount.dest,
        }
    }

    pub(crate) fn source(&self, op: &ExecOp) -> FileSystem {
        match self {
            Self::Root => op.root,
            Self::Mount(mount) => mount.source,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_key_that_comes_twice_the_later_one_counts() {
        let env = ["A=1", "B", "A=2", "C=", "B=3", "D"].map(str::to_owned);
        assert_eq!(latest_env(&env), ["A=2", "C=", "B=3", "D="]);
    }
}
