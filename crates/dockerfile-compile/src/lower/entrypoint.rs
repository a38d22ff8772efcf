//! `ENTRYPOINT`: what a container of the image always runs.

use std::rc::Rc;

use dockerfile_syntax::instruction::CommandLine;

use super::StageLowering;
use crate::error::CompileError;
use crate::go::text::quote_list;
use crate::plan::Command;

impl StageLowering<'_, '_, '_> {
    pub(super) fn lower_entrypoint(
        &mut self,
        command: &Command<'_>,
        line: &CommandLine<'_>,
    ) -> Result<(), CompileError> {
        let earlier = self.state.seen.entrypoint.replace(command.instruction.meta.lines);
        self.note_repeated(command, earlier);
        let words = self.command_words(command, line);
        self.commit(format_args!("ENTRYPOINT {}", quote_list(&words)), false)?;
        self.state.config().entrypoint = Rc::new(words);
        if self.state.seen.cmd.is_none() {
            // Arguments of the base's entrypoint are none of this one's.
            self.state.config().cmd = Rc::default();
        }
        Ok(())
    }
}
