//! What BuildKit tells a frontend through its process environment.

use std::collections::BTreeMap;
use std::env;

use llb_graph::Platform;
use serde::Deserialize;

/// Where options come from: `BUILDKIT_FRONTEND_OPT_<n>` holds `key=value`.
const OPTION_PREFIX: &str = "BUILDKIT_FRONTEND_OPT_";

/// The process environment of a frontend, read but not understood.
#[derive(Clone, Debug, Default)]
pub struct Environment {
    /// Option keys and values as the client and daemon wrote them.
    pub options: BTreeMap<String, String>,
    /// Session that holds the client's files; empty where there is none.
    pub session_id: String,
    /// Platforms of each worker, its native one first.
    pub workers: Vec<Vec<Platform>>,
    /// Name of the program that the daemon is part of, such as `docker`; may be empty.
    pub product: String,
    /// Level of the log on standard error (`PLIMSOLL_LOG`), where asked for.
    pub log: Option<String>,
    /// Whether any of it was there: whether BuildKit started the process.
    pub present: bool,
}

/// A worker in `BUILDKIT_WORKERS`. Older daemons write the field's name with a capital.
#[derive(Deserialize)]
struct Worker {
    #[serde(alias = "Platforms", default)]
    platforms: Option<Vec<WorkerPlatform>>,
}

/// A platform as OCI writes it in JSON.
#[derive(Deserialize)]
struct WorkerPlatform {
    architecture: String,
    os: String,
    #[serde(default)]
    variant: String,
    #[serde(rename = "os.version", default)]
    os_version: String,
    #[serde(rename = "os.features", default)]
    os_features: Vec<String>,
}

impl Environment {
    /// The environment of this process.
    #[must_use]
    pub fn of_process() -> Self {
        let variables = env::vars_os()
            .filter_map(|(key, value)| Some((key.into_string().ok()?, value.to_string_lossy().into_owned())));
        Self::from_variables(variables)
    }

    /// An environment from its variables. Of two options with one key the later counts.
    #[must_use]
    pub fn from_variables(variables: impl IntoIterator<Item = (String, String)>) -> Self {
        let mut environment = Self::default();
        for (key, value) in variables {
            if key.starts_with(OPTION_PREFIX) {
                let (option, value) = value.split_once('=').unwrap_or((&value, ""));
                environment.options.insert(option.to_owned(), value.to_owned());
                environment.present = true;
                continue;
            }
            match key.as_str() {
                "BUILDKIT_SESSION_ID" => {
                    environment.session_id = value;
                    environment.present = true;
                }
                "BUILDKIT_WORKERS" => {
                    environment.workers = parse_workers(&value);
                    environment.present = true;
                }
                "BUILDKIT_EXPORTEDPRODUCT" => environment.product = value,
                "PLIMSOLL_LOG" => environment.log = Some(value),
                _ => {}
            }
        }
        environment
    }
}

/// Reads the list of workers; one that can't be read counts as none, as with the reference.
fn parse_workers(json: &str) -> Vec<Vec<Platform>> {
    let workers: Vec<Worker> = serde_json::from_str(json).unwrap_or_default();
    let platforms = |worker: Worker| {
        let platforms = worker.platforms.unwrap_or_default();
        platforms.into_iter().map(Platform::from).collect()
    };
    workers.into_iter().map(platforms).collect()
}

impl From<WorkerPlatform> for Platform {
    fn from(platform: WorkerPlatform) -> Self {
        Self {
            os: platform.os,
            architecture: platform.architecture,
            variant: platform.variant,
            os_version: platform.os_version,
            os_features: platform.os_features,
        }
    }
}
