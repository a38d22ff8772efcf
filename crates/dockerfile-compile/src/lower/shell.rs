//! `SHELL`: what the shell form of later instructions runs in.

use std::rc::Rc;

use super::StageLowering;
use crate::error::CompileError;
use crate::go_text::list;

impl StageLowering<'_, '_, '_> {
    pub(super) fn lower_shell(&mut self, words: &[String]) -> Result<(), CompileError> {
        self.state.config().shell = Rc::new(words.to_vec());
        self.commit(format!("SHELL {}", list(words)), false)?;
        Ok(())
    }
}
