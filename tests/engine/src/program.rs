//! Finding programs and running them to their end.

use std::env;
use std::ffi::OsStr;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use anyhow::{Context, Result, bail};

/// Where system programs are, beside what PATH says: daemons are often left out of a user's PATH.
const SYSTEM_FOLDERS: [&str; 4] = ["/usr/sbin", "/sbin", "/usr/bin", "/bin"];

/// The full path of a program, from PATH and then the system's folders.
pub fn find(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path)
        .chain(SYSTEM_FOLDERS.iter().map(PathBuf::from))
        .map(|folder| folder.join(name))
        .find(|candidate| is_program(candidate))
}

/// Like [`find`], but looks in the system's folders first, where packages put their programs.
pub fn find_packaged(name: &str) -> Option<PathBuf> {
    SYSTEM_FOLDERS
        .iter()
        .map(|folder| Path::new(folder).join(name))
        .find(|candidate| is_program(candidate))
        .or_else(|| find(name))
}

/// Like [`find`], with an error that names the Debian package that has it.
pub fn need(name: &str, package: &str) -> Result<PathBuf> {
    find(name).with_context(|| format!("`{name}` is missing: install it with `apt-get install {package}`"))
}

fn is_program(path: &Path) -> bool {
    path.metadata()
        .is_ok_and(|meta| meta.is_file() && meta.permissions().mode() & 0o111 != 0)
}

/// Whether this process is root, which the daemons and the assembly of base images need.
pub fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt;
    // The owner of /proc/self is the effective user of this process.
    Path::new("/proc/self")
        .metadata()
        .is_ok_and(|meta| meta.uid() == 0)
}

/// Runs a command to its end and gives what it printed; fails with the end of its output when it fails.
pub fn run(command: &mut Command) -> Result<Output> {
    let shown = show(command);
    let output = command
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("could not start `{shown}`"))?;
    if !output.status.success() {
        let text = [output.stdout.as_slice(), output.stderr.as_slice()].concat();
        bail!(
            "`{shown}` failed ({}):\n{}",
            output.status,
            tail(&String::from_utf8_lossy(&text), 40)
        );
    }
    Ok(output)
}

/// A command as one would type it, for error messages.
pub fn show(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(OsStr::to_string_lossy).collect::<Vec<_>>().join(" ")
}

/// The last `count` lines of a text.
pub fn tail(text: &str, count: usize) -> String {
    let lines: Vec<&str> = text.trim_end().lines().collect();
    lines[lines.len().saturating_sub(count)..].join("\n")
}
