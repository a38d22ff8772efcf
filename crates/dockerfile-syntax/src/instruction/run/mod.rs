//! `RUN [flags] text` for the shell, with heredocs, or `RUN [flags] ["word", …]`.
//!
//! Flags: `--mount=` and `--device=` (may be repeated), `--network=default|none|host`, `--security=sandbox|insecure`.

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
use crate::flags::{Flags, Kind, Known};
use crate::heredoc::Heredoc;
use crate::parts::Parts;
use crate::shape::Shape;
use crate::word::{into_owned, owned_already};

pub(super) const SHAPE: Shape = Shape::Command;

const FLAGS: Known = &[
    ("mount", Kind::List),
    ("network", Kind::Text),
    ("security", Kind::Text),
    ("device", Kind::List),
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
}

into_owned!(Run {
    command,
    heredocs,
    mounts,
    network,
    security,
    devices,
});

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
    let mut flags = parts.flags(FLAGS)?;
    Ok(InstructionKind::Run(Box::new(Run {
        mounts: flags.list("mount", MountSpec::parse)?,
        network: network(&mut flags)?,
        security: security(&mut flags)?,
        devices: flags.list("device", |spec| DeviceSpec::parse(&spec))?,
        command: CommandLine::of(parts.args),
        heredocs: parts.heredocs,
    })))
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
