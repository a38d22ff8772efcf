//! `VOLUME`: folders whose content outlives a container.

use dockerfile_syntax::Word;

use super::StageLowering;
use crate::error::CompileError;
use crate::go::text::list;
use crate::image::Nothing;
use crate::plan::Command;

impl StageLowering<'_, '_, '_> {
    pub(super) fn lower_volume(
        &mut self,
        command: &Command<'_>,
        paths: &[Word<'_>],
    ) -> Result<(), CompileError> {
        let expanded = paths.iter().map(|path| self.expand(command, path));
        let volumes = expanded.collect::<Result<Vec<_>, _>>()?;
        if let Some((_, written)) = volumes.iter().zip(paths).find(|(volume, _)| volume.is_empty()) {
            return Err(CompileError::about(
                written,
                format!("VOLUME `{written}` is empty once its variables are filled in; name a folder"),
            ));
        }
        let set = &mut self.state.config().volumes;
        set.extend(volumes.iter().map(|volume| ((&**volume).into(), Nothing {})));
        self.commit(format_args!("VOLUME {}", list(&volumes)), false)?;
        Ok(())
    }
}
