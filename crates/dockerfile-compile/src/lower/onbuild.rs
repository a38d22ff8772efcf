//! `ONBUILD`: an instruction for those who build on the image.

use std::rc::Rc;

use super::StageLowering;
use crate::error::CompileError;

impl StageLowering<'_, '_, '_> {
    pub(super) fn lower_onbuild(&mut self, expression: &str) -> Result<(), CompileError> {
        self.all.spend(expression.len())?;
        self.all.caching.see_trigger(self.id);
        let triggers = Rc::make_mut(&mut self.state.config().on_build);
        triggers.push(expression.to_owned());
        Ok(())
    }
}
