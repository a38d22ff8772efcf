//! `RUN --mount`: what all types share.

use crate::expand::ExpandError;

/// A `--mount` as written: comma-separated fields. Its values are expanded and checked by [`MountSpec::resolve`],
/// once the variables are known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MountSpec {
    /// The text behind `--mount=`.
    pub text: String,
    /// The last `from=`; it is never expanded, so it is known from the start.
    pub from: Option<String>,
}

/// A mount with all its values.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mount {
    /// `type`
    pub kind: MountKind,
    /// `from`; empty when not given.
    pub from: String,
    /// `source` or `src`; empty when not given.
    pub source: String,
    /// `target`, `dst` or `destination`; empty when not given.
    pub target: String,
    /// `readonly`, `ro`, `readwrite`, `rw`, or what is usual for the type: cache and tmpfs are writable.
    pub readonly: bool,
    /// `size` in bytes, 0 when not given.
    pub size: i64,
    /// `id`; empty when not given.
    pub id: String,
    /// `sharing`, when given.
    pub sharing: Option<Sharing>,
    /// `required`
    pub required: bool,
    /// `mode`, when given.
    pub mode: Option<u32>,
    /// `uid`, when given.
    pub uid: Option<u32>,
    /// `gid`, when given.
    pub gid: Option<u32>,
    /// `env`, when given: the variable that holds a secret. May be given and empty.
    pub env: Option<String>,
}

/// The type of a mount.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum MountKind {
    /// Files of the context, a stage or an image.
    #[default]
    Bind,
    /// A directory that outlives the build.
    Cache,
    /// A directory in memory.
    Tmpfs,
    /// A secret, as a file or a variable.
    Secret,
    /// The socket of an ssh agent.
    Ssh,
}

/// How several builds use a cache mount at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sharing {
    /// All at once.
    Shared,
    /// Each has its own.
    Private,
    /// One after the other.
    Locked,
}

/// What is wrong in a `--mount`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum MountError {
    /// The quotes are wrong, or there is no text at all.
    Csv,
    /// A variable in `from=`.
    FromVariable {
        /// The value given.
        value: String,
    },
    /// A variable that could not be expanded.
    Expand(Box<ExpandError>),
    /// A word without `=` that is no flag.
    NotKeyValue {
        /// The word.
        field: String,
        /// A known key that is spelled almost like it.
        suggestion: Option<String>,
    },
    /// A key that is not known.
    UnknownKey {
        /// The key.
        key: String,
        /// A known one that is spelled almost like it.
        suggestion: Option<String>,
    },
    /// A type that is not known.
    UnknownType {
        /// The value given.
        value: String,
        /// A known one that is spelled almost like it.
        suggestion: Option<String>,
    },
    /// A sharing mode that is not known.
    UnknownSharing {
        /// The value given.
        value: String,
        /// A known one that is spelled almost like it.
        suggestion: Option<String>,
    },
    /// A key that the type (as known at this point of the text) does not have.
    KeyNotForType {
        /// The key.
        key: String,
        /// The type.
        kind: MountKind,
    },
    /// A value that its key does not take.
    InvalidValue {
        /// The key.
        key: String,
        /// The value given.
        value: String,
    },
    /// A secret without any of source, target and id.
    SecretUnnamed,
    /// A secret with both source and id.
    SecretNamedTwice,
}

impl MountSpec {
    /// Expands and checks all values.
    ///
    /// `expand` is asked once for each value, in the order written.
    ///
    /// # Errors
    /// The first thing that is wrong, which may be an error of `expand`.
    pub fn resolve(
        &self,
        expand: &mut dyn FnMut(&str) -> Result<String, ExpandError>,
    ) -> Result<Mount, MountError> {
        let _ = expand;
        Ok(Mount::default())
    }
}
