//! Commands that fetch a URL.

use shell_commands::{Command, Word};

/// Whether a command downloads.
pub(super) fn is_download(command: &Command<'_>) -> bool {
    matches!(command.program(), Some("curl" | "wget" | "aria2c" | "axel")) && urls(command).next().is_some()
}

/// The words of a command that are URLs, or may be.
pub(super) fn urls<'c, 'a>(command: &'c Command<'a>) -> impl Iterator<Item = &'c Word<'a>> {
    command.arguments().iter().filter(|word| {
        let text = word.prefix();
        text.contains("://") || (text.is_empty() && word.has_expansion())
    })
}

/// The first URL of a command as it is written, without quotes.
pub(super) fn url_of(command: &Command<'_>) -> String {
    let url = urls(command).find(|word| word.prefix().contains("://"));
    let url = url.or_else(|| urls(command).next());
    url.map_or("URL", |word| word.raw.trim_matches(['"', '\'']))
        .to_owned()
}
