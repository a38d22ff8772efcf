//! What is known of an operation beside what it does.

use std::sync::Arc;

use crate::{Metadata, Platform, Range, SourceMap};

#[derive(Clone, Debug, Default)]
pub(super) struct About {
    pub(super) platform: Option<Arc<Platform>>,
    /// Whether the platform was given to the operation itself: then states that come of it have it too.
    pub(super) is_own_platform: bool,
    pub(super) worker_filter: Vec<String>,
    pub(super) metadata: Metadata,
    pub(super) places: Vec<(Arc<SourceMap>, Vec<Range>)>,
}

impl About {
    pub(super) fn set_own_platform(&mut self, platform: Platform) {
        self.platform = Some(Arc::new(platform));
        self.is_own_platform = true;
    }

    pub(super) fn own_platform(&self) -> Option<&Platform> {
        self.platform.as_deref().filter(|_| self.is_own_platform)
    }
}

/// The methods that say something about an operation, for a state about the one that made it.
macro_rules! about_methods {
    ($receiver:ty, $self:ident) => {
        /// Sets what progress displays call the operation.
        pub fn named($self: $receiver, name: impl Into<String>) -> Self {
            $self.described("llb.customname", name)
        }

        /// Adds a text to the operation's description.
        pub fn described(
            $self: $receiver,
            key: impl Into<std::borrow::Cow<'static, str>>,
            value: impl Into<String>,
        ) -> Self {
            $self.edit(|about| drop(about.metadata.description.insert(key.into(), value.into())))
        }

        /// Runs the operation even if there is a cached result.
        pub fn ignore_cache($self: $receiver) -> Self {
            $self.edit(|about| about.metadata.ignore_cache = true)
        }

        /// Sets whether the result goes into an exported cache; else the build decides.
        pub fn export_cache($self: $receiver, export: bool) -> Self {
            $self.edit(|about| about.metadata.export_cache = Some(export))
        }

        /// Puts the operation into a progress group.
        pub fn progress_group($self: $receiver, group: crate::ProgressGroup) -> Self {
            $self.edit(|about| about.metadata.progress_group = Some(group))
        }

        /// Adds a filter, as containerd has them, of the workers that may run the operation.
        pub fn worker_filter($self: $receiver, filter: impl Into<String>) -> Self {
            $self.edit(|about| about.worker_filter.push(filter.into()))
        }

        /// Adds lines of a file that the operation comes from; errors of the build show them.
        pub fn located(
            $self: $receiver,
            file: &std::sync::Arc<crate::SourceMap>,
            ranges: impl Into<Vec<crate::Range>>,
        ) -> Self {
            $self.edit(|about| {
                about
                    .places
                    .push((std::sync::Arc::clone(file), ranges.into()))
            })
        }
    };
}

pub(super) use about_methods;
