//! What a stage is at one point of its instructions.

use std::rc::Rc;
use std::sync::Arc;

use dockerfile_syntax::budget::Exceeded;
use dockerfile_syntax::{Budget, LineRange};
use llb_graph::{FileSystem, NetworkMode, Platform};

use crate::env::EnvList;
use crate::error::CompileError;
use crate::image::{Config, Image};
use crate::paths::os::{DEFAULT_PATH, to_slash, working_directory};
use crate::plan::{Plan, StageId};
use crate::shared_map::SharedMap;

use super::history::{HistoryId, SettingId, push_pair};

/// A stage's file system, its environment and the config of its image so far. A child starts with a copy, so all that
/// can be large is shared.
#[derive(Clone)]
pub(crate) struct StageState {
    pub(crate) fs: FileSystem,
    /// `ENV`, `ARG` and the base's environment.
    pub(crate) env: EnvList,
    /// The working directory, with slashes.
    pub(crate) dir: Rc<str>,
    pub(crate) user: Rc<str>,
    pub(crate) network: NetworkMode,
    /// The platform that the base brought along; a `RUN` without one runs on the target's.
    pub(crate) run_platform: Option<Arc<Platform>>,
    /// The platform of the stage.
    pub(crate) platform: Arc<Platform>,
    /// The image without what its history has got since the base, and without labels, ports and volumes.
    pub(crate) image: Rc<Image>,
    /// The last entry of its history that is not the base's.
    pub(crate) history: Option<HistoryId>,
    /// The last one of what they set.
    pub(crate) settings: Option<SettingId>,
    /// The base image's config before any change.
    pub(crate) base_image: Option<Rc<Image>>,
    /// Arguments of the stage and of those that it stands on.
    pub(crate) args: StageArgs,
    /// The arguments with their values in effect, as the history of a `RUN` tells them, while they stay as they are.
    told_args: Option<Rc<String>>,
    /// The file that the stage belongs to, as in [`crate::plan::Stage::module`].
    pub(crate) module: usize,
    /// The stage at the bottom of the chain: reads of any of them are reads of that one.
    pub(crate) root: StageId,
    /// Steps that progress has named.
    pub(crate) steps: usize,
    /// A step runs in every build, and so does what stands on it: a daemon would find it by what it does, not by its files.
    pub(crate) always_runs: bool,
    /// An earlier `WORKDIR` of this file is in effect.
    pub(crate) is_workdir_set: bool,
    pub(crate) epoch: Option<i64>,
    pub(crate) seen: Seen,
    /// What the commands of the stage itself want from the client.
    pub(crate) wanted: Vec<Wanted>,
    /// It goes on when a file is known that was asked for.
    pub(super) waits: bool,
    /// A file that nobody can read may set further variables.
    pub(super) lacks_variables: bool,
}

/// Something of the client's that a `RUN` uses.
#[derive(Clone)]
pub(crate) struct Wanted {
    pub(crate) kind: WantedKind,
    pub(crate) id: String,
    pub(crate) required: bool,
    pub(crate) lines: LineRange,
}

/// What of the client's a `RUN` uses.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum WantedKind {
    Secret,
    Ssh,
}

/// Where the instructions stand that count only once a stage.
#[derive(Clone, Default)]
pub(crate) struct Seen {
    pub(crate) cmd: Option<LineRange>,
    pub(crate) entrypoint: Option<LineRange>,
    pub(crate) healthcheck: Option<LineRange>,
}

/// The arguments of a stage and of those that it stands on, by name.
#[derive(Clone, Default)]
pub(crate) struct StageArgs {
    known: SharedMap<Rc<str>, StageArg>,
    count: usize,
    next: u32,
}

/// What the `ARG`s of one name say.
#[derive(Clone)]
struct StageArg {
    /// The place of the first one.
    place: u32,
    /// The value of the last one.
    value: Option<Rc<str>>,
    /// The value of the last one that is not a global one's: what the outline shows.
    own: Option<Rc<str>>,
}

impl StageArgs {
    /// Notes an `ARG`, which may have its value from a global one.
    pub(super) fn declare(&mut self, key: &str, value: Option<&str>, is_global: bool) {
        let known = self.known.get(key);
        let value: Option<Rc<str>> = value.map(Into::into);
        let own = match known {
            Some(known) if is_global => known.own.clone(),
            _ => value.clone(),
        };
        let place = known.map_or(self.next, |known| known.place);
        self.count += usize::from(known.is_none());
        self.known.insert(key.into(), StageArg { place, value, own });
        self.next += 1;
    }

    /// How many there are.
    pub(crate) fn count(&self) -> usize {
        self.count
    }

    /// Whether there is one called `key`.
    pub(crate) fn contains(&self, key: &str) -> bool {
        self.known.get(key).is_some()
    }

    /// The value of `key`.
    pub(crate) fn value(&self, key: &str) -> Option<&str> {
        self.known.get(key)?.value.as_deref()
    }

    /// The value of `key` that the stage itself gives it.
    pub(crate) fn own_value(&self, key: &str) -> Option<&str> {
        self.known.get(key)?.own.as_deref()
    }

    /// The names with their values, in the order of their first declarations.
    pub(crate) fn in_order(&self) -> Vec<(&str, Option<&str>)> {
        let mut args: Vec<_> = self.known.iter().collect();
        args.sort_unstable_by_key(|(_, arg)| arg.place);
        args.into_iter()
            .map(|(key, arg)| (&**key, arg.value.as_deref()))
            .collect()
    }
}

impl StageState {
    /// The state of a stage whose file system is `fs`.
    pub(super) fn new(fs: FileSystem, image: Rc<Image>, platform: Arc<Platform>, root: StageId) -> Self {
        Self {
            fs,
            env: EnvList::default(),
            dir: "/".into(),
            user: Rc::default(),
            network: NetworkMode::Sandbox,
            run_platform: None,
            platform,
            image,
            history: None,
            settings: None,
            base_image: None,
            args: StageArgs::default(),
            told_args: None,
            module: 0,
            root,
            steps: 0,
            always_runs: false,
            is_workdir_set: false,
            epoch: None,
            seen: Seen::default(),
            wanted: Vec::new(),
            waits: false,
            lacks_variables: false,
        }
    }

    /// A stage that stands on this one.
    pub(super) fn child(&self) -> Self {
        let mut child = self.clone();
        // Triggers act once.
        child.forget_triggers();
        child.steps = 0;
        child.seen = Seen::default();
        child.wanted.clear();
        child
    }

    /// Takes the environment, working directory and user of an image config, as a container of it would.
    pub(super) fn apply_config(&mut self, config: &Image) {
        self.env.set_image(&config.config.env);
        self.told_args = None;
        self.dir = llb_graph::path::join(&["/", &config.config.working_dir]).into();
        if config.config.working_dir.starts_with('/') {
            self.dir = Rc::clone(&config.config.working_dir);
        }
        if !config.architecture.is_empty() && !config.os.is_empty() {
            self.run_platform = Some(Arc::new(config.platform().normalize()));
        }
    }

    /// Sets a variable of the build.
    pub(super) fn set_env(&mut self, key: &str, value: &str) {
        self.env.set(key, value);
        if self.args.contains(key) {
            self.told_args = None;
        }
    }

    /// Removes a variable of the build.
    pub(super) fn remove_env(&mut self, key: &str) {
        self.env.remove(key);
        self.told_args = None;
    }

    /// Notes an `ARG`, whose variable is set already, as [`StageArgs::declare`].
    pub(super) fn declare_arg(&mut self, key: &str, value: Option<&str>, is_global: bool) {
        let is_new = !self.args.contains(key);
        self.args.declare(key, value, is_global);
        match &mut self.told_args {
            Some(told) if is_new => {
                let value = self.env.lookup(key).or(value).unwrap_or_default();
                push_pair(Rc::make_mut(told), key, value);
            }
            _ => self.told_args = None,
        }
    }

    /// All arguments in the order of their declarations, each as ` KEY=VALUE`.
    ///
    /// # Errors
    /// They pass the budget.
    pub(super) fn tell_args(&mut self, budget: &Budget) -> Result<Rc<String>, Exceeded> {
        if let Some(told) = &self.told_args {
            return Ok(Rc::clone(told));
        }
        let mut told = String::new();
        for (key, value) in self.args.in_order() {
            let value = self.env.lookup(key).or(value).unwrap_or_default();
            budget.check(told.len() + key.len() + value.len())?;
            push_pair(&mut told, key, value);
        }
        Ok(Rc::clone(self.told_args.insert(Rc::new(told))))
    }

    /// What holds before the first instruction of a stage.
    pub(super) fn prepare(&mut self, plan: &Plan<'_>) -> Result<(), CompileError> {
        if self.image.config.env.get("PATH").is_none() && self.platform.os != "windows" {
            self.config().env.set("PATH", DEFAULT_PATH);
        }
        self.env.set_image(&self.image.config.env);
        self.told_args = None;
        if !self.image.config.working_dir.is_empty() {
            let written = Rc::clone(&self.image.config.working_dir);
            self.set_working_dir(&written).map_err(CompileError::new)?;
        }
        if !self.image.config.user.is_empty() {
            self.user = Rc::clone(&self.image.config.user);
        }
        self.network = plan.options.network;
        self.epoch = plan.epoch;
        Ok(())
    }

    /// Changes the working directory of the image and of what follows.
    ///
    /// # Errors
    /// What is wrong with the path.
    pub(super) fn set_working_dir(&mut self, path: &str) -> Result<(), String> {
        let os = &self.platform.os;
        let dir = working_directory(&self.image.config.working_dir, path, os)?;
        if *self.dir != *dir {
            self.dir = to_slash(dir.as_str(), os).into();
        }
        if *self.image.config.working_dir != *dir {
            self.config().working_dir = dir.into();
        }
        Ok(())
    }

    /// The image's config, to change it.
    pub(super) fn config(&mut self) -> &mut Config {
        &mut Rc::make_mut(&mut self.image).config
    }

    /// The image is not made yet.
    pub(super) fn forget_date(&mut self) {
        if self.image.created.is_some() {
            Rc::make_mut(&mut self.image).created = None;
        }
    }

    /// What the image's base left for those that build on it has acted.
    pub(super) fn forget_triggers(&mut self) {
        if !self.image.config.on_build.is_empty() {
            self.config().on_build = Rc::default();
        }
    }
}
