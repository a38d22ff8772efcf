//! The programs that the harness starts.

use std::path::PathBuf;

use anyhow::Result;

use crate::Progress;
use crate::apt::{self, Package};
use crate::golang::{Module, Program};
use crate::program::need;

/// BuildKit, its clients and the reference frontend, at the versions that the tests are written for.
pub const TOOLS: Module = Module {
    name: "tools",
    go_mod: include_str!("../tools/go.mod"),
    go_sum: include_str!("../tools/go.sum"),
    programs: &[
        buildkit("github.com/moby/buildkit/cmd/buildkitd"),
        buildkit("github.com/moby/buildkit/cmd/buildctl"),
        buildkit("github.com/moby/buildkit/frontend/dockerfile/cmd/dockerfile-frontend"),
        Program {
            package: "github.com/docker/buildx/cmd/buildx",
            module: "github.com/docker/buildx",
            version_variable: "github.com/docker/buildx/version.Version",
        },
    ],
};

/// What every use of the harness needs from the system; what only some need, they install themselves.
const PACKAGES: [Package; 1] = [Package::new("git", "git")];

const fn buildkit(package: &'static str) -> Program {
    Program {
        package,
        module: "github.com/moby/buildkit",
        version_variable: "github.com/moby/buildkit/version.Version",
    }
}

/// Where each program is.
#[derive(Debug, Clone)]
pub struct Parts {
    /// The BuildKit daemon.
    pub buildkitd: PathBuf,
    /// BuildKit's own client.
    pub buildctl: PathBuf,
    /// Docker's client for BuildKit; it runs by itself and as a plugin of `docker`.
    pub buildx: PathBuf,
    /// The frontend that Plimsoll stands in for, as the program in its image.
    pub reference_frontend: PathBuf,
    /// git.
    pub git: PathBuf,
}

impl Parts {
    /// Installs whatever is missing of the programs and says where they are.
    ///
    /// The first run builds some from source, which takes a few minutes; later ones, also of another clone, take
    /// milliseconds. Fails with one sentence that says how to mend it when something can't be installed here.
    pub fn install(progress: &mut dyn Progress) -> Result<Self> {
        apt::ensure(&PACKAGES, progress)?;
        let tools = TOOLS.install(progress)?;
        Ok(Self {
            buildkitd: tools.join("buildkitd"),
            buildctl: tools.join("buildctl"),
            buildx: tools.join("buildx"),
            reference_frontend: tools.join("dockerfile-frontend"),
            git: need("git", "git")?,
        })
    }
}
