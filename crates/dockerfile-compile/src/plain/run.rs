//! `RUN --strict` and `RUN --cache`.

use dockerfile_syntax::instruction::{CommandLine, Run};
use dockerfile_syntax::{Place, heredoc};

use super::{At, Text, first_body_line};
use crate::dialect::strict::{Shell, interpreter, is_shell_with_heredoc};

impl Text<'_> {
    /// The mounts of the tools.
    pub(super) fn asked_caches(&mut self, run: &Run<'_>, at: &At, place: Place) {
        let Some((first, others)) = run.cache_flags.split_first() else {
            return;
        };
        let mounts = self.known.filter(|_| !at.is_trigger);
        let Some(mounts) = mounts else {
            let message = "--cache: which folders these are shows only where the stage is built; write --mount=type=cache";
            self.refuse(*first, message, place);
            return;
        };
        let mounts = mounts.asked_caches.iter();
        let flags = mounts.filter(|asked| asked.lines == place.lines);
        let mut flags: Vec<String> = flags.map(|asked| asked.mount.asked_flag()).collect();
        flags.dedup();
        match flags.is_empty() {
            true => self.drop_flag(*first),
            false => self.replace(*first, flags.join(" ")),
        }
        others.iter().for_each(|flag| self.drop_flag(*flag));
    }

    /// What makes the shell stop at the first command that fails.
    pub(super) fn strict(&mut self, run: &Run<'_>, at: &At, place: Place) {
        if let Some(span) = run.strict.span {
            self.drop_flag(span);
        }
        let CommandLine::Shell(command) = &run.command else {
            return;
        };
        if !run.is_strict() {
            return;
        }
        let words = at.shell.iter().flatten().map(String::as_str);
        let shell = match at.shell {
            None => Ok(Shell::Posix),
            Some(_) => Shell::of(words),
        };
        let body = first_body_line(place.lines, &run.heredocs);
        match run.heredocs.first() {
            Some(lone) if heredoc::parse_word(command).is_some() => {
                let text = lone.text();
                let text = match lone.chomp {
                    true => heredoc::chomp(&text).into(),
                    false => text,
                };
                let (shell, script, line) = match interpreter(&text) {
                    Some(words) => (
                        Shell::of(words),
                        text.split_once('\n').map_or("", |(_, rest)| rest),
                        body + 1,
                    ),
                    None => (shell, &*text, body),
                };
                // The script of something else is left alone.
                if let Ok(shell) = shell {
                    let at = self.line_start(line);
                    self.insert(at, format!("{}\n", shell.preamble(script)));
                }
            }
            Some(only) if run.heredocs.len() == 1 && is_shell_with_heredoc(command) => {
                let at = self.line_start(body);
                self.insert(at, format!("{}\n", Shell::Posix.preamble(&only.text())));
            }
            _ => {
                if let Ok(shell) = shell {
                    self.insert(command.span.start, format!("{}; ", shell.preamble(command)));
                }
            }
        }
    }
}
