//! `MAINTAINER`: the author of the image; long replaced by labels.

use std::rc::Rc;

use super::StageLowering;
use crate::error::CompileError;

impl StageLowering<'_, '_, '_> {
    pub(super) fn lower_maintainer(&mut self, name: &str) -> Result<(), CompileError> {
        Rc::make_mut(&mut self.state.image).author = name.into();
        self.commit(format_args!("MAINTAINER {name}"), false)?;
        Ok(())
    }
}
