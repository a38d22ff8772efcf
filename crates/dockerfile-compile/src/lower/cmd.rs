//! `CMD`: what a container of the image runs, or the arguments of its entrypoint.

use std::borrow::Cow;
use std::rc::Rc;

use dockerfile_syntax::instruction::CommandLine;
use dockerfile_syntax::{LineRange, Position, Word};

use super::StageLowering;
use crate::error::CompileError;
use crate::facts::Fact;
use crate::go::text::quote_list;
use crate::plan::Command;

impl StageLowering<'_, '_, '_> {
    pub(super) fn lower_cmd(
        &mut self,
        command: &Command<'_>,
        line: &CommandLine<'_>,
    ) -> Result<(), CompileError> {
        let earlier = self.state.seen.cmd.replace(command.instruction.meta.lines);
        self.note_repeated(command, earlier);
        let words = self.command_words(command, line);
        self.commit(format_args!("CMD {}", quote_list(&words)), false)?;
        let config = self.state.config();
        config.cmd = Rc::new(words);
        config.args_escaped = true;
        Ok(())
    }

    /// The words of a `CMD` or `ENTRYPOINT`, behind the shell where it is in shell form.
    pub(super) fn command_words(&mut self, command: &Command<'_>, line: &CommandLine<'_>) -> Vec<String> {
        let text = match line {
            CommandLine::Shell(text) => text,
            CommandLine::Exec(words) => return words.iter().map(Word::to_string).collect(),
        };
        if self.state.image.config.shell.is_empty() {
            let instruction = command.instruction.meta.keyword.to_string();
            let quote = wrong_quote(text).map(|(at, quote)| {
                let source = &self.all.plan.options.source.data;
                // The words of a trigger are in no file.
                let column =
                    (!command.is_trigger()).then(|| Position::of(source, text.span.start + at).column);
                (quote, column)
            });
            self.note(command, Fact::JsonArgsRecommended { instruction, quote });
        }
        let words = self.behind_shell(Cow::Borrowed(text));
        words.into_iter().map(Cow::into_owned).collect()
    }

    /// A command behind the shell of the image or of its system.
    pub(super) fn behind_shell(&self, text: Cow<'_, str>) -> Vec<Cow<'static, str>> {
        let image = &self.state.image;
        let text = Cow::Owned(text.into_owned());
        match (&image.config.shell[..], image.os.as_str()) {
            ([], "windows") => vec!["cmd".into(), "/S".into(), "/C".into(), text],
            ([], _) => vec!["/bin/sh".into(), "-c".into(), text],
            (shell, _) => shell.iter().cloned().map(Cow::Owned).chain([text]).collect(),
        }
    }

    /// Notes that of two instructions only the second counts; `earlier` is where the first one stands.
    pub(super) fn note_repeated(&mut self, command: &Command<'_>, earlier: Option<LineRange>) {
        if let Some(earlier) = earlier {
            let meta = &command.instruction.meta;
            let fact = Fact::MultipleInstructions {
                instruction: meta.keyword.to_string(),
            };
            self.all.facts.note(fact, earlier, &meta.comments);
        }
    }
}

/// The quote that stands where a JSON array would have a double one, and how far into the text.
fn wrong_quote(text: &str) -> Option<(usize, char)> {
    let rest = text.strip_prefix('[')?.trim_start();
    let quote = rest.chars().next();
    let quote = quote.filter(|first| matches!(first, '\'' | '`' | '\u{2018}'..='\u{201f}'))?;
    Some((text.len() - rest.len(), quote))
}
