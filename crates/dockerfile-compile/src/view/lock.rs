//! A lock, as a file and for programs.

use serde::Serialize;

use super::View;
use super::json::pretty;
use crate::lock::{Entry, Lock};

#[derive(Serialize)]
struct WireLock<'l> {
    platforms: &'l [String],
    sources: Vec<WireSource<'l>>,
}

#[derive(Serialize)]
struct WireSource<'l> {
    kind: &'static str,
    name: &'l str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pin: Option<&'l str>,
    #[serde(rename = "notLocked", skip_serializing_if = "Option::is_none")]
    not_locked: Option<&'l str>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    platforms: &'l [String],
    lines: &'l [String],
}

impl<'l> From<&'l Entry> for WireSource<'l> {
    fn from(entry: &'l Entry) -> Self {
        Self {
            kind: entry.kind.as_str(),
            name: &entry.name,
            pin: entry.pin.as_deref().ok(),
            not_locked: entry.pin.as_deref().err().map(String::as_str),
            platforms: &entry.platforms,
            lines: &entry.lines,
        }
    }
}

/// The lock of the Dockerfile called `dockerfile`.
#[must_use]
pub fn lock(lock: &Lock, dockerfile: &str) -> View {
    let wire = WireLock {
        platforms: &lock.platforms,
        sources: lock.entries.iter().map(WireSource::from).collect(),
    };
    View {
        json: pretty(&wire),
        text: lock.print(dockerfile).into_bytes(),
    }
}
