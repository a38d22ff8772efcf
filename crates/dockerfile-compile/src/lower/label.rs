//! `LABEL`: metadata of the image.

use std::rc::Rc;

use dockerfile_syntax::instruction::KeyValue;

use super::StageLowering;
use super::env::created_by;
use crate::error::CompileError;
use crate::plan::Command;

impl StageLowering<'_, '_, '_> {
    pub(super) fn lower_label(
        &mut self,
        command: &Command<'_>,
        pairs: &[KeyValue<'_>],
    ) -> Result<(), CompileError> {
        let expanded = self.expand_pairs(command, pairs)?;
        for (key, value, is_legacy) in &expanded {
            if *is_legacy {
                self.note_legacy(command);
            }
            let (key, value) = (Rc::from(&**key), Rc::from(&**value));
            self.state.config().labels.insert(key, value);
        }
        self.commit(created_by("LABEL", &expanded), false)
    }
}
