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
use crate::error::SyntaxErrorKind;
use crate::flags::{Flags, Kind, Known};
use crate::request::{Fault, Request, Shape};

pub(super) const SHAPE: Shape = Shape::Command;

const FLAGS: Known = &[
    ("mount", Kind::List),
    ("network", Kind::Text),
    ("security", Kind::Text),
    ("device", Kind::List),
];

/// `RUN [flags] command`
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Run {
    /// The command.
    pub command: CommandLine,
    /// Each `--mount`, in the order written.
    pub mounts: Vec<MountSpec>,
    /// `--network`
    pub network: RunNetwork,
    /// `--security`
    pub security: RunSecurity,
    /// Each `--device`, in the order written.
    pub devices: Vec<DeviceSpec>,
    /// The names of the flags used, sorted, each once.
    pub flags_used: Vec<&'static str>,
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

pub(super) fn parse(request: &Request<'_>) -> Result<InstructionKind, Fault> {
    let flags = Flags::parse(&request.head.flags, FLAGS)?;
    let mounts = flags
        .all("mount")
        .map(|(text, span)| MountSpec::parse(text).map_err(|error| SyntaxErrorKind::Mount(error).on(span)));
    let devices = flags
        .all("device")
        .map(|(text, span)| DeviceSpec::parse(text).map_err(|error| SyntaxErrorKind::Device(error).on(span)));
    Ok(InstructionKind::Run(Box::new(Run {
        command: CommandLine::of(request),
        mounts: mounts.collect::<Result<_, _>>()?,
        network: network(&flags)?,
        security: security(&flags)?,
        devices: devices.collect::<Result<_, _>>()?,
        flags_used: flags.used(),
    })))
}

fn network(flags: &Flags) -> Result<RunNetwork, Fault> {
    let Some((value, span)) = flags.all("network").next() else {
        return Ok(RunNetwork::Default);
    };
    match value {
        "default" => Ok(RunNetwork::Default),
        "none" => Ok(RunNetwork::None),
        "host" => Ok(RunNetwork::Host),
        _ => Err(SyntaxErrorKind::InvalidNetwork {
            value: value.to_owned(),
        }
        .on(span)),
    }
}

fn security(flags: &Flags) -> Result<RunSecurity, Fault> {
    let Some((value, span)) = flags.all("security").next() else {
        return Ok(RunSecurity::Sandbox);
    };
    match value {
        "sandbox" => Ok(RunSecurity::Sandbox),
        "insecure" => Ok(RunSecurity::Insecure),
        _ => Err(SyntaxErrorKind::InvalidSecurity {
            value: value.to_owned(),
        }
        .on(span)),
    }
}
