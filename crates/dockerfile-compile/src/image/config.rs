//! The config's fields, in the order in which the reference prints them.

use std::collections::BTreeMap;

use buildkit_llb::Platform;
use serde::{Deserialize, Deserializer, Serialize};

use super::history::History;
use super::json;
use crate::go_text::canonical_time;
use crate::os_path::DEFAULT_PATH;

/// An image config. Unknown fields are dropped, as the reference drops them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Image {
    #[serde(
        default,
        deserialize_with = "canonical_moment",
        skip_serializing_if = "Option::is_none"
    )]
    pub(crate) created: Option<String>,
    #[serde(
        default,
        deserialize_with = "or_default",
        skip_serializing_if = "String::is_empty"
    )]
    pub(crate) author: String,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) architecture: String,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) os: String,
    #[serde(
        default,
        rename = "os.version",
        deserialize_with = "or_default",
        skip_serializing_if = "String::is_empty"
    )]
    pub(crate) os_version: String,
    #[serde(
        default,
        rename = "os.features",
        deserialize_with = "or_default",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub(crate) os_features: Vec<String>,
    #[serde(
        default,
        deserialize_with = "or_default",
        skip_serializing_if = "String::is_empty"
    )]
    pub(crate) variant: String,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) rootfs: RootFs,
    #[serde(
        default,
        deserialize_with = "or_default",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub(crate) history: Vec<History>,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) config: Config,
}

/// The layers below. `null` and `[]` differ in print, so absence is kept.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct RootFs {
    #[serde(default, rename = "type", deserialize_with = "or_default")]
    pub(crate) kind: String,
    #[serde(default)]
    pub(crate) diff_ids: Option<Vec<String>>,
}

/// How a container of the image runs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Config {
    #[serde(
        default,
        deserialize_with = "or_default",
        skip_serializing_if = "String::is_empty"
    )]
    pub(crate) user: String,
    #[serde(
        default,
        deserialize_with = "or_default",
        skip_serializing_if = "BTreeMap::is_empty"
    )]
    pub(crate) exposed_ports: BTreeMap<String, Nothing>,
    #[serde(
        default,
        deserialize_with = "or_default",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub(crate) env: Vec<String>,
    #[serde(
        default,
        deserialize_with = "or_default",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub(crate) entrypoint: Vec<String>,
    #[serde(
        default,
        deserialize_with = "or_default",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub(crate) cmd: Vec<String>,
    #[serde(
        default,
        deserialize_with = "or_default",
        skip_serializing_if = "BTreeMap::is_empty"
    )]
    pub(crate) volumes: BTreeMap<String, Nothing>,
    #[serde(
        default,
        deserialize_with = "or_default",
        skip_serializing_if = "String::is_empty"
    )]
    pub(crate) working_dir: String,
    #[serde(
        default,
        deserialize_with = "or_default",
        skip_serializing_if = "BTreeMap::is_empty"
    )]
    pub(crate) labels: BTreeMap<String, String>,
    #[serde(
        default,
        deserialize_with = "or_default",
        skip_serializing_if = "String::is_empty"
    )]
    pub(crate) stop_signal: String,
    #[serde(default, deserialize_with = "or_default", skip_serializing_if = "is_default")]
    pub(crate) args_escaped: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) healthcheck: Option<Health>,
    #[serde(
        default,
        deserialize_with = "or_default",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub(crate) on_build: Vec<String>,
    #[serde(
        default,
        deserialize_with = "or_default",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub(crate) shell: Vec<String>,
}

/// `{}`: the values of Go's sets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Nothing {}

/// A health check; durations in nanoseconds, 0 inherits.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Health {
    #[serde(
        default,
        deserialize_with = "or_default",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub(crate) test: Vec<String>,
    #[serde(default, deserialize_with = "or_default", skip_serializing_if = "is_default")]
    pub(crate) interval: i64,
    #[serde(default, deserialize_with = "or_default", skip_serializing_if = "is_default")]
    pub(crate) timeout: i64,
    #[serde(default, deserialize_with = "or_default", skip_serializing_if = "is_default")]
    pub(crate) start_period: i64,
    #[serde(default, deserialize_with = "or_default", skip_serializing_if = "is_default")]
    pub(crate) start_interval: i64,
    #[serde(default, deserialize_with = "or_default", skip_serializing_if = "is_default")]
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
        image.rootfs.kind = "layers".to_owned();
        image.config.working_dir = "/".to_owned();
        // Windows fills PATH in by itself.
        if platform.os != "windows" {
            image.config.env = vec![format!("PATH={DEFAULT_PATH}")];
        }
        image
    }

    /// Reads the JSON that a registry gave.
    ///
    /// # Errors
    /// A sentence on what is wrong with it.
    pub(crate) fn from_json(bytes: &[u8]) -> Result<Self, String> {
        serde_json::from_slice(bytes).map_err(|error| format!("its config is not an image config: {error}"))
    }

    /// The JSON that goes to the exporter.
    pub(crate) fn to_json(&self) -> Vec<u8> {
        json::to_bytes(self)
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

/// Go takes `null` for any value.
pub(super) fn or_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Default + Deserialize<'de>,
{
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

pub(super) fn canonical_moment<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<String>, D::Error> {
    let text: Option<String> = Option::deserialize(deserializer)?;
    Ok(text.map(|text| canonical_time(&text)))
}

pub(super) fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}
