//! `USER`: who runs what follows, and the image.

use std::rc::Rc;

use dockerfile_syntax::Word;

use super::StageLowering;
use crate::error::CompileError;
use crate::plan::Command;

impl StageLowering<'_, '_, '_> {
    pub(super) fn lower_user(&mut self, command: &Command<'_>, user: &Word<'_>) -> Result<(), CompileError> {
        let user = self.expand(command, user)?;
        self.commit(format_args!("USER {user}"), false)?;
        self.state.user = user.into();
        self.state.config().user = Rc::clone(&self.state.user);
        Ok(())
    }
}
