//! What `RUN`, `CMD` and `ENTRYPOINT` share: a command in shell form or as a JSON array.

use crate::heredoc::Heredoc;
use crate::request::Request;

/// A command.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CommandLine {
    /// The words of the JSON array, or the shell's text as the one word. Empty without any.
    pub words: Vec<String>,
    /// Whether it is text for the shell.
    pub shell_form: bool,
    /// The heredocs in the order written; only `RUN` in shell form has some.
    pub heredocs: Vec<Heredoc>,
}

impl CommandLine {
    pub(super) fn of(request: &Request<'_>) -> Self {
        Self {
            words: request.texts(),
            shell_form: !request.args.json,
            heredocs: request.heredocs.clone(),
        }
    }
}
