//! What a command runs, behind `sudo`, `env` and their like.

use crate::flags;
use crate::script::Command;
use crate::word::Word;
use crate::wrappers;

impl<'a> Command<'a> {
    /// The program and its arguments, behind all wrappers; empty where the command only sets variables or redirects.
    #[must_use]
    pub fn invocation(&self) -> &[Word<'a>] {
        self.words.get(self.program_at..).unwrap_or_default()
    }

    /// The wrappers in front of the program, with their arguments.
    #[must_use]
    pub fn wrappers(&self) -> &[Word<'a>] {
        self.words.get(..self.program_at).unwrap_or_default()
    }

    /// The last part of the program's path, behind all wrappers: `apt-get` of `sudo -E /usr/bin/apt-get update`. `None`
    /// where there is none, or an expansion in it.
    #[must_use]
    pub fn program(&self) -> Option<&str> {
        let word = self.invocation().first()?;
        word.literal()
            .map(wrappers::base_name)
            .filter(|name| !name.is_empty())
    }

    /// The arguments of the program.
    #[must_use]
    pub fn arguments(&self) -> &[Word<'a>] {
        self.invocation().get(1..).unwrap_or_default()
    }

    /// Whether the program is a shell.
    #[must_use]
    pub fn is_shell(&self) -> bool {
        self.program().is_some_and(wrappers::is_shell)
    }

    /// Whether one of the flags is among the arguments in front of `--`. They are written with their dashes: `-y` is
    /// found in clusters such as `-qy`, `--yes` also with `=value`, and so is `-trimpath`.
    #[must_use]
    pub fn has_flag(&self, flags: &[&str]) -> bool {
        flags::has_flag(self.arguments(), flags)
    }

    /// The value of the first of the flags that is there, up to the first expansion: `--flag=value`, `--flag value`,
    /// `-f value` or `-fvalue`.
    #[must_use]
    pub fn flag_value(&self, flags: &[&str]) -> Option<&str> {
        flags::flag_value(self.arguments(), flags)
    }
}
