//! A file of answers: what `plimsoll images` writes and `--images FILE` reads.

use std::fs;
use std::path::{Path, PathBuf};

use dockerfile_compile::{ImageAnswer, ImageRequest};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::output::Failure;

/// The form of the file.
const VERSION: u32 = 1;

/// The answers of a file.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AnswersFile {
    version: u32,
    /// In the order in which they came up.
    images: Vec<Entry>,
    #[serde(skip)]
    path: PathBuf,
}

impl Default for AnswersFile {
    fn default() -> Self {
        Self {
            version: VERSION,
            images: Vec::new(),
            path: PathBuf::new(),
        }
    }
}

/// One image, or why there is none.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    /// The full name.
    reference: String,
    /// The platform asked for; absent where any is right.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    platform: Option<String>,
    /// Digest of the manifest or index.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    digest: String,
    /// The image's config.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    config: Value,
    /// Why it can't be had.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    error: String,
}

impl AnswersFile {
    /// Reads a file.
    ///
    /// # Errors
    /// Fails where it can't be read, or is none of ours.
    pub(crate) fn read(path: &Path) -> Result<Self, Failure> {
        let failed = |why: String| {
            Failure::new(format!(
                "--images {}: {why}; write `registry`, `assume`, or a file that `plimsoll images` wrote",
                path.display()
            ))
        };
        let bytes = fs::read(path).map_err(|error| failed(error.to_string()))?;
        let mut file: Self = serde_json::from_slice(&bytes).map_err(|error| failed(error.to_string()))?;
        if file.version != VERSION {
            return Err(failed(format!(
                "its version is {}, and {VERSION} is what can be read",
                file.version
            )));
        }
        path.clone_into(&mut file.path);
        Ok(file)
    }

    /// What the file says of an image. An entry without a platform is for every one.
    pub(super) fn answer(&self, request: &ImageRequest) -> Result<ImageAnswer, String> {
        let platform = platform_of(request);
        let of_name = || {
            self.images
                .iter()
                .filter(|entry| entry.reference == request.reference)
        };
        let entry = of_name()
            .find(|entry| entry.platform == platform)
            .or_else(|| of_name().find(|entry| entry.platform.is_none()))
            .ok_or_else(|| {
                let platform = platform
                    .map(|platform| format!(" for {platform}"))
                    .unwrap_or_default();
                format!(
                    "{} says nothing of {}{platform}: write it anew with `plimsoll images`",
                    self.path.display(),
                    request.reference
                )
            })?;
        if !entry.error.is_empty() {
            return Err(entry.error.clone());
        }
        Ok(ImageAnswer::Found {
            reference: entry.reference.clone(),
            digest: entry.digest.clone(),
            config: entry.config.to_string().into_bytes(),
        })
    }

    /// Adds what was found out about an image; the first answer to a question stays.
    pub(super) fn add(&mut self, request: &ImageRequest, found: &Result<ImageAnswer, String>) {
        let mut entry = Entry {
            reference: request.reference.clone(),
            platform: platform_of(request),
            digest: String::new(),
            config: Value::Null,
            error: String::new(),
        };
        let is_known =
            |known: &Entry| (&known.reference, &known.platform) == (&entry.reference, &entry.platform);
        if self.images.iter().any(is_known) {
            return;
        }
        match found {
            Ok(ImageAnswer::Found { digest, config, .. }) => {
                entry.digest.clone_from(digest);
                entry.config = serde_json::from_slice(config).unwrap_or_default();
            }
            Ok(ImageAnswer::Redirected(to)) => entry.error = format!("it was redirected to {to}"),
            Err(message) => entry.error.clone_from(message),
        }
        self.images.push(entry);
    }

    /// The file's bytes.
    pub(crate) fn to_json(&self) -> Vec<u8> {
        let mut json = serde_json::to_vec_pretty(self).unwrap_or_default();
        json.push(b'\n');
        json
    }

    /// The images that can't be had, with why.
    pub(crate) fn failures(&self) -> impl Iterator<Item = (&str, &str)> {
        let failed = self.images.iter().filter(|entry| !entry.error.is_empty());
        failed.map(|entry| (entry.reference.as_str(), entry.error.as_str()))
    }
}

fn platform_of(request: &ImageRequest) -> Option<String> {
    request.platform.as_ref().map(llb_graph::Platform::format_all)
}
