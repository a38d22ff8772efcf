//! `RUN`

pub mod device;
pub mod mount;

pub use device::{DeviceError, DeviceSpec};
pub use mount::{Mount, MountError, MountKind, MountSpec, Sharing};

use super::command_line::CommandLine;

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
