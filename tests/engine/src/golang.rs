//! Programs that are built from Go modules with pinned versions and checksums.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::program::{find, run};
use crate::{Progress, cache};

/// A module folder: what `go build` is asked for, at the versions that its `go.mod` says.
#[derive(Debug, Clone, Copy)]
pub struct Module {
    /// Names the result in the cache, such as `tools`.
    pub name: &'static str,
    /// The text of `go.mod`.
    pub go_mod: &'static str,
    /// The text of `go.sum`, from `go mod tidy`.
    pub go_sum: &'static str,
    /// The packages to build, each a program.
    pub programs: &'static [Program],
}

/// One program of a module.
#[derive(Debug, Clone, Copy)]
pub struct Program {
    /// The package's import path; the last part is the program's file name.
    pub package: &'static str,
    /// The module that it comes from, whose version it is to report.
    pub module: &'static str,
    /// The string variable that is set to that version at link time.
    pub version_variable: &'static str,
}

impl Module {
    /// The version that `go.mod` requires of another module, such as `v0.33.1`.
    pub fn version_of(&self, module: &str) -> Option<&'static str> {
        self.go_mod.lines().find_map(|line| {
            let mut words = line.trim().trim_start_matches("require ").split_whitespace();
            (words.next() == Some(module)).then(|| words.next()).flatten()
        })
    }

    /// Builds the programs, once for each version of the module, and gives the folder that has them.
    pub fn install(&self, progress: &mut dyn Progress) -> Result<PathBuf> {
        let name = format!(
            "{}-{}",
            self.name,
            cache::key(&[self.go_mod.as_bytes(), self.go_sum.as_bytes()])
        );
        cache::once(&name, progress, |folder, progress| self.build(folder, progress))
    }

    fn build(&self, folder: &Path, progress: &mut dyn Progress) -> Result<()> {
        let go = find("go")
            .context("Go is missing: install it from https://go.dev/dl, 1.26 or newer, then try again")?;
        let source = tempfile::tempdir()?;
        fs::write(source.path().join("go.mod"), self.go_mod)?;
        fs::write(source.path().join("go.sum"), self.go_sum)?;
        for program in self.programs {
            let version = self.version_of(program.module).unwrap_or_default();
            progress.step(&format!("building {} {version}", program.file_name()));
            let mut build = Command::new(&go);
            build.args(["build", "-trimpath", "-mod=readonly", "-ldflags"]);
            build.arg(format!("-s -w -X {}={version}", program.version_variable));
            build
                .arg("-o")
                .arg(folder.join(program.file_name()))
                .arg(program.package);
            build
                .current_dir(source.path())
                .env("CGO_ENABLED", "0")
                .env("GOWORK", "off");
            run(&mut build)?;
        }
        Ok(())
    }
}

impl Program {
    /// The name of the program's file.
    pub fn file_name(&self) -> &'static str {
        self.package.rsplit('/').next().unwrap_or(self.package)
    }
}
