//! `VOLUME`: folders whose content outlives a container.

use dockerfile_syntax::Word;

use super::StageLowering;
use super::history::{Part, SettingKind};
use crate::error::CompileError;
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
        let keyword = self.all.history.push("VOLUME [");
        for (index, volume) in volumes.iter().enumerate() {
            if index > 0 {
                self.all.history.push(" ");
            }
            let volume = self.all.history.push(volume);
            self.set(SettingKind::Volume, volume, Part::default());
        }
        self.all.history.push("]");
        self.commit_since(keyword)
    }
}
