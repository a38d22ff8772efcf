//! `VOLUME`: folders whose content outlives a container.

use super::StageLowering;
use crate::error::CompileError;
use crate::go_text::list;
use crate::image::Nothing;
use crate::plan::Command;

impl StageLowering<'_, '_, '_> {
    pub(super) fn lower_volume(
        &mut self,
        command: &Command<'_>,
        paths: &[String],
    ) -> Result<(), CompileError> {
        let volumes = self.expand_all(command, paths)?;
        if let Some(index) = volumes.iter().position(String::is_empty) {
            let written = paths.get(index).map(String::as_str).unwrap_or_default();
            return Err(CompileError::new(format!(
                "VOLUME `{written}` is empty once its variables are filled in; name a folder"
            )));
        }
        let set = &mut self.state.config().volumes;
        set.extend(volumes.iter().map(|volume| (volume.as_str().into(), Nothing {})));
        self.commit(format!("VOLUME {}", list(&volumes)), false)?;
        Ok(())
    }
}
