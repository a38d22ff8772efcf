//! What a command runs, behind `sudo`, `env` and their like.

use crate::script::Command;
use crate::word::Word;
use crate::wrappers;

impl<'a> Command<'a> {
    /// The program and its arguments, behind all wrappers; empty where the command only sets variables or redirects.
    #[must_use]
    pub fn invocation(&self) -> &[Word<'a>] {
        let at = wrappers::program_index(&self.words);
        self.words.get(at..).unwrap_or_default()
    }

    /// The wrappers in front of the program, with their arguments.
    #[must_use]
    pub fn wrappers(&self) -> &[Word<'a>] {
        let at = wrappers::program_index(&self.words);
        self.words.get(..at).unwrap_or_default()
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
        has_flag(self.arguments(), flags)
    }

    /// The value of the first of the flags that is there, up to the first expansion: `--flag=value`, `--flag value`,
    /// `-f value` or `-fvalue`.
    #[must_use]
    pub fn flag_value(&self, flags: &[&str]) -> Option<&str> {
        flag_value(self.arguments(), flags)
    }
}

/// See [`Command::has_flag`].
pub(crate) fn has_flag(arguments: &[Word<'_>], flags: &[&str]) -> bool {
    let mut words = arguments
        .iter()
        .map(Word::prefix)
        .take_while(|word| *word != "--");
    words.any(|word| flags.iter().any(|flag| is_flag(word, flag)))
}

fn is_flag(word: &str, flag: &str) -> bool {
    if let Some(letter) = short(flag) {
        let cluster = word.strip_prefix('-').filter(|letters| !letters.starts_with('-'));
        let letters = cluster.and_then(|letters| letters.split('=').next());
        return letters.is_some_and(|letters| letters.contains(letter));
    }
    word.strip_prefix(flag)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('='))
}

/// The letter of a flag of one letter.
fn short(flag: &str) -> Option<char> {
    let mut letters = flag.strip_prefix('-')?.chars();
    let letter = letters.next().filter(|letter| *letter != '-')?;
    letters.next().is_none().then_some(letter)
}

/// See [`Command::flag_value`].
pub(crate) fn flag_value<'w>(arguments: &'w [Word<'_>], flags: &[&str]) -> Option<&'w str> {
    let mut words = arguments
        .iter()
        .map(Word::prefix)
        .take_while(|word| *word != "--");
    while let Some(word) = words.next() {
        for flag in flags {
            let Some(rest) = word.strip_prefix(flag) else {
                continue;
            };
            if rest.is_empty() {
                return words.next();
            }
            if let Some(value) = rest.strip_prefix('=') {
                return Some(value);
            }
            if short(flag).is_some() {
                return Some(rest);
            }
        }
    }
    None
}
