//! BuildKit daemons of older releases, to see what works on them.

use std::path::PathBuf;

use anyhow::Result;

use crate::Progress;
use crate::golang::{Module, Program};

const BUILDKITD: &[Program] = &[Program {
    package: "github.com/moby/buildkit/cmd/buildkitd",
    module: "github.com/moby/buildkit",
    version_variable: "github.com/moby/buildkit/version.Version",
}];

/// The releases, from the oldest.
pub const OLDER: [Module; 3] = [
    Module {
        name: "tools-0.12",
        go_mod: include_str!("../tools-0.12/go.mod"),
        go_sum: include_str!("../tools-0.12/go.sum"),
        programs: BUILDKITD,
    },
    Module {
        name: "tools-0.17",
        go_mod: include_str!("../tools-0.17/go.mod"),
        go_sum: include_str!("../tools-0.17/go.sum"),
        programs: BUILDKITD,
    },
    Module {
        name: "tools-0.21",
        go_mod: include_str!("../tools-0.21/go.mod"),
        go_sum: include_str!("../tools-0.21/go.sum"),
        programs: BUILDKITD,
    },
];

/// Builds one of [`OLDER`], once on a machine, and gives its daemon.
///
/// # Errors
/// Fails where Go is missing, or a module can't be fetched.
pub fn buildkitd(release: &Module, progress: &mut dyn Progress) -> Result<PathBuf> {
    Ok(release.install(progress)?.join("buildkitd"))
}
