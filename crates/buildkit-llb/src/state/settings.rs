//! What of a state only later commands and paths show.

use std::sync::Arc;

use crate::{ExecOp, ExtraHost, NetworkMode, Platform, SecurityMode, Ulimit, path};

use super::StateError;

#[derive(Clone, Debug)]
pub(super) struct Settings {
    /// As it was set, or joined to the one before.
    pub(super) dir: String,
    /// As `KEY=VALUE`, each key once.
    pub(super) env: Arc<Vec<String>>,
    pub(super) user: String,
    pub(super) hostname: String,
    pub(super) network: NetworkMode,
    pub(super) security: SecurityMode,
    pub(super) extra_hosts: Vec<ExtraHost>,
    pub(super) ulimits: Vec<Ulimit>,
    pub(super) cgroup_parent: String,
    /// Normalized; `None` is that of the definition.
    pub(super) platform: Option<Arc<Platform>>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            dir: "/".to_owned(),
            env: Arc::default(),
            user: String::new(),
            hostname: String::new(),
            network: NetworkMode::default(),
            security: SecurityMode::default(),
            extra_hosts: Vec::new(),
            ulimits: Vec::new(),
            cgroup_parent: String::new(),
            platform: None,
        }
    }
}

impl Settings {
    /// A command with all that is set.
    pub(super) fn command(&self, args: Vec<String>) -> ExecOp {
        ExecOp {
            env: Arc::clone(&self.env),
            cwd: self.dir.clone().into(),
            user: self.user.clone(),
            hostname: self.hostname.clone(),
            network: self.network,
            security: self.security,
            extra_hosts: self.extra_hosts.clone(),
            ulimits: self.ulimits.clone(),
            cgroup_parent: self.cgroup_parent.clone(),
            ..ExecOp::new(None, args)
        }
    }
}

/// A directory seen from another one. An absolute one stays as it is written.
pub(super) fn resolve_dir(from: &str, dir: &str) -> String {
    if dir.starts_with('/') {
        dir.to_owned()
    } else {
        path::join(&[from, dir])
    }
}

/// Sets a variable, which then comes last.
pub(super) fn set_env(env: &mut Arc<Vec<String>>, name: &str, value: &str) -> Result<(), StateError> {
    if name.is_empty() || name.contains('=') {
        return Err(StateError::EnvName(name.to_owned()));
    }
    let is_it = |entry: &str| entry.strip_prefix(name).is_some_and(|rest| rest.starts_with('='));
    let env = Arc::make_mut(env);
    env.retain(|entry| !is_it(entry));
    env.push(format!("{name}={value}"));
    Ok(())
}
