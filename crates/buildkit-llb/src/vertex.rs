//! An operation and what is known about it, on its way into a graph.

use std::borrow::Cow;
use std::sync::Arc;

use crate::encode::Encoder;
use crate::{Metadata, Op, Platform, ProgressGroup, SourceLocation, caps, wire};

/// The field of an op with the constraints on workers.
const CONSTRAINTS: u8 = 11;

/// An operation and what is known about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vertex {
    /// What it does.
    pub op: Op,
    /// The platform that it runs on or is for; `None` is that of
    /// [`MarshalOptions`](crate::MarshalOptions). Left out of the bytes of ops
    /// that no platform changes (files, merges, and most sources).
    pub platform: Option<Arc<Platform>>,
    /// Which workers may run it, as containerd filters; empty is any.
    pub worker_filter: Vec<String>,
    /// What takes no part in the digest.
    pub metadata: Metadata,
    /// The source lines it comes from.
    pub locations: Vec<SourceLocation>,
}

impl<T: Into<Op>> From<T> for Vertex {
    fn from(op: T) -> Self {
        Self::new(op)
    }
}

impl Vertex {
    /// An operation of which nothing else is known.
    pub fn new(op: impl Into<Op>) -> Self {
        Self {
            op: op.into(),
            platform: None,
            worker_filter: Vec::new(),
            metadata: Metadata::default(),
            locations: Vec::new(),
        }
    }

    /// Sets the platform.
    #[must_use]
    pub fn with_platform(mut self, platform: impl Into<Arc<Platform>>) -> Self {
        self.platform = Some(platform.into());
        self
    }

    /// Sets all metadata.
    #[must_use]
    pub fn with_metadata(mut self, metadata: Metadata) -> Self {
        self.metadata = metadata;
        self
    }

    /// Sets what progress shows (`llb.customname`).
    #[must_use]
    pub fn with_name(self, name: impl Into<String>) -> Self {
        self.with_description("llb.customname", name)
    }

    /// Adds one text to the description.
    #[must_use]
    pub fn with_description(mut self, key: impl Into<Cow<'static, str>>, value: impl Into<String>) -> Self {
        self.metadata.description.insert(key.into(), value.into());
        self
    }

    /// Runs even if there is a cached result, when `ignore` is true.
    #[must_use]
    pub fn with_ignore_cache(mut self, ignore: bool) -> Self {
        self.metadata.ignore_cache = ignore;
        self
    }

    /// Puts the vertex in a progress group.
    #[must_use]
    pub fn with_progress_group(mut self, group: ProgressGroup) -> Self {
        self.metadata.progress_group = Some(group);
        self
    }

    /// Adds a place that it comes from.
    #[must_use]
    pub fn with_location(mut self, location: SourceLocation) -> Self {
        self.locations.push(location);
        self
    }

    /// Adds a filter of workers.
    #[must_use]
    pub fn with_worker_filter(mut self, filter: impl Into<String>) -> Self {
        self.worker_filter.push(filter.into());
        self
    }

    /// Writes the constraints of an op, and what it does.
    pub(crate) fn write_body(&self, out: &mut Vec<u8>, encoder: &mut Encoder<'_>) {
        // There even when it is empty.
        wire::message(out, CONSTRAINTS, |out| {
            wire::elements(out, 1, &self.worker_filter);
        });
        // Go's protobuf library writes a oneof after all other fields, whatever its number; other libraries write it in its
        // place.
        self.op.write(out, encoder);
    }

    /// The capabilities of the operation and of its metadata, sorted, each once.
    pub(crate) fn all_caps(&self, of_op: Vec<&'static str>) -> Vec<&str> {
        let mut all: Vec<&str> = of_op;
        all.extend(self.metadata.caps.iter().map(String::as_str));
        if let Op::Source(source) = &self.op {
            all.extend(source.caps.iter().map(String::as_str));
        }
        if matches!(self.op, Op::Exec(_)) && self.metadata.linux_resources.is_some() {
            all.push(caps::EXEC_META_LINUX_RESOURCES);
        }
        all.sort_unstable();
        all.dedup();
        all
    }
}
