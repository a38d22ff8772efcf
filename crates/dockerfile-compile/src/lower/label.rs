//! `LABEL`: metadata of the image.

use dockerfile_syntax::instruction::KeyValue;

use super::StageLowering;
use super::history::push_pair;
use crate::error::CompileError;
use crate::plan::Command;

impl StageLowering<'_, '_, '_> {
    pub(super) fn lower_label(
        &mut self,
        command: &Command<'_>,
        pairs: &[KeyValue<'_>],
    ) -> Result<(), CompileError> {
        let expanded = self.expand_pairs(command, pairs)?;
        let mut created_by = String::from("LABEL");
        for (key, value, is_legacy) in expanded {
            if is_legacy {
                self.note_legacy(command);
            }
            push_pair(&mut created_by, &key, &value);
            self.state.config().labels.insert(key.into(), value.into());
        }
        self.commit(created_by, false)?;
        Ok(())
    }
}
