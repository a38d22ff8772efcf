//! Why a state can't become a definition.

use std::error::Error;
use std::fmt;

use crate::shlex::ShlexError;
use crate::source::url::GitRemoteError;
use crate::{GraphError, ImportError, ReferenceError};

/// What is wrong with a state: the first mistake that was made on the way to it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum StateError {
    /// The name of an image is none.
    Image {
        /// The name.
        name: String,
        /// Why not.
        error: ReferenceError,
    },
    /// The URL of a download is none of `http` or `https`.
    Url(String),
    /// The name of a repository is none.
    Git(GitRemoteError),
    /// A command line can't be split into words.
    CommandLine(ShlexError),
    /// A destination in a container is relative.
    RelativeDestination(String),
    /// A mount has the place of the root file system.
    RootDestination,
    /// A command has no mount there.
    NoMount {
        /// Where it was looked for.
        dest: String,
        /// Where there are some.
        known: Vec<String>,
    },
    /// What is written to the mount there is not kept.
    NoOutput(String),
    /// A secret has no id.
    NoSecretId,
    /// The name of an environment variable is empty or has an equals sign.
    EnvName(String),
    /// The config of an image can't be read.
    ImageConfig(String),
    /// A local directory is neither of a session, nor is there an id that tells it apart; it carries its name.
    NoLocalId(String),
    /// The graph refuses an operation.
    Graph(GraphError),
    /// A definition can't be read.
    Import(ImportError),
}

impl fmt::Display for StateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Image { name, error } => write!(f, "image `{name}`: {error}"),
            Self::Url(url) => write!(f, "`{url}` can't be downloaded; expected http://… or https://…"),
            Self::Git(error) => error.fmt(f),
            Self::CommandLine(error) => error.fmt(f),
            Self::RelativeDestination(dest) if dest.is_empty() => {
                f.write_str("a destination in the container is missing; write where, such as `/out`")
            }
            Self::RelativeDestination(dest) => write!(
                f,
                "the destination `{dest}` in the container is relative; write `/{}`",
                dest.trim_start_matches("./")
            ),
            Self::RootDestination => f.write_str(
                "a mount at `/` would hide the root file system; run the command on the other state instead",
            ),
            Self::NoMount { dest, known } if known.is_empty() => {
                write!(f, "the command has no mount at `{dest}`, nor at any other place")
            }
            Self::NoMount { dest, known } => write!(
                f,
                "the command has no mount at `{dest}`; it has some at `{}`",
                known.join("`, `")
            ),
            Self::NoOutput(dest) => write!(
                f,
                "what the command writes to `{dest}` is not kept, for it is a cache, memory, or has no output; use a \
                 mount of a state"
            ),
            Self::NoSecretId => f.write_str("a secret needs the id that the client knows it by"),
            Self::EnvName(name) if name.is_empty() => f.write_str("an environment variable needs a name"),
            Self::EnvName(name) => write!(
                f,
                "the name of an environment variable can't have an equals sign: `{name}`; pass name and value apart"
            ),
            Self::ImageConfig(error) => write!(f, "the config of the image can't be read: {error}"),
            Self::NoLocalId(name) => write!(
                f,
                "the local directory `{name}` would be taken for that of any other client; set \
                 MarshalOptions::with_local_unique_id to something random, or LocalOptions::session_id"
            ),
            Self::Graph(error) => error.fmt(f),
            Self::Import(error) => error.fmt(f),
        }
    }
}

impl Error for StateError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Image { error, .. } => Some(error),
            Self::Git(error) => Some(error),
            Self::CommandLine(error) => Some(error),
            Self::Graph(error) => Some(error),
            Self::Import(error) => Some(error),
            _ => None,
        }
    }
}

impl From<GraphError> for StateError {
    fn from(error: GraphError) -> Self {
        Self::Graph(error)
    }
}

impl From<ImportError> for StateError {
    fn from(error: ImportError) -> Self {
        Self::Import(error)
    }
}

impl From<ShlexError> for StateError {
    fn from(error: ShlexError) -> Self {
        Self::CommandLine(error)
    }
}
