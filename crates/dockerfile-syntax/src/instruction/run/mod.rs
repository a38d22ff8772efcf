//! `RUN [flags] text` for the shell, with heredocs, or `RUN [flags] ["word", …]`.
//!
//! Flags: `--mount=` and `--device=` (may be repeated), `--network=default|none|host`, `--security=sandbox|insecure`.
//! In the dialect also `--strict`, `--no-cache` and `--cache=` (may be repeated).

mod bind;
mod cache;
pub mod device;
pub mod mount;
mod secret;
mod ssh;
mod tmpfs;

pub use device::{DeviceError, DeviceSpec};
pub use mount::{Mount, MountError, MountKind, MountSpec, Sharing};

use super::InstructionKind;
use super::command_line::CommandLine;
use crate::error::{Fault, SyntaxErrorKind};
use crate::flags::{Flags, Kind, Known, Switch};
use crate::heredoc::Heredoc;
use crate::parts::Parts;
use crate::shape::Shape;
use crate::span::Span;
use crate::word::{Word, into_owned, owned_already};

pub(super) const SHAPE: Shape = Shape::Command;

const FLAGS: Known = &[
    ("mount", Kind::List),
    ("network", Kind::Text),
    ("security", Kind::Text),
    ("device", Kind::List),
];

/// Those of the dialect.
const ADDED: Known = &[
    ("strict", Kind::Bool),
    ("no-cache", Kind::Bool),
    ("cache", Kind::List),
];

/// `RUN [flags] command`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run<'a> {
    /// The command.
    pub command: CommandLine<'a>,
    /// The heredocs in the order written; only a command in shell form has some.
    pub heredocs: Vec<Heredoc<'a>>,
    /// Each `--mount`, in the order written.
    pub mounts: Vec<MountSpec<'a>>,
    /// `--network`
    pub network: RunNetwork,
    /// `--security`
    pub security: RunSecurity,
    /// Each `--device`, in the order written.
    pub devices: Vec<DeviceSpec<'a>>,
    /// `--strict`, of the dialect.
    pub strict: Switch,
    /// Whether the file has every `RUN` strict that says nothing else.
    pub strict_by_default: bool,
    /// `--no-cache`, of the dialect: this step always runs.
    pub no_cache: Switch,
    /// The tools of each `--cache`, of the dialect, in the order written.
    pub caches: Vec<Word<'a>>,
    /// Each `--cache` as a whole.
    pub cache_flags: Vec<Span>,
}

into_owned!(Run {
    command,
    heredocs,
    mounts,
    network,
    security,
    devices,
    strict,
    strict_by_default,
    no_cache,
    caches,
    cache_flags,
});

impl Run<'_> {
    /// Whether the shell shall stop at the first command that fails.
    #[must_use]
    pub fn is_strict(&self) -> bool {
        match self.strict.span {
            Some(_) => self.strict.is_on,
            None => self.strict_by_default,
        }
    }
}

/// The network that a `RUN` gets.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum RunNetwork {
    /// What the build says.
    #[default]
    Default,
    /// Only a loopback.
    None,
    /// The host's.
    Host,
}

/// What a `RUN` may do.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum RunSecurity {
    /// What a container may.
    #[default]
    Sandbox,
    /// Everything.
    Insecure,
}

owned_already!(RunNetwork, RunSecurity);

pub(super) fn parse<'a>(mut parts: Parts<'_, 'a>) -> Result<InstructionKind<'a>, Fault> {
    let dialect = parts.dialect;
    let mut flags = parts.flags_and(FLAGS, ADDED)?;
    Ok(InstructionKind::Run(Box::new(Run {
        mounts: flags.list("mount", |text| MountSpec::parse(text, dialect))?,
        network: network(&mut flags)?,
        security: security(&mut flags)?,
        devices: flags.list("device", |spec| DeviceSpec::parse(&spec))?,
        strict: flags.switch("strict"),
        strict_by_default: dialect.strict,
        no_cache: flags.switch("no-cache"),
        cache_flags: flags.spans("cache"),
        caches: tools(flags.list("cache", Ok::<_, Fault>)?),
        command: CommandLine::of(parts.args),
        heredocs: parts.heredocs,
    })))
}

/// The words between commas.
fn tools(values: Vec<Word<'_>>) -> Vec<Word<'_>> {
    let mut tools = Vec::new();
    for mut rest in values {
        while let Some((tool, behind)) = rest.cut(',') {
            tools.push(tool);
            rest = behind;
        }
        tools.push(rest);
    }
    tools
}

fn network(flags: &mut Flags<'_>) -> Result<RunNetwork, Fault> {
    let Some(value) = flags.any_text("network") else {
        return Ok(RunNetwork::Default);
    };
    match value.as_str() {
        "default" => Ok(RunNetwork::Default),
        "none" => Ok(RunNetwork::None),
        "host" => Ok(RunNetwork::Host),
        _ => Err(SyntaxErrorKind::InvalidNetwork {
            value: value.to_string(),
        }
        .on(value.span)),
    }
}

fn security(flags: &mut Flags<'_>) -> Result<RunSecurity, Fault> {
    let Some(value) = flags.any_text("security") else {
        return Ok(RunSecurity::Sandbox);
    };
    match value.as_str() {
        "sandbox" => Ok(RunSecurity::Sandbox),
        "insecure" => Ok(RunSecurity::Insecure),
        _ => Err(SyntaxErrorKind::InvalidSecurity {
            value: value.to_string(),
        }
        .on(value.span)),
    }
}
