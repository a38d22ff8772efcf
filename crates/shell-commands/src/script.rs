//! What was read: a flat list of commands, and the levels that they stand on.

use std::ops::Range;

use crate::word::Word;

/// A shell script as a list of its simple commands, in the order of their first bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Script<'a> {
    /// The commands, those of substitutions behind the one that they stand in.
    pub commands: Vec<Command<'a>>,
    /// The levels that they stand on; the first is the script itself, and each comes behind the one around it.
    pub levels: Vec<Level<'a>>,
    /// Whether all of it was understood. Where it is not, quotes or keywords have no counterpart, or a limit was met, and
    /// the commands are those that could be told.
    pub is_whole: bool,
}

/// How a command or a level follows the one before it on the same level.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Join {
    /// It is the first.
    First,
    /// Behind a `;` or a newline.
    Then,
    /// Behind `&&`.
    And,
    /// Behind `||`.
    Or,
    /// Behind `|` or `|&`.
    Pipe,
    /// Behind `&`: the one before is still running.
    Background,
}

/// A simple command: assignments, a program with its arguments, redirections. One of them at least is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command<'a> {
    /// Its bytes in the text.
    pub span: Range<usize>,
    /// Where it stands.
    pub place: Place,
    /// `A=b` in front of the program.
    pub assignments: Vec<Assignment<'a>>,
    /// The program and its arguments. `[[ … ]]` is one command, with both brackets and without `&&`, `||`, `(`, `<`.
    pub words: Vec<Word<'a>>,
    /// Its redirections.
    pub redirects: Vec<Redirect<'a>>,
    /// Which of the words names the program, behind all wrappers.
    pub(crate) program_at: usize,
    /// The number of the tool that it runs, and how many of the program's arguments are none of the tool's. Every rule asks
    /// for it, and the table is long.
    pub(crate) known: Option<(usize, usize)>,
}

/// Where a command or a level stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The index of the level around it.
    pub level: usize,
    /// How it follows the one before it on that level.
    pub joined: Join,
    /// The number of its pipeline, of which it may be the only part.
    pub pipeline: usize,
    /// Whether `!` turns what the pipeline returns into its opposite.
    pub is_negated: bool,
}

/// What keeps commands together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Level<'a> {
    /// What it is.
    pub kind: LevelKind,
    /// Its bytes, from its first keyword or bracket to its last.
    pub span: Range<usize>,
    /// Where it stands; the script stands on itself.
    pub place: Place,
    /// The command whose words hold it: of substitutions and scripts.
    pub command: Option<usize>,
    /// The redirections of all its commands.
    pub redirects: Vec<Redirect<'a>>,
}

/// The kinds of levels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LevelKind {
    /// The script.
    Top,
    /// `( … )`.
    Subshell,
    /// `{ …; }`.
    Group,
    /// `if`: it holds conditions and branches.
    If,
    /// `while`, `until`, `for` and `select`: they hold a body, and the first two a condition.
    Loop,
    /// `case`: it holds branches.
    Case,
    /// The body of a function, which runs where the function is called.
    Function,
    /// Between `if`, `elif`, `while`, `until` and the next keyword.
    Condition,
    /// Behind `then` and `else`, and a branch of `case`.
    Branch,
    /// What a loop repeats.
    Body,
    /// `$(…)`, backticks, `<(…)` and `>(…)`.
    Substitution,
    /// The script in `sh -c '…'`.
    Script,
}

/// `NAME=value` in front of a command, or alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assignment<'a> {
    /// The variable.
    pub name: &'a str,
    /// The value; an array counts as expanded.
    pub value: Word<'a>,
}

/// A redirection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redirect<'a> {
    /// Its bytes, from the descriptor to the target.
    pub span: Range<usize>,
    /// The descriptor, as it is written.
    pub fd: Option<&'a str>,
    /// What it does.
    pub operator: Operator,
    /// The file, descriptor, text or delimiter.
    pub target: Word<'a>,
    /// The lines of a here-document, without the one that ends it.
    pub body: Option<Range<usize>>,
}

/// What a redirection does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    /// `<`
    Read,
    /// `>` and `>|`
    Write,
    /// `>>`
    Append,
    /// `<>`
    ReadWrite,
    /// `<&` and `>&`
    Duplicate,
    /// `&>` and `&>>`: both outputs.
    WriteAll,
    /// `<<` and `<<-`
    Heredoc,
    /// `<<<`
    HereString,
}

impl<'a> Script<'a> {
    /// The levels around a command, from the nearest to the script.
    pub fn levels_of(&self, command: &Command<'a>) -> impl Iterator<Item = &Level<'a>> {
        let mut next = Some(command.place.level);
        std::iter::from_fn(move || {
            let index = next?;
            let level = self.levels.get(index)?;
            // A level stands behind the one around it, so this comes to an end.
            next = Some(level.place.level).filter(|outer| *outer < index);
            Some(level)
        })
    }

    /// The commands that a command is in a pipeline with, itself among them, in their order. Those of brackets and loops
    /// that are a part of the pipeline count; those of substitutions don't.
    pub fn pipeline(&self, command: &Command<'a>) -> impl Iterator<Item = &Command<'a>> {
        let pipeline = command.place.pipeline;
        // What is in a pipeline stands together.
        let first = self
            .commands
            .partition_point(|one| one.span.start < command.span.start);
        let before = self.commands.get(..first).unwrap_or_default();
        let before = before
            .iter()
            .rev()
            .take_while(|one| self.is_below(one, pipeline, true))
            .count();
        let all = self.commands.get(first - before..).unwrap_or_default();
        all.iter()
            .take_while(move |one| self.is_below(one, pipeline, true))
            .filter(move |one| self.is_below(one, pipeline, false))
    }

    /// Whether a command is a part of a pipeline, or of a level that is.
    fn is_below(&self, command: &Command<'a>, pipeline: usize, with_substitutions: bool) -> bool {
        if command.place.pipeline == pipeline {
            return true;
        }
        for level in self.levels_of(command) {
            if !with_substitutions && level.kind == LevelKind::Substitution {
                return false;
            }
            if level.place.pipeline == pipeline {
                return level.kind != LevelKind::Top;
            }
        }
        false
    }

    /// Whether a command is run only for what it returns: in the condition of `if`, `while` or `until`.
    #[must_use]
    pub fn is_condition(&self, command: &Command<'a>) -> bool {
        self.levels_of(command)
            .any(|level| level.kind == LevelKind::Condition)
    }

    /// Whether a command is run whenever the commands before it succeed: in no branch, loop or function, and behind no
    /// `||`. What stands behind `&&` counts as run.
    #[must_use]
    pub fn is_always_run(&self, command: &Command<'a>) -> bool {
        let is_optional = |kind| {
            use LevelKind::{Body, Branch, Function};
            matches!(kind, Branch | Body | Function)
        };
        command.place.joined != Join::Or
            && self
                .levels_of(command)
                .all(|level| !is_optional(level.kind) && level.place.joined != Join::Or)
    }
}
