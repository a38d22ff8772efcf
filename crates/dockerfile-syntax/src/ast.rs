//! The parsed file: immutable, typed, every part with its place.
//!
//! Text is what the file's bytes say. A byte that is not UTF-8 becomes U+FFFD, one for each byte, which is what the
//! reference puts out wherever it accepts such a byte; [`Meta::invalid_utf8`] remembers the first one of an
//! instruction, because a shell-form `RUN` must be refused for it (its text travels as a protobuf string).

use crate::dialect::Dialect;
use crate::directive::Directives;
use crate::instruction::{FromInstruction, Instruction};
use crate::meta::Meta;
use crate::span::LineRange;
use crate::word::{Word, into_owned, owned_already};

/// A whole Dockerfile, or as much of it as could be read. It borrows its text from the file's bytes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Dockerfile<'a> {
    /// The parser directives above everything else.
    pub directives: Directives<'a>,
    /// What the line `# plimsoll=1` turns on, if it is there.
    pub dialect: Dialect,
    /// The escape character in force, `\` or `` ` ``.
    pub escape: char,
    /// The `ARG` instructions before the first `FROM`, and in the dialect each `INCLUDE` there.
    pub global_args: Vec<Instruction<'a>>,
    /// The stages in file order. Empty when the file has no `FROM`: that is for the caller to refuse.
    pub stages: Vec<Stage<'a>>,
    /// The other files of which stages are read, in the dialect; their stages stand before those of the file.
    pub modules: Vec<Module<'a>>,
    /// The files whose lines it has, from the first on, where there are several.
    pub files: Vec<FileStart>,
    /// The words that name a stage of such a file, in the order of the bytes at which they begin.
    pub links: Vec<Link>,
    /// The lines on which instructions end that have a blank line between their continuation lines; deprecated, worth a
    /// warning. Heredocs of the instruction come behind that line.
    pub empty_continuations: Vec<usize>,
    /// The first instruction that is left out as it is wrong; the linter looks at it all the same.
    pub unreadable: Option<Unreadable<'a>>,
}

impl<'a> Dockerfile<'a> {
    /// Every instruction in file order, `FROM` apart: first the global `ARG`s, then stage by stage.
    pub fn instructions(&self) -> impl Iterator<Item = &Instruction<'a>> {
        self.global_args
            .iter()
            .chain(self.stages.iter().flat_map(|stage| stage.instructions.iter()))
    }

    /// A line as its own file counts it, and that file; the name is empty for the Dockerfile itself.
    #[must_use]
    pub fn own_line(&self, line: usize) -> (&str, usize) {
        let behind = self.files.partition_point(|file| file.lines_before < line);
        match behind.checked_sub(1).and_then(|at| self.files.get(at)) {
            Some(file) if file.lines_before > 0 => (&file.name, line - file.lines_before),
            _ => ("", line),
        }
    }

    /// A line as people are told of it: `line 7`, or `line 7 of base.Dockerfile`.
    #[must_use]
    pub fn told_line(&self, line: usize) -> String {
        match self.own_line(line) {
            ("", line) => format!("line {line}"),
            (file, line) => format!("line {line} of {file}"),
        }
    }

    /// What a word names, if that is a stage of another file. A trigger has the place of the word that pulls it in, and is not
    /// that word.
    #[must_use]
    pub fn named_link(&self, word: &Word<'_>) -> Option<&Link> {
        self.link(word.span.start).filter(|_| word.contains('#'))
    }

    /// What a word names that begins at the byte `at`, if it is a stage of another file.
    #[must_use]
    pub fn link(&self, at: usize) -> Option<&Link> {
        let found = self.links.binary_search_by_key(&at, |link| link.at).ok()?;
        self.links.get(found)
    }

    /// The stage that a word names in another file, by its place among all stages.
    #[must_use]
    pub fn linked_stage(&self, word: &Word<'_>) -> Option<usize> {
        self.named_link(word)?.place
    }

    /// The global arguments of the file with that number, as in [`Stage::module`].
    #[must_use]
    pub fn args_of(&self, module: usize) -> &[Instruction<'a>] {
        let other = module.checked_sub(1).and_then(|index| self.modules.get(index));
        other.map_or(&self.global_args, |module| &module.global_args)
    }

    /// The same file with copies of its texts.
    #[must_use]
    pub fn into_owned(self) -> Dockerfile<'static> {
        crate::word::IntoOwned::into_owned(self)
    }
}

/// A build stage: its `FROM` and what follows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stage<'a> {
    /// The `FROM` that begins the stage.
    pub from: Box<FromInstruction<'a>>,
    /// The instructions up to the next `FROM`, in file order.
    pub instructions: Vec<Instruction<'a>>,
    /// The file that it belongs to: 0 for the file itself, and from 1 on [`Dockerfile::modules`].
    pub module: usize,
}

/// A file of which stages are read: as by itself, with its own global arguments and stage names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Module<'a> {
    /// What people call it: its path.
    pub name: String,
    /// The `ARG` instructions before its first `FROM`.
    pub global_args: Vec<Instruction<'a>>,
}

/// Where a file begins among the lines of several.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FileStart {
    /// What people call it.
    pub name: String,
    /// How many lines the files before it have.
    pub lines_before: usize,
}

/// A word that names a stage of another file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// The byte at which the word begins.
    pub at: usize,
    /// The file, as in [`Stage::module`].
    pub module: usize,
    /// The stage: its name or number.
    pub stage: String,
    /// Its place among all stages; nothing where the file has no such stage.
    pub place: Option<usize>,
}

/// An instruction that is wrong and left out, of which more may depend than itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gap {
    /// Its lines.
    pub lines: LineRange,
    /// What is missing without it.
    pub missing: Missing,
}

/// What is not known where an instruction is left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    /// What the stage stands on; an empty one stands in for it.
    Base,
    /// The same, and the stage's name.
    Stage,
    /// Variables from there on.
    Variables,
}

/// An instruction that has no typed form, or no place where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreadable<'a> {
    /// Its keyword, text, place and comments.
    pub meta: Meta<'a>,
    /// What follows the keyword and its flags, cut at blanks.
    pub words: Vec<Word<'a>>,
}

into_owned!(Dockerfile {
    directives,
    dialect,
    escape,
    global_args,
    stages,
    modules,
    files,
    links,
    empty_continuations,
    unreadable
});
into_owned!(Module { name, global_args });
owned_already!(FileStart, Link);
into_owned!(Stage {
    from,
    instructions,
    module
});
into_owned!(Unreadable { meta, words });
