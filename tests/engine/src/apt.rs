//! Debian's packages: installs what is missing, or says how to.

use std::path::Path;
use std::process::Command;

use anyhow::{Result, bail};

use crate::program::{find, is_root, run};
use crate::{Progress, cache};

/// A package, and the file or program whose presence shows that it is installed.
#[derive(Debug, Clone, Copy)]
pub struct Package {
    /// The package's name.
    pub name: &'static str,
    /// A program's name, or an absolute path.
    pub shown_by: &'static str,
}

impl Package {
    /// A package that is installed when the program or file `shown_by` is there.
    pub const fn new(name: &'static str, shown_by: &'static str) -> Self {
        Self { name, shown_by }
    }

    fn installed(self) -> bool {
        if self.shown_by.starts_with('/') {
            Path::new(self.shown_by).exists()
        } else {
            find(self.shown_by).is_some()
        }
    }
}

/// Installs those of the packages that are missing.
///
/// Fails with one sentence that says the mend where this process is not root, or where there is no apt.
pub fn ensure(packages: &[Package], progress: &mut dyn Progress) -> Result<()> {
    if missing(packages).is_empty() {
        return Ok(());
    }
    let _lock = cache::lock("apt", progress)?;
    let missing = missing(packages);
    if missing.is_empty() {
        return Ok(());
    }
    let names = missing.join(" ");
    if find("apt-get").is_none() {
        bail!(
            "{names} must be installed and there is no apt-get here: install what your distribution calls so, then try again"
        );
    }
    if !is_root() {
        bail!(
            "{names} must be installed and that needs root: run `sudo apt-get install {names}`, then try again"
        );
    }
    progress.step(&format!("installing {names}"));
    run(Command::new("apt-get").arg("update"))?;
    let mut install = Command::new("apt-get");
    install
        .args(["install", "-y", "--no-install-recommends"])
        .args(&missing);
    run(install.env("DEBIAN_FRONTEND", "noninteractive"))?;
    Ok(())
}

fn missing(packages: &[Package]) -> Vec<&'static str> {
    packages
        .iter()
        .filter(|package| !package.installed())
        .map(|package| package.name)
        .collect()
}
