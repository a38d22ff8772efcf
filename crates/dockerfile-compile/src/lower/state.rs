//! What a stage is at one point of its instructions.

use std::rc::Rc;

use buildkit_llb::{FileSystem, NetworkMode, Platform};
use dockerfile_syntax::LineRange;

use crate::env::{EnvList, split_entry};
use crate::error::CompileError;
use crate::image::{History, Image};
use crate::os_path::{DEFAULT_PATH, to_slash, working_directory};
use crate::plan::{Plan, StageId};

/// A stage's file system, its environment and the config of its image so far.
#[derive(Clone)]
pub(crate) struct StageState {
    pub(crate) fs: FileSystem,
    /// `ENV`, `ARG` and the base's environment.
    pub(crate) env: EnvList,
    /// The working directory, with slashes.
    pub(crate) dir: String,
    pub(crate) user: String,
    pub(crate) hostname: String,
    pub(crate) network: NetworkMode,
    /// The platform that the base brought along; a `RUN` without one runs on the target's.
    pub(crate) run_platform: Option<Platform>,
    /// The platform of the stage.
    pub(crate) platform: Platform,
    pub(crate) image: Image,
    /// The base image's config before any change.
    pub(crate) base_image: Option<Rc<Image>>,
    /// Arguments of the stage and of those that it stands on, in order.
    pub(crate) args: Vec<StageArg>,
    /// The stage at the bottom of the chain: reads of any of them are reads of that one.
    pub(crate) root: StageId,
    /// Steps that progress has named.
    pub(crate) steps: usize,
    /// An earlier `WORKDIR` of this file is in effect.
    pub(crate) is_workdir_set: bool,
    pub(crate) epoch: Option<i64>,
    pub(crate) seen: Seen,
    /// What the commands of the stage itself want from the client.
    pub(crate) wanted: Vec<Wanted>,
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

/// An `ARG` of a stage with its effective value.
#[derive(Clone)]
pub(crate) struct StageArg {
    pub(crate) key: Rc<str>,
    pub(crate) value: Option<Rc<str>>,
}

impl StageState {
    /// The state of a stage whose file system is `fs`.
    pub(super) fn new(fs: FileSystem, image: Image, platform: Platform, root: StageId) -> Self {
        Self {
            fs,
            env: EnvList::default(),
            dir: "/".to_owned(),
            user: String::new(),
            hostname: String::new(),
            network: NetworkMode::Sandbox,
            run_platform: None,
            platform,
            image,
            base_image: None,
            args: Vec::new(),
            root,
            steps: 0,
            is_workdir_set: false,
            epoch: None,
            seen: Seen::default(),
            wanted: Vec::new(),
        }
    }

    /// A stage that stands on this one.
    pub(super) fn child(&self) -> Self {
        let mut child = self.clone();
        // Triggers act once.
        child.image.config.on_build.clear();
        child.steps = 0;
        child.seen = Seen::default();
        child.wanted.clear();
        child
    }

    /// Takes the environment, working directory and user of an image config, as a container of it would.
    pub(super) fn apply_config(&mut self, config: &Image) {
        for entry in &config.config.env {
            let (key, value) = split_entry(entry);
            if !key.is_empty() {
                self.env.set(key, value);
            }
        }
        self.dir = buildkit_llb::path::join(&["/", &config.config.working_dir]);
        if config.config.working_dir.starts_with('/') {
            self.dir.clone_from(&config.config.working_dir);
        }
        if !config.architecture.is_empty() && !config.os.is_empty() {
            self.run_platform = Some(config.platform().normalize());
        }
    }

    /// What holds before the first instruction of a stage.
    pub(super) fn prepare(&mut self, plan: &Plan<'_>) -> Result<(), CompileError> {
        let config = &mut self.image.config;
        if !config.env.iter().any(|entry| split_entry(entry).0 == "PATH") && self.platform.os != "windows" {
            config.env.push(format!("PATH={DEFAULT_PATH}"));
        }
        for entry in &config.env {
            let (key, value) = split_entry(entry);
            self.env.set(key, value);
        }
        if !plan.options.hostname.is_empty() {
            self.hostname.clone_from(&plan.options.hostname);
        }
        if !config.working_dir.is_empty() {
            let written = config.working_dir.clone();
            self.set_working_dir(&written)?;
        }
        if !self.image.config.user.is_empty() {
            self.user.clone_from(&self.image.config.user);
        }
        self.network = plan.options.network;
        self.epoch = plan.epoch;
        Ok(())
    }

    /// Changes the working directory of the image and of what follows.
    pub(super) fn set_working_dir(&mut self, path: &str) -> Result<(), CompileError> {
        let os = &self.platform.os;
        let dir = working_directory(&self.image.config.working_dir, path, os).map_err(CompileError::new)?;
        self.dir = to_slash(&dir, os);
        self.image.config.working_dir = dir;
        Ok(())
    }

    /// Adds an entry to the image's history.
    pub(super) fn commit(&mut self, created_by: String, makes_layer: bool) {
        self.image
            .history
            .push(History::of_instruction(created_by, makes_layer, self.epoch));
    }

    /// Adds the entry of an instruction that ran in a container or copied files.
    pub(super) fn commit_layer(&mut self, created_by: &str) {
        self.commit(format!("{created_by} # buildkit"), true);
    }

    /// Sets a variable of the image; its place among the others stays.
    pub(super) fn set_image_env(&mut self, key: &str, value: &str) {
        let entry = format!("{key}={value}");
        let env = &mut self.image.config.env;
        match env.iter_mut().find(|entry| split_entry(entry).0 == key) {
            Some(old) => *old = entry,
            None => env.push(entry),
        }
    }
}
