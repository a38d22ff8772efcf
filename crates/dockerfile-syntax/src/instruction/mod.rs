//! The instructions: one file each, with its typed form and its parsing.

pub mod add;
pub mod arg;
pub mod cmd;
pub mod command_line;
pub mod copy;
pub mod entrypoint;
pub mod env;
pub mod expose;
pub mod from;
pub mod healthcheck;
pub mod include;
pub mod label;
pub mod maintainer;
pub mod onbuild;
pub mod pairs_file;
pub mod require;
pub mod run;
pub mod shell;
pub mod sources;
pub mod stopsignal;
pub mod unset;
pub mod user;
pub mod volume;
pub mod workdir;

pub use crate::parts::KeyValue;
pub use add::AddInstruction;
pub use arg::ArgItem;
pub use command_line::CommandLine;
pub use copy::CopyInstruction;
pub use from::FromInstruction;
pub use healthcheck::Healthcheck;
pub use pairs_file::PairsFile;
pub use run::Run;
pub use sources::{SourceContent, Sources};
pub use unset::{Setting, Unset};

use crate::dialect::Dialect;
use crate::error::Fault;
use crate::meta::Meta;
use crate::parts::Parts;
use crate::shape::Shape;
use crate::text;
use crate::word::{IntoOwned, Word, into_owned};

/// The names of all instructions, in upper case.
pub const NAMES: [&str; 18] = [
    "ADD",
    "ARG",
    "CMD",
    "COPY",
    "ENTRYPOINT",
    "ENV",
    "EXPOSE",
    "FROM",
    "HEALTHCHECK",
    "LABEL",
    "MAINTAINER",
    "ONBUILD",
    "RUN",
    "SHELL",
    "STOPSIGNAL",
    "USER",
    "VOLUME",
    "WORKDIR",
];

/// An instruction other than `FROM`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instruction<'a> {
    /// Its keyword, text, place and comments.
    pub meta: Meta<'a>,
    /// What it says.
    pub kind: InstructionKind<'a>,
}

into_owned!(Instruction { meta, kind });

impl Instruction<'_> {
    /// The same instruction with copies of its texts.
    #[must_use]
    pub fn into_owned(self) -> Instruction<'static> {
        IntoOwned::into_owned(self)
    }
}

/// What an instruction says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InstructionKind<'a> {
    /// `ADD`
    Add(Box<AddInstruction<'a>>),
    /// `ARG`: the items in the order written, at least one.
    Arg(Vec<ArgItem<'a>>),
    /// `CMD`
    Cmd(CommandLine<'a>),
    /// `COPY`
    Copy(Box<CopyInstruction<'a>>),
    /// `ENTRYPOINT`; an empty one clears the entrypoint.
    Entrypoint(CommandLine<'a>),
    /// `ENV`: the pairs in the order written.
    Env(Vec<KeyValue<'a>>),
    /// `EXPOSE`: the words sorted by their bytes, not expanded.
    Expose(Vec<Word<'a>>),
    /// `HEALTHCHECK`
    Healthcheck(Box<Healthcheck<'a>>),
    /// `INCLUDE`, of the dialect: the paths as written, at least one.
    Include(Vec<Word<'a>>),
    /// `LABEL`: the pairs in the order written.
    Label(Vec<KeyValue<'a>>),
    /// `MAINTAINER`: its whole text.
    Maintainer(Word<'a>),
    /// `ONBUILD`: the text of the trigger with its heredocs, as it is stored in the image's config.
    Onbuild(Word<'a>),
    /// `ENV`, `ARG` or `LABEL` with `--file`, of the dialect.
    PairsFile(Box<PairsFile<'a>>),
    /// `REQUIRE`, of the dialect: the stages as written, at least one.
    Require(Vec<Word<'a>>),
    /// `RUN`
    Run(Box<Run<'a>>),
    /// `SHELL`: the words of its JSON array, at least one.
    Shell(Vec<Word<'a>>),
    /// `STOPSIGNAL`: its whole text, not expanded.
    Stopsignal(Word<'a>),
    /// `UNSET`, of the dialect
    Unset(Box<Unset<'a>>),
    /// `USER`: its whole text, not expanded.
    User(Word<'a>),
    /// `VOLUME`: the paths, trimmed, none of them blank, not expanded.
    Volume(Vec<Word<'a>>),
    /// `WORKDIR`: its whole text, not expanded.
    Workdir(Word<'a>),
}

impl IntoOwned for InstructionKind<'_> {
    type Owned = InstructionKind<'static>;

    fn into_owned(self) -> Self::Owned {
        match self {
            Self::Add(add) => InstructionKind::Add(add.into_owned()),
            Self::Arg(items) => InstructionKind::Arg(items.into_owned()),
            Self::Cmd(line) => InstructionKind::Cmd(line.into_owned()),
            Self::Copy(copy) => InstructionKind::Copy(copy.into_owned()),
            Self::Entrypoint(line) => InstructionKind::Entrypoint(line.into_owned()),
            Self::Env(pairs) => InstructionKind::Env(pairs.into_owned()),
            Self::Expose(ports) => InstructionKind::Expose(ports.into_owned()),
            Self::Healthcheck(check) => InstructionKind::Healthcheck(check.into_owned()),
            Self::Include(paths) => InstructionKind::Include(paths.into_owned()),
            Self::Label(pairs) => InstructionKind::Label(pairs.into_owned()),
            Self::Maintainer(name) => InstructionKind::Maintainer(name.into_owned()),
            Self::Onbuild(trigger) => InstructionKind::Onbuild(trigger.into_owned()),
            Self::PairsFile(file) => InstructionKind::PairsFile(file.into_owned()),
            Self::Require(stages) => InstructionKind::Require(stages.into_owned()),
            Self::Run(run) => InstructionKind::Run(run.into_owned()),
            Self::Shell(words) => InstructionKind::Shell(words.into_owned()),
            Self::Stopsignal(signal) => InstructionKind::Stopsignal(signal.into_owned()),
            Self::Unset(unset) => InstructionKind::Unset(unset.into_owned()),
            Self::User(user) => InstructionKind::User(user.into_owned()),
            Self::Volume(paths) => InstructionKind::Volume(paths.into_owned()),
            Self::Workdir(path) => InstructionKind::Workdir(path.into_owned()),
        }
    }
}

impl InstructionKind<'_> {
    /// Whether the dialect has the step run in every build.
    #[must_use]
    pub fn always_runs(&self) -> bool {
        match self {
            Self::Add(add) => add.no_cache.is_on,
            Self::Copy(copy) => copy.no_cache.is_on,
            Self::Run(run) => run.no_cache.is_on,
            _ => false,
        }
    }

    /// Whether it may stand above the first `FROM`.
    pub(crate) fn is_global(&self) -> bool {
        match self {
            Self::PairsFile(file) => file.of == pairs_file::PairsOf::Arg,
            kind => matches!(kind, Self::Arg(_) | Self::Include(_)),
        }
    }

    /// The words that may name a stage: what it reads, and what it requires.
    #[must_use]
    pub fn stage_words(&self) -> Vec<&Word<'_>> {
        match self {
            Self::Copy(copy) => copy.from.iter().collect(),
            Self::Run(run) => run
                .mounts
                .iter()
                .filter_map(|mount| mount.from.as_ref())
                .collect(),
            Self::PairsFile(file) => file.from.iter().collect(),
            Self::Require(stages) => stages.iter().collect(),
            _ => Vec::new(),
        }
    }

    /// The instruction's name in upper case.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Add(_) => "ADD",
            Self::Arg(_) => "ARG",
            Self::Cmd(_) => "CMD",
            Self::Copy(_) => "COPY",
            Self::Entrypoint(_) => "ENTRYPOINT",
            Self::Env(_) => "ENV",
            Self::Expose(_) => "EXPOSE",
            Self::Healthcheck(_) => "HEALTHCHECK",
            Self::Include(_) => "INCLUDE",
            Self::Label(_) => "LABEL",
            Self::Maintainer(_) => "MAINTAINER",
            Self::Onbuild(_) => "ONBUILD",
            Self::PairsFile(file) => file.of.name(),
            Self::Require(_) => "REQUIRE",
            Self::Run(_) => "RUN",
            Self::Shell(_) => "SHELL",
            Self::Stopsignal(_) => "STOPSIGNAL",
            Self::Unset(_) => "UNSET",
            Self::User(_) => "USER",
            Self::Volume(_) => "VOLUME",
            Self::Workdir(_) => "WORKDIR",
        }
    }
}

/// Makes the typed form of an instruction.
pub(crate) type Parse = for<'a> fn(Parts<'_, 'a>) -> Result<InstructionKind<'a>, Fault>;

/// How an instruction is read.
#[derive(Clone, Copy)]
pub(crate) struct Grammar {
    /// Its name in upper case.
    name: &'static str,
    /// How its arguments are written.
    pub(crate) shape: Shape,
    /// Makes its typed form; `FROM` has another one.
    pub(crate) parse: Option<Parse>,
    /// Whether it may have heredocs.
    pub(crate) heredocs: bool,
}

const GRAMMARS: [Grammar; 18] = [
    grammar("RUN", run::SHAPE, run::parse).with_heredocs(),
    grammar("COPY", copy::SHAPE, copy::parse).with_heredocs(),
    Grammar {
        name: "FROM",
        shape: from::SHAPE,
        parse: None,
        heredocs: false,
    },
    grammar("ADD", add::SHAPE, add::parse).with_heredocs(),
    grammar("ARG", arg::SHAPE, arg::parse),
    grammar("CMD", cmd::SHAPE, cmd::parse),
    grammar("ENTRYPOINT", entrypoint::SHAPE, entrypoint::parse),
    grammar("ENV", env::SHAPE, env::parse),
    grammar("EXPOSE", expose::SHAPE, expose::parse),
    grammar("HEALTHCHECK", healthcheck::SHAPE, healthcheck::parse),
    grammar("LABEL", label::SHAPE, label::parse),
    grammar("MAINTAINER", maintainer::SHAPE, maintainer::parse),
    grammar("ONBUILD", onbuild::SHAPE, onbuild::parse),
    grammar("SHELL", shell::SHAPE, shell::parse),
    grammar("STOPSIGNAL", stopsignal::SHAPE, stopsignal::parse),
    grammar("USER", user::SHAPE, user::parse),
    grammar("VOLUME", volume::SHAPE, volume::parse),
    grammar("WORKDIR", workdir::SHAPE, workdir::parse),
];

/// Those of the dialect.
const ADDED: [Grammar; 3] = [
    grammar("INCLUDE", include::SHAPE, include::parse),
    grammar("REQUIRE", require::SHAPE, require::parse),
    grammar("UNSET", unset::SHAPE, unset::parse),
];

const fn grammar(name: &'static str, shape: Shape, parse: Parse) -> Grammar {
    Grammar {
        name,
        shape,
        parse: Some(parse),
        heredocs: false,
    }
}

impl Grammar {
    const fn with_heredocs(mut self) -> Self {
        self.heredocs = true;
        self
    }

    /// The grammar of the instruction with this keyword, in any case.
    pub(crate) fn of(keyword: &str, dialect: Dialect) -> Option<Self> {
        let added = dialect.is_on.then_some(&ADDED);
        let by_name = |name: &str| {
            let found = GRAMMARS
                .iter()
                .chain(added.into_iter().flatten())
                .find(|grammar| grammar.name.eq_ignore_ascii_case(name));
            found.copied()
        };
        if keyword.is_ascii() {
            by_name(keyword)
        } else {
            // Some letters have a small one in ASCII.
            by_name(&text::lower(keyword))
        }
    }
}
