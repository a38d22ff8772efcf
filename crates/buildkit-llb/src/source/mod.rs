//! What comes from outside of the graph, one kind a file.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use crate::caps;
use crate::encode::Encoder;
use crate::wire::{entry, text};

pub mod blob;
pub mod git;
pub mod http;
pub mod image;
pub mod local;
pub mod oci_layout;
pub mod url;
mod url_host;

/// A source: an identifier, which says the kind by its scheme, and attributes.
///
/// The constructors know which attributes there are and what each needs of the
/// daemon; they stay open for what a later daemon knows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SourceOp {
    /// Such as `docker-image://docker.io/library/alpine:latest`.
    pub identifier: String,
    /// By name, such as `local.followpaths`.
    pub attrs: BTreeMap<String, String>,
    /// What the daemon must be able to do.
    pub caps: BTreeSet<String>,
    /// For a local directory without a session: what tells it apart from those of
    /// other clients. `None` is the one of [`MarshalOptions`](crate::MarshalOptions).
    pub unique_id: Option<String>,
}

impl SourceOp {
    /// A source of any kind.
    pub fn new(identifier: impl Into<String>) -> Self {
        Self {
            identifier: identifier.into(),
            ..Self::default()
        }
    }

    /// Sets an attribute.
    pub fn set(&mut self, name: &str, value: impl Into<String>) -> &mut Self {
        self.attrs.insert(name.to_owned(), value.into());
        self
    }

    /// Notes that the daemon needs a capability.
    pub fn require(&mut self, cap: &str) -> &mut Self {
        self.caps.insert(cap.to_owned());
        self
    }

    /// Sets an attribute if there is something to set it to.
    pub(crate) fn set_some(&mut self, name: &str, value: Option<&str>) -> bool {
        match value.filter(|value| !value.is_empty()) {
            Some(value) => {
                self.set(name, value);
                true
            }
            None => false,
        }
    }

    /// Whether the platform is part of the bytes.
    pub(crate) fn has_platform(&self) -> bool {
        ["docker-image://", "oci-layout://"]
            .iter()
            .any(|scheme| self.identifier.starts_with(scheme))
    }

    /// Whether it is a directory that only the options of marshalling can tell from another client's.
    pub(crate) fn is_anonymous_local(&self) -> bool {
        let has_id = self.unique_id.as_ref().is_some_and(|id| !id.is_empty());
        self.is_local() && !has_id && !self.attrs.contains_key(local::SESSION_ID)
    }

    /// Whether it is a directory at the client.
    pub(crate) fn is_local(&self) -> bool {
        self.identifier.starts_with("local://")
    }

    pub(crate) fn write(&self, out: &mut Vec<u8>, encoder: &mut Encoder<'_>) {
        let mut attrs = Cow::Borrowed(&self.attrs);
        if self.is_local() && !attrs.contains_key(local::SESSION_ID) {
            let unique = match &self.unique_id {
                Some(id) if !id.is_empty() => id,
                _ => encoder.local_unique_id(),
            };
            attrs
                .to_mut()
                .insert(local::UNIQUE_ID.to_owned(), unique.to_owned());
            encoder.cap(caps::SOURCE_LOCAL_UNIQUE);
        }
        text(out, 1, &self.identifier);
        for (name, value) in &*attrs {
            entry(out, 2, name, value);
        }
    }
}
