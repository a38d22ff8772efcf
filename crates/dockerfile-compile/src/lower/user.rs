//! `USER`: who runs what follows, and the image.

use super::StageLowering;
use crate::error::CompileError;
use crate::plan::Command;

impl StageLowering<'_, '_, '_> {
    pub(super) fn lower_user(&mut self, command: &Command<'_>, user: &str) -> Result<(), CompileError> {
        let user = self.expand(command, user)?;
        self.state.commit(format!("USER {user}"), false);
        self.state.user.clone_from(&user);
        self.state.image.config.user = user;
        Ok(())
    }
}
