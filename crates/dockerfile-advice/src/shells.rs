//! Which shell runs a text.

/// Whether a program is a shell of POSIX's kind.
pub(crate) fn is_shell_name(program: &str) -> bool {
    matches!(program, "sh" | "bash" | "ash" | "dash" | "ksh" | "zsh")
}

/// The words of a script's first line that names its interpreter.
pub(crate) fn shebang(text: &str) -> impl Iterator<Item = &str> {
    let line = text.lines().next().and_then(|line| line.strip_prefix("#!"));
    line.unwrap_or_default().split_ascii_whitespace()
}

/// The program that a script's first line names.
pub(crate) fn interpreter(text: &str) -> Option<&str> {
    let mut names = shebang(text).map(|word| word.rsplit('/').next().unwrap_or_default());
    names.find(|name| *name != "env" && !name.starts_with('-'))
}
