//! The config's fields, in the order in which the reference prints them.

use std::rc::Rc;

use llb_graph::Platform;
use serde::Serialize;

use super::history::History;
use crate::env::ImageEnv;
use crate::go::json::{is_default, to_bytes};
use crate::paths::os::DEFAULT_PATH;
use crate::shared_map::SharedMap;

/// An image config. Unknown fields are dropped, as the reference drops them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Image {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) created: Option<String>,
    #[serde(skip_serializing_if = "str::is_empty")]
    pub(crate) author: Rc<str>,
    pub(crate) architecture: String,
    pub(crate) os: String,
    #[serde(rename = "os.version", skip_serializing_if = "String::is_empty")]
    pub(crate) os_version: String,
    #[serde(rename = "os.features", skip_serializing_if = "Vec::is_empty")]
    pub(crate) os_features: Vec<String>,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) variant: String,
    pub(crate) rootfs: Rc<RootFs>,
    #[serde(skip_serializing_if = "is_empty")]
    pub(crate) history: Rc<Vec<History>>,
    pub(crate) config: Config,
}

/// The layers below. `null` and `[]` differ in print, so absence is kept.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct RootFs {
    #[serde(rename = "type")]
    pub(crate) kind: String,
    pub(crate) diff_ids: Option<Vec<String>>,
}

/// How a container of the image runs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Config {
    #[serde(skip_serializing_if = "str::is_empty")]
    pub(crate) user: Rc<str>,
    #[serde(skip_serializing_if = "SharedMap::is_empty")]
    pub(crate) exposed_ports: SharedMap<Rc<str>, Nothing>,
    #[serde(skip_serializing_if = "ImageEnv::is_empty")]
    pub(crate) env: ImageEnv,
    #[serde(skip_serializing_if = "is_empty")]
    pub(crate) entrypoint: Rc<Vec<String>>,
    #[serde(skip_serializing_if = "is_empty")]
    pub(crate) cmd: Rc<Vec<String>>,
    #[serde(skip_serializing_if = "SharedMap::is_empty")]
    pub(crate) volumes: SharedMap<Rc<str>, Nothing>,
    #[serde(skip_serializing_if = "str::is_empty")]
    pub(crate) working_dir: Rc<str>,
    #[serde(skip_serializing_if = "SharedMap::is_empty")]
    pub(crate) labels: SharedMap<Rc<str>, Rc<str>>,
    #[serde(skip_serializing_if = "str::is_empty")]
    pub(crate) stop_signal: Rc<str>,
    #[serde(skip_serializing_if = "is_default")]
    pub(crate) args_escaped: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) healthcheck: Option<Health>,
    #[serde(skip_serializing_if = "is_empty")]
    pub(crate) on_build: Rc<Vec<String>>,
    #[serde(skip_serializing_if = "is_empty")]
    pub(crate) shell: Rc<Vec<String>>,
}

/// `{}`: the values of Go's sets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Nothing {}

/// A health check; durations in nanoseconds, 0 inherits.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Health {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) test: Vec<String>,
    #[serde(skip_serializing_if = "is_default")]
    pub(crate) interval: i64,
    #[serde(skip_serializing_if = "is_default")]
    pub(crate) timeout: i64,
    #[serde(skip_serializing_if = "is_default")]
    pub(crate) start_period: i64,
    #[serde(skip_serializing_if = "is_default")]
    pub(crate) start_interval: i64,
    #[serde(skip_serializing_if = "is_default")]
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

    /// The JSON that goes to the exporter.
    pub(crate) fn to_json(&self) -> Vec<u8> {
        /// What a config takes beside its history, and an entry of that beside its text; a few need more.
        const ABOUT: usize = 1024;
        const ENTRY: usize = 64;
        let history = self.history.iter();
        let history = history.map(|entry| entry.created_by.len() + ENTRY);
        to_bytes(self, ABOUT + history.sum::<usize>())
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

fn is_empty<T>(list: &Rc<Vec<T>>) -> bool {
    list.is_empty()
}
