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
pub mod label;
pub mod maintainer;
pub mod onbuild;
pub mod run;
pub mod shell;
pub mod sources;
pub mod stopsignal;
pub mod user;
pub mod volume;
pub mod workdir;

pub use add::Add;
pub use arg::{Arg, ArgItem};
pub use command_line::CommandLine;
pub use copy::Copy;
pub use env::KeyValue;
pub use from::From;
pub use healthcheck::Healthcheck;
pub use onbuild::parse_onbuild_trigger;
pub use run::Run;
pub use sources::{SourceContent, Sources};

use crate::ast::Meta;
use crate::request::{Fault, Request, Shape};

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
pub struct Instruction {
    /// Its keyword, text, place and comments.
    pub meta: Meta,
    /// What it says.
    pub kind: InstructionKind,
}

/// What an instruction says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InstructionKind {
    /// `ADD`
    Add(Add),
    /// `ARG`
    Arg(Arg),
    /// `CMD`; without words it is an empty list.
    Cmd(CommandLine),
    /// `COPY`
    Copy(Copy),
    /// `ENTRYPOINT`; without words it clears the entrypoint.
    Entrypoint(CommandLine),
    /// `ENV`: the pairs in the order written.
    Env(Vec<KeyValue>),
    /// `EXPOSE`: the words sorted by their bytes, not expanded.
    Expose(Vec<String>),
    /// `HEALTHCHECK`
    Healthcheck(Healthcheck),
    /// `LABEL`: the pairs in the order written.
    Label(Vec<KeyValue>),
    /// `MAINTAINER`: its whole text.
    Maintainer(String),
    /// `ONBUILD`: the text of the trigger with its heredocs, as it is stored in the image's config.
    Onbuild(String),
    /// `RUN`
    Run(Box<Run>),
    /// `SHELL`: the words of its JSON array, at least one.
    Shell(Vec<String>),
    /// `STOPSIGNAL`: its whole text, not expanded.
    Stopsignal(String),
    /// `USER`: its whole text, not expanded.
    User(String),
    /// `VOLUME`: the paths, trimmed, none of them blank, not expanded.
    Volume(Vec<String>),
    /// `WORKDIR`: its whole text, not expanded.
    Workdir(String),
}

impl InstructionKind {
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
            Self::Label(_) => "LABEL",
            Self::Maintainer(_) => "MAINTAINER",
            Self::Onbuild(_) => "ONBUILD",
            Self::Run(_) => "RUN",
            Self::Shell(_) => "SHELL",
            Self::Stopsignal(_) => "STOPSIGNAL",
            Self::User(_) => "USER",
            Self::Volume(_) => "VOLUME",
            Self::Workdir(_) => "WORKDIR",
        }
    }
}

/// Makes the typed form of an instruction.
pub(crate) type Parse = fn(&Request<'_>) -> Result<InstructionKind, Fault>;

/// How an instruction is read.
pub(crate) struct Reader {
    /// How its arguments are written.
    pub(crate) shape: Shape,
    /// Makes its typed form; `FROM` has another one.
    pub(crate) parse: Option<Parse>,
    /// Whether it may have heredocs.
    pub(crate) heredocs: bool,
}

/// The reader of an instruction by its name in upper case.
pub(crate) fn reader(name: &str) -> Option<Reader> {
    let (shape, parse): (Shape, Parse) = match name {
        "ADD" => (add::SHAPE, add::parse),
        "ARG" => (arg::SHAPE, arg::parse),
        "CMD" => (cmd::SHAPE, cmd::parse),
        "COPY" => (copy::SHAPE, copy::parse),
        "ENTRYPOINT" => (entrypoint::SHAPE, entrypoint::parse),
        "ENV" => (env::SHAPE, env::parse),
        "EXPOSE" => (expose::SHAPE, expose::parse),
        "FROM" => {
            return Some(Reader {
                shape: from::SHAPE,
                parse: None,
                heredocs: false,
            });
        }
        "HEALTHCHECK" => (healthcheck::SHAPE, healthcheck::parse),
        "LABEL" => (label::SHAPE, label::parse),
        "MAINTAINER" => (maintainer::SHAPE, maintainer::parse),
        "ONBUILD" => (onbuild::SHAPE, onbuild::parse),
        "RUN" => (run::SHAPE, run::parse),
        "SHELL" => (shell::SHAPE, shell::parse),
        "STOPSIGNAL" => (stopsignal::SHAPE, stopsignal::parse),
        "USER" => (user::SHAPE, user::parse),
        "VOLUME" => (volume::SHAPE, volume::parse),
        "WORKDIR" => (workdir::SHAPE, workdir::parse),
        _ => return None,
    };
    Some(Reader {
        shape,
        parse: Some(parse),
        heredocs: matches!(name, "ADD" | "COPY" | "RUN"),
    })
}
