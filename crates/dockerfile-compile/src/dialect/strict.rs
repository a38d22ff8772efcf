//! `RUN --strict`: what is written in front of a command so that its shell stops at the first one that fails.

use std::fmt;

/// What a shell takes to be strict.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shell {
    /// One of POSIX, or near it.
    Posix,
    /// Windows PowerShell or PowerShell.
    PowerShell,
}

/// Shells that know `set -e`, and all but dash `pipefail`.
const POSIX: [&str; 10] = [
    "sh", "ash", "bash", "dash", "ksh", "ksh93", "mksh", "oksh", "rbash", "zsh",
];

/// What is said in front; another word for it stands behind `--strict` in a plain Dockerfile.
const ERREXIT: &str = "set -e";
const PIPEFAIL: &str = "set -e -o pipefail";
const POWERSHELL: &str = "$ErrorActionPreference = 'Stop'; $PSNativeCommandUseErrorActionPreference = $true";

impl Shell {
    /// The shell that words start, such as those of `SHELL` or behind `#!`; the name of the program where it is none that
    /// can be strict.
    ///
    /// # Errors
    /// The name of that program.
    pub fn of<'w>(words: impl IntoIterator<Item = &'w str>) -> Result<Self, String> {
        let mut name = String::new();
        for word in words {
            // `env` and busybox start what is named behind them.
            if !name.is_empty() && word.starts_with('-') || word.contains('=') {
                continue;
            }
            name = base_name(word);
            if !matches!(name.as_str(), "env" | "busybox") {
                break;
            }
        }
        match name.as_str() {
            "powershell" | "pwsh" => Ok(Self::PowerShell),
            posix if POSIX.contains(&posix) => Ok(Self::Posix),
            _ => Err(name),
        }
    }

    /// What makes it strict, for a command or script. `pipefail` is left out where there is no pipe, because dash has none.
    #[must_use]
    pub fn preamble(self, text: &str) -> &'static str {
        match self {
            Self::PowerShell => POWERSHELL,
            Self::Posix if may_pipe(text) => PIPEFAIL,
            Self::Posix => ERREXIT,
        }
    }
}

impl fmt::Display for Shell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Posix => "sh",
            Self::PowerShell => "PowerShell",
        })
    }
}

fn base_name(program: &str) -> String {
    let name = program.rsplit(['/', '\\']).next().unwrap_or_default();
    let name = name.to_ascii_lowercase();
    name.strip_suffix(".exe").map(str::to_owned).unwrap_or(name)
}

/// Whether there is a `|` that is no `||`, or something that reads commands from elsewhere into this shell.
fn may_pipe(text: &str) -> bool {
    let has_pipe = text.split("||").any(|part| part.contains('|'));
    has_pipe || {
        let script = shell_commands::parse(text);
        let mut commands = script.commands.iter();
        commands.any(|command| matches!(command.program(), Some("." | "source" | "eval")))
    }
}

/// The words behind `#!` of a script.
#[must_use]
pub fn interpreter(script: &str) -> Option<Vec<&str>> {
    let first = script.lines().next()?.strip_prefix("#!")?;
    Some(first.split_ascii_whitespace().collect())
}

/// Whether a command does nothing but read its only heredoc as a shell's script: `bash -x <<EOF`.
#[must_use]
pub fn is_shell_with_heredoc(text: &str) -> bool {
    let mut words = text.split_ascii_whitespace();
    let is_shell = words
        .next()
        .is_some_and(|program| POSIX.contains(&base_name(program).as_str()));
    let mut heredocs = 0;
    let are_plain = words.all(|word| {
        heredocs += usize::from(word.starts_with("<<"));
        word.starts_with("<<") || (word.starts_with('-') && !word.contains('c') && word != "-o")
    });
    is_shell && are_plain && heredocs == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shells() {
        for (words, expected) in [
            ("/bin/sh -c", Ok(Shell::Posix)),
            ("/usr/bin/env -S LANG=C bash -x", Ok(Shell::Posix)),
            ("/bin/busybox sh -c", Ok(Shell::Posix)),
            ("PowerShell.exe -Command", Ok(Shell::PowerShell)),
            ("C:\\Program\\pwsh.exe", Ok(Shell::PowerShell)),
            ("cmd /S /C", Err("cmd")),
            ("/usr/bin/python3", Err("python3")),
            ("", Err("")),
        ] {
            let shell = Shell::of(words.split_ascii_whitespace());
            assert_eq!(
                shell.as_ref().map_err(String::as_str),
                expected.as_ref().map_err(|name| *name),
                "{words}"
            );
        }
    }

    #[test]
    fn pipes() {
        for (text, expected) in [
            ("make && make test || exit 1", ERREXIT),
            ("cp -r . /x", ERREXIT),
            ("a | b", PIPEFAIL),
            ("a || b|&c", PIPEFAIL),
            (". ./env && make", PIPEFAIL),
            ("eval $X", PIPEFAIL),
        ] {
            assert_eq!(Shell::Posix.preamble(text), expected, "{text}");
        }
    }

    #[test]
    fn shells_that_read_a_heredoc() {
        for (text, expected) in [
            ("bash <<EOF", true),
            ("/bin/sh -eux <<-'EOF'", true),
            ("bash -s x <<EOF", false),
            ("bash <<A <<B", false),
            ("sh -c x <<EOF", false),
            ("cat <<EOF", false),
            ("bash -o posix <<EOF", false),
        ] {
            assert_eq!(is_shell_with_heredoc(text), expected, "{text}");
        }
    }
}
