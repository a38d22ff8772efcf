//! The config's fields.

use std::collections::BTreeMap;
use std::rc::Rc;

use llb_graph::Platform;

use super::history::History;
use crate::env::ImageEnv;
use crate::paths::os::DEFAULT_PATH;

/// An image config. Unknown fields are dropped, as the reference drops them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Image {
    pub(crate) created: Option<String>,
    pub(crate) author: Rc<str>,
    pub(crate) architecture: String,
    pub(crate) os: String,
    pub(crate) os_version: String,
    pub(crate) os_features: Vec<String>,
    pub(crate) variant: String,
    pub(crate) rootfs: Rc<RootFs>,
    pub(crate) history: Rc<Vec<History>>,
    pub(crate) config: Config,
}

/// The layers below. `null` and `[]` differ in print, so absence is kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct RootFs {
    pub(crate) kind: String,
    pub(crate) diff_ids: Option<Vec<String>>,
}

/// How a container of the image runs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Config {
    pub(crate) user: Rc<str>,
    pub(crate) exposed_ports: Rc<BTreeMap<String, Nothing>>,
    pub(crate) env: ImageEnv,
    pub(crate) entrypoint: Rc<Vec<String>>,
    pub(crate) cmd: Rc<Vec<String>>,
    pub(crate) volumes: Rc<BTreeMap<String, Nothing>>,
    pub(crate) working_dir: Rc<str>,
    pub(crate) labels: Rc<BTreeMap<String, String>>,
    pub(crate) stop_signal: Rc<str>,
    pub(crate) args_escaped: bool,
    pub(crate) healthcheck: Option<Health>,
    pub(crate) on_build: Rc<Vec<String>>,
    pub(crate) shell: Rc<Vec<String>>,
}

/// `{}`: the values of Go's sets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Nothing {}

/// A health check; durations in nanoseconds, 0 inherits.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Health {
    pub(crate) test: Vec<String>,
    pub(crate) interval: i64,
    pub(crate) timeout: i64,
    pub(crate) start_period: i64,
    pub(crate) start_interval: i64,
    pub(crate) retries: i64,
}

impl Image {
    /// The config of `FROM scratch`.
    pub(crate) fn empty(platform: &Platform) -> Self {
        let mut image = Self {
            architecture: platform.architecture.clone(),
            os: platform.os.clone(),
            os_version: platform.os_version.clone(),
            os_features: platform.os_features.clone(),
            variant: platform.variant.clone(),
            ..Self::default()
        };
        image.rootfs = Rc::new(RootFs {
            kind: "layers".to_owned(),
            diff_ids: None,
        });
        image.config.working_dir = "/".into();
        // Windows fills PATH in by itself.
        if platform.os != "windows" {
            image.config.env.set("PATH", DEFAULT_PATH);
        }
        image
    }

    /// What a config takes when it is read: its text, and its entries, which may be many in little text.
    pub(crate) fn weight(json: &[u8]) -> usize {
        const ENTRY_BYTES: usize = 64;
        let entries = json.iter().filter(|byte| **byte == b',').count();
        json.len() + entries * ENTRY_BYTES
    }

    /// The platform that the config names.
    pub(crate) fn platform(&self) -> Platform {
        Platform {
            os: self.os.clone(),
            architecture: self.architecture.clone(),
            variant: self.variant.clone(),
            os_version: self.os_version.clone(),
            os_features: self.os_features.clone(),
        }
    }

    /// Makes the config name `platform`.
    pub(crate) fn set_platform(&mut self, platform: &Platform) {
        self.os.clone_from(&platform.os);
        self.architecture.clone_from(&platform.architecture);
        self.variant.clone_from(&platform.variant);
        self.os_version.clone_from(&platform.os_version);
        self.os_features.clone_from(&platform.os_features);
    }

    /// Whether the image has no layer at all, so that its file system is the empty one. Images of the first
    /// schema list no layers; for those the history decides.
    pub(crate) fn is_empty_filesystem(&self) -> bool {
        self.rootfs.diff_ids.as_ref().is_none_or(Vec::is_empty)
            && self.history.iter().all(|entry| entry.empty_layer)
    }
}
