//! `MAINTAINER`: the author of the image; long replaced by labels.

use super::StageLowering;
use crate::error::CompileError;

impl StageLowering<'_, '_, '_> {
    pub(super) fn lower_maintainer(&mut self, name: &str) -> Result<(), CompileError> {
        self.state.image.author = name.to_owned();
        self.state.commit(format!("MAINTAINER {name}"), false);
        Ok(())
    }
}
