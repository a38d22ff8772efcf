//! `CMD`: what a container of the image runs, or the arguments of its entrypoint.

use std::rc::Rc;

use dockerfile_syntax::LineRange;
use dockerfile_syntax::instruction::CommandLine;

use super::StageLowering;
use crate::error::CompileError;
use crate::go_text::quote_list;
use crate::lint::Fact;
use crate::plan::Command;

impl StageLowering<'_, '_, '_> {
    pub(super) fn lower_cmd(
        &mut self,
        command: &Command<'_>,
        line: &CommandLine,
    ) -> Result<(), CompileError> {
        let earlier = self.state.seen.cmd.replace(command.instruction.meta.lines);
        self.note_repeated(command, earlier);
        let words = self.command_words(command, line);
        self.commit(format!("CMD {}", quote_list(&words)), false)?;
        let config = self.state.config();
        config.cmd = Rc::new(words);
        config.args_escaped = true;
        Ok(())
    }

    /// The words of a `CMD` or `ENTRYPOINT`, behind the shell where it is in shell form.
    pub(super) fn command_words(&mut self, command: &Command<'_>, line: &CommandLine) -> Vec<String> {
        if !line.shell_form {
            return line.words.clone();
        }
        if self.state.image.config.shell.is_empty() {
            let instruction = command.instruction.meta.keyword.clone();
            self.note(command, Fact::JsonArgsRecommended { instruction });
        }
        self.behind_shell(&line.words)
    }

    /// The words joined to one, behind the shell of the image or of its system.
    pub(super) fn behind_shell(&self, words: &[String]) -> Vec<String> {
        let image = &self.state.image;
        let mut out = match (&image.config.shell[..], image.os.as_str()) {
            ([], "windows") => vec!["cmd".to_owned(), "/S".to_owned(), "/C".to_owned()],
            ([], _) => vec!["/bin/sh".to_owned(), "-c".to_owned()],
            (shell, _) => shell.to_vec(),
        };
        out.push(words.join(" "));
        out
    }

    /// Notes that of two instructions only the second counts; `earlier` is where the first one stands.
    pub(super) fn note_repeated(&mut self, command: &Command<'_>, earlier: Option<LineRange>) {
        if let Some(earlier) = earlier {
            let meta = &command.instruction.meta;
            let fact = Fact::MultipleInstructions {
                instruction: meta.keyword.clone(),
            };
            self.all.facts.note(fact, earlier, &meta.comments);
        }
    }
}
