//! What a command is called with.

use super::StateError;

/// A program and its arguments: an array or a vector of them, or the result of [`shlex`] or [`shell`].
#[derive(Clone, Debug)]
pub struct Command(Result<Vec<String>, StateError>);

impl Command {
    pub(super) fn into_args(self) -> Result<Vec<String>, StateError> {
        self.0
    }
}

impl<S: Into<String>, const N: usize> From<[S; N]> for Command {
    fn from(args: [S; N]) -> Self {
        Self(Ok(args.into_iter().map(Into::into).collect()))
    }
}

impl<S: Into<String>> From<Vec<S>> for Command {
    fn from(args: Vec<S>) -> Self {
        Self(Ok(args.into_iter().map(Into::into).collect()))
    }
}

/// The words of a command line, without a shell: see [`shlex::split`](crate::shlex::split). A mistake shows when the state
/// is marshalled.
///
/// ```
/// use llb_graph::{image, shlex};
///
/// let built = image("golang").run(shlex("go build -ldflags '-s -w' ./..."));
/// # let _ = built;
/// ```
pub fn shlex(line: &str) -> Command {
    Command(crate::shlex::split(line).map_err(Into::into))
}

/// A script for `/bin/sh -c`.
///
/// ```
/// use llb_graph::{image, shell};
///
/// let installed = image("alpine").run(shell("apk update && apk add make"));
/// # let _ = installed;
/// ```
pub fn shell(script: impl Into<String>) -> Command {
    Command::from(["/bin/sh".to_owned(), "-c".to_owned(), script.into()])
}
