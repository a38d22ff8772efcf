//! Whether a command deletes a folder.

use crate::subject::Step;

/// Whether a step deletes what is in a folder; one of someone's home folder begins with `~`.
pub(super) fn removes(step: &Step<'_>, folder: &str) -> bool {
    let words = step.command.arguments();
    let is_removed = match step.command.program() {
        Some("rm" | "rmdir" | "shred") => true,
        Some("find") => words
            .iter()
            .any(|word| matches!(word.literal(), Some("-delete" | "-exec"))),
        _ => false,
    };
    is_removed
        && words.iter().any(|word| {
            let raw = word.raw.trim_matches(['"', '\'']);
            !raw.starts_with('-') && covers(raw, folder)
        })
}

/// Whether a path, with its patterns, is the folder, is above it, or is what is in it.
fn covers(path: &str, folder: &str) -> bool {
    let folder = folder.trim_end_matches('/');
    let path = path.trim_end_matches('/');
    match folder.strip_prefix("~/") {
        // Which home folder it is need not be known.
        Some(rest) => in_home(path).is_some_and(|path| is_above(path, rest)),
        None => path
            .strip_prefix('/')
            .is_some_and(|path| is_above(path, folder.trim_start_matches('/'))),
    }
}

/// What of a path is below someone's home folder.
fn in_home(path: &str) -> Option<&str> {
    for home in ["~/", "$HOME/", "${HOME}/", "/root/", "\"$HOME\"/", "\"${HOME}\"/"] {
        if let Some(rest) = path.strip_prefix(home) {
            return Some(rest);
        }
    }
    let rest = path.strip_prefix("/home/").or_else(|| path.strip_prefix('~'))?;
    rest.split_once('/').map(|(_, rest)| rest)
}

fn is_above(path: &str, folder: &str) -> bool {
    let mut folders = folder.split('/');
    let mut is_below = false;
    for part in path.split('/').filter(|part| !part.is_empty()) {
        match folders.next() {
            Some(folder) if matches(part, folder) => {}
            // One step further is what is in the folder.
            None if !is_below => is_below = true,
            _ => return false,
        }
    }
    // `/*.txt` is above nothing, and so is the root alone.
    !path.is_empty()
}

/// Whether a name fits a part of a path, whose patterns are read roughly.
fn matches(part: &str, name: &str) -> bool {
    if let Some(names) = part.strip_prefix('{').and_then(|part| part.strip_suffix('}')) {
        return names.split(',').any(|part| matches(part, name));
    }
    match (part.find('*'), part.rfind('*')) {
        (Some(first), Some(last)) => {
            let (start, end) = (part.get(..first), part.get(last + 1..));
            name.starts_with(start.unwrap_or_default()) && name.ends_with(end.unwrap_or_default())
        }
        _ => part == name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_and_patterns() {
        for (path, folder, expected) in [
            ("/var/lib/apt/lists/*", "/var/lib/apt/lists", true),
            ("/var/lib/apt/lists", "/var/lib/apt/lists", true),
            ("/var/lib/apt/lists/*_*", "/var/lib/apt/lists", true),
            ("/var/lib/apt/lists/a/b", "/var/lib/apt/lists", false),
            ("/var/lib/{apt,dpkg}/", "/var/lib/apt/lists", true),
            ("/var/lib/apt/*", "/var/lib/apt/lists", true),
            ("/var/cache/apt/*", "/var/lib/apt/lists", false),
            ("/var/cache/yum*", "/var/cache/yum", true),
            ("/*.txt", "/var/cache/yum", false),
            ("/var/*.txt", "/var/cache/yum", false),
            ("~/.cache", "~/.cache/pip", true),
            ("/root/.cache/pip", "~/.cache/pip", true),
            ("/home/app/.cache/*", "~/.cache/pip", true),
            ("$HOME/.npm", "~/.cache/pip", false),
            ("/tmp/*", "~/.cache/pip", false),
            ("/", "/var/cache/yum", false),
        ] {
            assert_eq!(covers(path, folder), expected, "{path} {folder}");
        }
    }
}
