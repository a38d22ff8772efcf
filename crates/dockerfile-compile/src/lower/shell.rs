//! `SHELL`: what the shell form of later instructions runs in.

use std::rc::Rc;

use dockerfile_syntax::Word;

use super::StageLowering;
use crate::error::CompileError;
use crate::go::text::list;

impl StageLowering<'_, '_, '_> {
    pub(super) fn lower_shell(&mut self, words: &[Word<'_>]) -> Result<(), CompileError> {
        let words: Vec<String> = words.iter().map(Word::to_string).collect();
        self.commit(format_args!("SHELL {}", list(&words)), false)?;
        self.state.config().shell = Rc::new(words);
        Ok(())
    }
}
