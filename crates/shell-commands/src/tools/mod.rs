//! Package managers, compilers and downloaders: what a command makes them do.

mod managed;
mod model;
mod native;
mod node;
mod packages;
mod python;
mod system;

use crate::flags::{flag_value, has_flag, is_flag_with_value};
use crate::script::Command;
use crate::word::Word;
use crate::wrappers::base_name;

pub use model::{Action, Cache, CacheKind, Grammar, Sharing, Tool, Versions};
pub use packages::{Package, PackageKind};

/// All tools that are known.
pub fn tools() -> impl Iterator<Item = &'static Tool> {
    let lists: [&[&'static Tool]; 5] = [
        &system::TOOLS,
        &python::TOOLS,
        &node::TOOLS,
        &native::TOOLS,
        &managed::TOOLS,
    ];
    lists.into_iter().flatten().copied()
}

/// A known tool, and what a command has it do.
#[derive(Debug, Clone)]
pub struct Use<'c, 'a> {
    /// The tool.
    pub tool: &'static Tool,
    /// What it does.
    pub action: Action,
    /// The command of the tool, as the table has it: `cache clean`. `None` where it is in no table.
    pub command: Option<&'static str>,
    /// The tool's arguments, its command among them.
    pub arguments: &'c [Word<'a>],
    /// What stands behind the command.
    pub operands: &'c [Word<'a>],
}

impl<'a> Command<'a> {
    /// The tool that the command runs, behind wrappers and `python -m`, if it is a known one.
    #[must_use]
    pub fn tool(&self) -> Option<Use<'_, 'a>> {
        let (number, skipped) = self.known?;
        let tool = tools().nth(number)?;
        Some(tool.used(self.arguments().get(skipped..)?))
    }

    /// Its number in the table, and how many of the program's arguments stand in front of its own.
    pub(crate) fn find_tool(&self) -> Option<(usize, usize)> {
        let program = self.program()?;
        let arguments = self.arguments();
        let skipped = if unversioned(program) == "python" {
            arguments.iter().position(|word| word.literal() == Some("-m"))? + 2
        } else {
            usize::from(program == "corepack")
        };
        let named = match skipped {
            0 => program,
            skipped => arguments.get(skipped - 1)?.literal()?,
        };
        Some((number(named)?, skipped))
    }
}

/// The tool that a program is: `pip` of `/usr/bin/pip3.11`.
#[must_use]
pub fn find(program: &str) -> Option<&'static Tool> {
    tools().nth(number(program)?)
}

fn number(program: &str) -> Option<usize> {
    let program = base_name(program);
    let named = |name: &str| tools().position(|tool| tool.programs.contains(&name));
    let plain = unversioned(program);
    named(program).or_else(|| named(plain).filter(|_| plain != program))
}

/// `pip` of `pip3.11`, `gcc` of `gcc-12`.
fn unversioned(program: &str) -> &str {
    program.trim_end_matches(|c: char| c.is_ascii_digit() || matches!(c, '.' | '-'))
}

impl Tool {
    fn used<'c, 'a>(&'static self, arguments: &'c [Word<'a>]) -> Use<'c, 'a> {
        let mut found = Use {
            tool: self,
            action: self.otherwise,
            command: None,
            arguments,
            operands: arguments,
        };
        match self.grammar {
            Grammar::Plain => found.only_asks(),
            Grammar::Letters => found.action = letters(arguments),
            Grammar::Goals => {
                found.only_asks();
                found.find_goal();
            }
            Grammar::Command => found.find_command(),
        }
        found
    }
}

/// What pacman's upper-case flag says, with the small ones behind it.
fn letters(arguments: &[Word<'_>]) -> Action {
    let has = |flags: &[&str]| has_flag(arguments, flags);
    let names_packages = arguments.iter().any(|word| !word.prefix().starts_with('-'));
    if has(&["-S", "--sync"]) {
        if has(&["-c", "--clean"]) {
            return Action::Clean;
        }
        return match () {
            () if has(&["-w", "--downloadonly"]) => Action::Download,
            () if names_packages => Action::Install,
            () if has(&["-u", "--sysupgrade"]) => Action::Upgrade,
            () if has(&["-y", "--refresh"]) => Action::Update,
            () => Action::Other,
        };
    }
    match () {
        () if has(&["-U", "--upgrade"]) => Action::Install,
        () if has(&["-R", "--remove"]) => Action::Remove,
        () => Action::Other,
    }
}

/// Whether a cluster of flags has all those of another, as often.
fn has_letters(cluster: &str, wanted: &str) -> bool {
    let count = |text: &str, letter: char| text.chars().filter(|one| *one == letter).count();
    !cluster.starts_with("--")
        && wanted
            .chars()
            .all(|letter| count(cluster, letter) >= count(wanted, letter))
}

impl<'c, 'a> Use<'c, 'a> {
    /// Indices of the arguments that are neither flags nor their values.
    fn plain(tool: &'static Tool, arguments: &'c [Word<'a>]) -> impl Iterator<Item = (usize, &'c Word<'a>)> {
        let mut is_value = false;
        let mut is_behind_dashes = false;
        arguments.iter().enumerate().filter(move |(_, word)| {
            let text = word.prefix();
            if std::mem::take(&mut is_value) {
                return false;
            }
            if is_behind_dashes || !text.starts_with(['-', '+']) || text == "-" {
                return true;
            }
            is_behind_dashes = text == "--";
            is_value = is_flag_with_value(text, tool.valued);
            false
        })
    }

    fn find_command(&mut self) {
        let plain = Self::plain(self.tool, self.arguments).take(3);
        let words: Vec<(usize, &str)> = plain.map(|(index, word)| (index, word.prefix())).collect();
        for (command, action) in self.tool.commands {
            let mut last = None;
            let mut there = words.iter();
            let is_it = command.split(' ').all(|part| {
                last = there.next();
                last.is_some_and(|(_, word)| *word == part)
            });
            if let Some((index, _)) = last.filter(|_| is_it) {
                self.command = Some(command);
                self.action = *action;
                self.operands = self.arguments.get(index + 1..).unwrap_or_default();
                return;
            }
        }
        if words.is_empty() {
            self.only_asks();
        } else {
            // What is not listed asks, sets or runs something; for yarn it is a script.
            self.action = Action::Other;
        }
    }

    /// Takes note of flags with which a tool tells its version and ends.
    fn only_asks(&mut self) {
        let asks = |word: &Word<'_>| matches!(word.literal(), Some("--version" | "--help"));
        let is_short = |word: &Word<'_>| matches!(word.literal(), Some("-v" | "-V" | "-version" | "-h"));
        let is_alone = self.arguments.len() == 1;
        if self.arguments.iter().any(asks) || (is_alone && self.arguments.iter().any(is_short)) {
            self.action = Action::Other;
        }
    }

    fn find_goal(&mut self) {
        for word in self.arguments {
            let known = self
                .tool
                .commands
                .iter()
                .find(|(name, _)| word.literal() == Some(name));
            if let Some((command, action)) = known {
                self.command = Some(command);
                self.action = *action;
                return;
            }
        }
    }

    /// Whether a flag is among the arguments, as [`Command::has_flag`] has it.
    #[must_use]
    pub fn has_flag(&self, flags: &[&str]) -> bool {
        has_flag(self.arguments, flags)
    }

    /// The value of a flag, as [`Command::flag_value`] has it.
    #[must_use]
    pub fn flag_value(&self, flags: &[&str]) -> Option<&'c str> {
        flag_value(self.arguments, flags)
    }

    /// Whether a flag answers the questions of the tool.
    #[must_use]
    pub fn is_answered(&self) -> bool {
        self.has_flag(self.tool.yes)
    }

    /// Whether a flag keeps it from leaving caches behind.
    #[must_use]
    pub fn avoids_cache(&self) -> bool {
        self.has_flag(self.tool.no_cache)
    }

    /// Whether it takes from its caches alone, and so needs what steps before put there.
    #[must_use]
    pub fn is_offline(&self) -> bool {
        self.has_flag(self.tool.offline)
    }

    /// Whether what it makes is in a cache, or points there.
    #[must_use]
    pub fn keeps(&self) -> bool {
        let is_copy = |flag: &str| self.flag_value(&[flag]) == Some("copy");
        let mut keeps = self.tool.keeps.iter();
        keeps.any(|word| match word.starts_with('-') {
            true => self.has_flag(&[word]) && !is_copy(word),
            false => self.arguments.iter().any(|one| one.literal() == Some(word)),
        })
    }

    /// Whether it empties a cache.
    #[must_use]
    pub fn cleans(&self, cache: &Cache) -> bool {
        let is_there = |part: &str| {
            if part.starts_with('-') && self.tool.grammar == Grammar::Letters {
                return self.arguments.iter().any(|word| has_letters(word.prefix(), part));
            }
            if part.starts_with('-') {
                return self.has_flag(&[part]);
            }
            self.arguments.iter().any(|word| word.literal() == Some(part))
        };
        let is_clean = matches!(self.action, Action::Clean) || self.tool.grammar == Grammar::Plain;
        let known = self.tool.caches.iter().any(|one| one.id == cache.id);
        is_clean
            && known
            && cache
                .cleaned_by
                .iter()
                .any(|command| command.split(' ').all(is_there))
    }

    /// The packages that are named behind the command. Those of an install are what it installs; without any it takes what
    /// the project lists.
    #[must_use]
    pub fn packages(&self) -> Vec<Package<'c, 'a>> {
        packages::packages(self, Self::plain(self.tool, self.operands).map(|(_, word)| word))
    }
}
