//! `ONBUILD`: an instruction for those who build on the image.

use super::StageLowering;
use crate::error::CompileError;

impl StageLowering<'_, '_, '_> {
    pub(super) fn lower_onbuild(&mut self, expression: &str) -> Result<(), CompileError> {
        self.state.image.config.on_build.push(expression.to_owned());
        Ok(())
    }
}
