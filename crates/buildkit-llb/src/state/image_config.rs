//! What the config of an image says to commands on it.

use serde::Deserialize;

use super::StateError;
use crate::Platform;

/// The fields that matter here of an image's config, as the OCI image specification has it. What is `null` is not there.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ImageConfig {
    architecture: Option<String>,
    os: Option<String>,
    variant: Option<String>,
    #[serde(rename = "os.version")]
    os_version: Option<String>,
    #[serde(rename = "os.features")]
    os_features: Option<Vec<String>>,
    config: Option<Inner>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Inner {
    #[serde(rename = "Env")]
    env: Option<Vec<String>>,
    #[serde(rename = "WorkingDir")]
    working_dir: Option<String>,
}

impl ImageConfig {
    pub(super) fn parse(json: &[u8]) -> Result<Self, StateError> {
        serde_json::from_slice(json).map_err(|error| StateError::ImageConfig(error.to_string()))
    }

    /// Names and values; entries without a name are left out.
    pub(super) fn env(&self) -> impl Iterator<Item = (&str, &str)> {
        let entries = self.config.iter().flat_map(|config| config.env.iter().flatten());
        entries
            .map(|entry| entry.split_once('=').unwrap_or((entry, "")))
            .filter(|(name, _)| !name.is_empty())
    }

    pub(super) fn working_dir(&self) -> &str {
        let config = self.config.as_ref();
        config
            .and_then(|config| config.working_dir.as_deref())
            .unwrap_or_default()
    }

    /// The platform, where both halves of it are said.
    pub(super) fn platform(&self) -> Option<Platform> {
        let said = |text: &Option<String>| text.clone().unwrap_or_default();
        let platform = Platform {
            os: said(&self.os),
            architecture: said(&self.architecture),
            variant: said(&self.variant),
            os_version: said(&self.os_version),
            os_features: self.os_features.clone().unwrap_or_default(),
        };
        (!platform.os.is_empty() && !platform.architecture.is_empty()).then(|| platform.normalize())
    }
}
