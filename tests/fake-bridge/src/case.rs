//! What the world of a test holds: the oracle's request format.

use std::collections::BTreeMap;

use llb_graph::Platform;
use plimsoll_frontend::options::{Environment, own_platform};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use crate::base64;

/// Bytes that JSON holds as base64.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bytes(pub Vec<u8>);

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Option::<String>::deserialize(deserializer)?.unwrap_or_default();
        base64::decode(&text)
            .map(Self)
            .ok_or_else(|| serde::de::Error::custom("malformed base64"))
    }
}

impl From<&str> for Bytes {
    fn from(text: &str) -> Self {
        Self(text.into())
    }
}

/// A flat file system: path to content.
pub type Tree = BTreeMap<String, Bytes>;

/// Everything that the frontend can learn from outside; the fields are described in the oracle's README.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[allow(missing_docs, reason = "the oracle's README has the table")]
pub struct Case {
    pub id: String,
    pub opts: BTreeMap<String, String>,
    pub session: Option<String>,
    pub product: String,
    pub workers: Vec<Worker>,
    pub caps_absent: Vec<String>,
    pub frontend_caps_absent: Vec<String>,
    pub caps_only: Option<Vec<String>>,
    pub frontend_caps_only: Option<Vec<String>>,
    pub caps_disabled: Vec<String>,
    pub frontend_caps_disabled: Vec<String>,
    pub locals: BTreeMap<String, Tree>,
    pub images: BTreeMap<String, Image>,
    pub any_image: bool,
    pub http: BTreeMap<String, Download>,
    pub git: BTreeMap<String, Repository>,
    pub inputs: BTreeMap<String, Bytes>,
    pub input_states: BTreeMap<String, InputState>,
    pub brief: bool,
}

/// One worker of the daemon.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[allow(missing_docs, reason = "the oracle's README has the table")]
pub struct Worker {
    pub id: String,
    pub labels: BTreeMap<String, String>,
    pub platforms: Vec<String>,
}

/// What an image reference resolves to.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[allow(missing_docs, reason = "the oracle's README has the table")]
pub struct Image {
    pub digest: String,
    pub config: Option<Box<RawValue>>,
    pub config_base64: Bytes,
    pub platforms: BTreeMap<String, Image>,
    pub redirect: String,
    pub error: Option<Failed>,
}

/// A status that a lookup ends with.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[allow(missing_docs, reason = "the oracle's README has the table")]
pub struct Failed {
    pub code: i32,
    pub message: String,
}

/// An http source.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[allow(missing_docs, reason = "the oracle's README has the table")]
pub struct Download {
    pub body: Bytes,
    pub last_modified: Option<String>,
    pub error: Option<Failed>,
}

/// A git source.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[allow(missing_docs, reason = "the oracle's README has the table")]
pub struct Repository {
    pub commit: String,
    pub committer_date: i64,
    pub files: Tree,
    pub error: Option<Failed>,
}

/// A frontend input in short form; exactly one field is set. A bridge here takes the definitions that the oracle
/// gives back for it in [`Case::inputs`].
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[allow(missing_docs, reason = "the oracle's README has the table")]
pub struct InputState {
    pub scratch: bool,
    pub image: String,
    pub local: String,
    pub http: String,
    pub git: String,
    pub files: BTreeMap<String, String>,
}

impl Case {
    /// A case of one Dockerfile, where every image exists.
    #[must_use]
    pub fn dockerfile(text: &str) -> Self {
        let tree = Tree::from([("Dockerfile".to_owned(), Bytes::from(text))]);
        Self {
            any_image: true,
            locals: BTreeMap::from([
                ("dockerfile".to_owned(), tree),
                ("context".to_owned(), Tree::new()),
            ]),
            ..Self::default()
        }
    }

    /// Sets an option.
    #[must_use]
    pub fn opt(mut self, key: &str, value: &str) -> Self {
        self.opts.insert(key.to_owned(), value.to_owned());
        self
    }

    /// Sets a file of a local source.
    #[must_use]
    pub fn file(mut self, local: &str, path: &str, content: &str) -> Self {
        self.locals
            .entry(local.to_owned())
            .or_default()
            .insert(path.to_owned(), Bytes::from(content));
        self
    }

    /// The process environment that BuildKit would start the frontend with.
    #[must_use]
    pub fn environment(&self) -> Environment {
        let worker = |worker: &Worker| {
            worker
                .platforms
                .iter()
                .filter_map(|text| parse_platform(text))
                .collect()
        };
        let mut workers: Vec<Vec<Platform>> = self.workers.iter().map(worker).collect();
        if workers.is_empty() {
            workers.push(vec![Platform::new("linux", "amd64")]);
        }
        Environment {
            options: self.opts.clone(),
            session_id: self.session.clone().unwrap_or_else(|| "session".to_owned()),
            workers,
            product: if self.product.is_empty() {
                "buildkit".to_owned()
            } else {
                self.product.clone()
            },
            log: None,
            present: true,
        }
    }

    /// What the daemon takes where a lookup names no platform.
    pub(crate) fn default_platform(&self) -> Platform {
        let first = self
            .workers
            .iter()
            .flat_map(|worker| &worker.platforms)
            .find_map(|text| parse_platform(text));
        first.unwrap_or_else(|| Platform::new("linux", "amd64"))
    }
}

fn parse_platform(text: &str) -> Option<Platform> {
    Platform::parse(text, &own_platform())
        .ok()
        .map(|platform| platform.normalize())
}
