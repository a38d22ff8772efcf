//! What can be wrong in a `RUN --mount`.

use std::fmt;

use crate::expand::ExpandError;
use crate::span::Span;
use crate::suggest;
use crate::word::Marked;

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

impl MountKind {
    /// All types, in the order in which suggestions are tried.
    pub const ALL: [Self; 5] = [Self::Bind, Self::Cache, Self::Tmpfs, Self::Secret, Self::Ssh];

    /// The type as it is written.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Bind => "bind",
            Self::Cache => "cache",
            Self::Tmpfs => "tmpfs",
            Self::Secret => "secret",
            Self::Ssh => "ssh",
        }
    }
}

impl MountError {
    pub(crate) fn on(self, span: Span) -> Marked<Self> {
        Marked { error: self, span }
    }
}

/// What a value of a key looks like.
fn expected(key: &str) -> &'static str {
    match key {
        "size" => "a size such as 64m or 1.5g",
        "mode" => "an octal number such as 0755",
        "uid" | "gid" => "a number such as 1000",
        _ => "true or false",
    }
}

impl fmt::Display for MountError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Csv => f.write_str(
                "--mount needs key=value fields, and a quote (\") that is opened must be closed before the next comma",
            ),
            Self::FromVariable { value } => write!(
                f,
                "--mount: from={value} holds a variable, which is not expanded there; \
                 begin a stage with FROM {value} AS name and write from=name"
            ),
            Self::Expand(error) => write!(f, "--mount: {error}"),
            Self::NotKeyValue { field, .. } if field.is_empty() => f.write_str(
                "--mount: a comma has nothing behind it; a flag ends at the first blank, so write type=cache,target=/x without one",
            ),
            Self::NotKeyValue { field, suggestion } => {
                write!(f, "--mount: {field:?} is no key=value pair")?;
                suggest::write(f, suggestion.as_deref())
            }
            Self::UnknownKey { key, suggestion } => {
                write!(f, "--mount has no key {key:?}")?;
                suggest::write(f, suggestion.as_deref())
            }
            Self::UnknownType { value, suggestion } => {
                write!(f, "--mount has no type {value:?}; there are bind, cache, tmpfs, secret and ssh")?;
                suggest::write(f, suggestion.as_deref())
            }
            Self::UnknownSharing { value, suggestion } => {
                write!(f, "--mount: sharing is shared, private or locked, not {value:?}")?;
                suggest::write(f, suggestion.as_deref())
            }
            Self::KeyNotForType { key, kind } => {
                write!(f, "--mount of type {} takes no {key}", kind.name())?;
                if *kind == MountKind::Bind { f.write_str(" (write type= before it)") } else { Ok(()) }
            }
            Self::InvalidValue { key, value } => {
                write!(f, "--mount: {key} is {}, not {value:?}", expected(key))
            }
            Self::SecretUnnamed => f.write_str("--mount of type secret needs an id, a source or a target"),
            Self::SecretNamedTwice => {
                f.write_str("--mount of type secret takes an id or a source, which mean the same, not both")
            }
        }
    }
}

impl std::error::Error for MountError {}
