//! `LABEL`: metadata of the image.

use dockerfile_syntax::instruction::KeyValue;

use super::StageLowering;
use super::history::SettingKind;
use crate::error::CompileError;
use crate::plan::Command;

impl StageLowering<'_, '_, '_> {
    pub(super) fn lower_label(
        &mut self,
        command: &Command<'_>,
        pairs: &[KeyValue<'_>],
    ) -> Result<(), CompileError> {
        let keyword = self.all.history.push("LABEL");
        for pair in pairs {
            let key = self.expand(command, &pair.key)?;
            let value = self.expand(command, &pair.value)?;
            if pair.legacy {
                self.note_legacy(command);
            }
            self.set_label(&key, &value);
        }
        self.commit_since(keyword)
    }

    /// Sets a label, and says so in the entry that is being written.
    pub(super) fn set_label(&mut self, key: &str, value: &str) {
        let history = &mut self.all.history;
        history.push(" ");
        let key = history.push(key);
        history.push("=");
        let value = history.push(value);
        self.set(SettingKind::Label, key, value);
    }
}
