//! Directories at the client.

use crate::json::string_array;
use crate::{SourceOp, caps};

/// The attribute that names the client.
pub const SESSION_ID: &str = "local.session";
/// The attribute that tells directories without a session apart.
pub const UNIQUE_ID: &str = "local.unique";
/// The attribute with the paths that are sent, as JSON.
pub const FOLLOW_PATHS: &str = "local.followpaths";
/// The attribute with the patterns that are not sent, as JSON.
pub const EXCLUDE_PATTERNS: &str = "local.excludepatterns";

/// How a directory is sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LocalOptions {
    /// Which client has it. Without one the source gets a unique id when it is
    /// marshalled.
    pub session_id: Option<String>,
    /// Only what matches one of these, if there are any.
    pub include_patterns: Vec<String>,
    /// Not what matches one of these.
    pub exclude_patterns: Vec<String>,
    /// Only these paths and what links in them lead to, if there are any.
    pub follow_paths: Vec<String>,
    /// Directories with equal hints share what was sent before.
    pub shared_key_hint: Option<String>,
    /// How changed files are found.
    pub differ: Option<Differ>,
    /// Sends only names, sizes and the like.
    pub metadata_transfer: Option<MetadataTransfer>,
    /// See [`SourceOp::unique_id`].
    pub unique_id: Option<String>,
}

/// How changed files are found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Differ {
    /// Not at all: everything is sent again.
    None {
        /// Whether the daemon must know about it.
        required: bool,
    },
    /// By size, time, mode, owner and the like.
    Metadata {
        /// Whether the daemon must know about it.
        required: bool,
    },
}

/// Sends only metadata of files, except for some.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MetadataTransfer {
    /// Patterns of files whose content is sent too.
    pub exceptions: Vec<String>,
}

impl SourceOp {
    /// A directory by the name that the client gave it, such as `context`.
    pub fn local(name: &str, options: &LocalOptions) -> Self {
        let mut source = Self::new(format!("local://{name}"));
        source.require(caps::SOURCE_LOCAL);
        source.unique_id.clone_from(&options.unique_id);
        if source.set_some(SESSION_ID, options.session_id.as_deref()) {
            source.require(caps::SOURCE_LOCAL_SESSION_ID);
        }
        if !options.include_patterns.is_empty() {
            source.set("local.includepattern", string_array(&options.include_patterns));
            source.require(caps::SOURCE_LOCAL_INCLUDE_PATTERNS);
        }
        source.follow_paths(&options.follow_paths);
        source.exclude_patterns(&options.exclude_patterns);
        if source.set_some("local.sharedkeyhint", options.shared_key_hint.as_deref()) {
            source.require(caps::SOURCE_LOCAL_SHARED_KEY_HINT);
        }
        if let Some(differ) = options.differ {
            let (name, required) = match differ {
                Differ::None { required } => ("none", required),
                Differ::Metadata { required } => ("metadata", required),
            };
            source.set("local.differ", name);
            if required {
                source.require(caps::SOURCE_LOCAL_DIFFER);
            }
        }
        if let Some(transfer) = &options.metadata_transfer {
            source.set("local.metadatatransfer", "true");
            if !transfer.exceptions.is_empty() {
                let exceptions = string_array(&transfer.exceptions);
                source.set("local.metadatatransferexclude", exceptions);
            }
            source.require(caps::SOURCE_METADATA_TRANSFER);
        }
        source
    }

    /// Sets which paths of a local directory are sent; none at all is all of them.
    pub fn follow_paths(&mut self, paths: &[String]) {
        self.set_list(FOLLOW_PATHS, paths, caps::SOURCE_LOCAL_FOLLOW_PATHS);
    }

    /// Sets which patterns of a local directory are not sent.
    pub fn exclude_patterns(&mut self, patterns: &[String]) {
        self.set_list(EXCLUDE_PATTERNS, patterns, caps::SOURCE_LOCAL_EXCLUDE_PATTERNS);
    }

    fn set_list(&mut self, name: &str, values: &[String], cap: &str) {
        if values.is_empty() {
            self.attrs.remove(name);
            self.caps.remove(cap);
        } else {
            self.set(name, string_array(values)).require(cap);
        }
    }
}
