//! The result of a build as exporters read it.

use std::collections::BTreeMap;

use dockerfile_compile::Compiled;
use llb_graph::Platform;
use serde::Serialize;

use crate::gateway::{pb, to_entries};
use crate::options;
use crate::report::go_json;

/// Config of the image.
const IMAGE_CONFIG: &str = "containerimage.config";
/// Config of the image that it builds on.
const BASE_CONFIG: &str = "containerimage.base.config";
/// Date that the build counts as its own.
const EPOCH: &str = "source.date.epoch";
/// Which result is for which platform.
const PLATFORMS: &str = "refs.platforms";

/// A result that is being put together, platform by platform.
pub(super) struct Assembly {
    /// Whether the result is keyed by platform.
    keyed: bool,
    single: pb::Ref,
    refs: BTreeMap<String, pb::Ref>,
    metadata: BTreeMap<String, bytes::Bytes>,
    attestations: BTreeMap<String, pb::Attestations>,
    platforms: Vec<ExportPlatform>,
}

/// An entry of `refs.platforms`.
#[derive(Serialize)]
struct ExportPlatform {
    #[serde(rename = "ID")]
    id: String,
    #[serde(rename = "Platform")]
    platform: OciPlatform,
}

/// A platform as OCI writes it in JSON.
#[derive(Serialize)]
struct OciPlatform {
    architecture: String,
    os: String,
    #[serde(rename = "os.version", skip_serializing_if = "String::is_empty")]
    os_version: String,
    #[serde(rename = "os.features", skip_serializing_if = "Vec::is_empty")]
    os_features: Vec<String>,
    #[serde(skip_serializing_if = "String::is_empty")]
    variant: String,
}

/// All entries of `refs.platforms`.
#[derive(Serialize)]
struct ExportPlatforms<'a> {
    #[serde(rename = "Platforms")]
    platforms: &'a [ExportPlatform],
}

/// The platform that a result is for. `None` is the one that this program runs on, as with the reference.
pub(super) fn platform_of(target: Option<&Platform>) -> Platform {
    target.cloned().unwrap_or_else(options::own_platform).normalize()
}

/// A platform in the keys of a result.
pub(super) fn key(platform: &Platform) -> String {
    platform.format_all()
}

impl Assembly {
    pub(super) fn new(keyed: bool) -> Self {
        Self {
            keyed,
            single: pb::Ref::default(),
            refs: BTreeMap::new(),
            metadata: BTreeMap::new(),
            attestations: BTreeMap::new(),
            platforms: Vec::new(),
        }
    }

    /// Adds what was built for a platform.
    pub(super) fn add(&mut self, platform: &Platform, compiled: &Compiled, reference: Option<pb::Ref>) {
        let id = key(platform);
        let suffix = if self.keyed {
            format!("/{id}")
        } else {
            String::new()
        };
        let mut put = |key: &str, value: Vec<u8>| {
            self.metadata.insert(format!("{key}{suffix}"), value.into());
        };
        put(IMAGE_CONFIG, compiled.image_config.clone());
        if let Some(base) = &compiled.base_image_config {
            put(BASE_CONFIG, base.clone());
        }
        if let Some(epoch) = compiled.epoch {
            put(EPOCH, epoch.to_string().into_bytes());
        }
        let reference = reference.unwrap_or_default();
        if self.keyed {
            self.refs.insert(id.clone(), reference);
        } else {
            self.single = reference;
        }
        let platform = export_platform(platform.clone(), &compiled.image_platform);
        self.platforms.push(ExportPlatform { id, platform });
    }

    /// Adds a statement about what was built for a platform.
    pub(super) fn attest(&mut self, platform: &Platform, attestation: pb::Attestation) {
        self.attestations
            .entry(key(platform))
            .or_default()
            .attestation
            .push(attestation);
    }

    pub(super) fn finish(mut self) -> pb::Result {
        let platforms = go_json(&ExportPlatforms {
            platforms: &self.platforms,
        });
        self.metadata.insert(PLATFORMS.to_owned(), platforms.into());
        let result = match self.keyed {
            true => pb::result::Result::Refs(pb::RefMap {
                refs: to_entries(self.refs),
            }),
            false => pb::result::Result::Ref(self.single),
        };
        pb::Result {
            result: Some(result),
            metadata: self.metadata,
            attestations: to_entries(self.attestations),
        }
    }
}

/// The platform of an exported image. Windows images also need the version that their base has.
fn export_platform(mut platform: Platform, image: &Platform) -> OciPlatform {
    if platform.os == "windows" && image.os == platform.os {
        if platform.os_version.is_empty() {
            platform.os_version.clone_from(&image.os_version);
        }
        if platform.os_features.is_empty() {
            platform.os_features.clone_from(&image.os_features);
        }
        platform = platform.normalize();
    }
    OciPlatform {
        architecture: platform.architecture,
        os: platform.os,
        os_version: platform.os_version,
        os_features: platform.os_features,
        variant: platform.variant,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_takes_the_version_of_its_base() {
        let image = Platform {
            os_version: "10.0.1".to_owned(),
            ..Platform::new("windows", "amd64")
        };
        let exported = export_platform(Platform::new("windows", "amd64"), &image);
        assert_eq!(
            String::from_utf8(go_json(&exported)).unwrap(),
            r#"{"architecture":"amd64","os":"windows","os.version":"10.0.1"}"#
        );
        assert_eq!(
            export_platform(Platform::new("linux", "amd64"), &image).os_version,
            ""
        );
        // The version of a base of another system says nothing.
        let image = Platform {
            os_version: "10.0.1".to_owned(),
            ..Platform::new("linux", "amd64")
        };
        let exported = export_platform(Platform::new("windows", "amd64"), &image);
        assert_eq!(exported.os_version, "");
    }
}
