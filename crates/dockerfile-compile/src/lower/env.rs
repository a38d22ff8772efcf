//! `ENV`: variables of the build and of the image.

use std::borrow::Cow;

use dockerfile_syntax::instruction::KeyValue;

use super::StageLowering;
use super::history::push_pair;
use crate::error::CompileError;
use crate::facts::Fact;
use crate::plan::Command;

/// Key, value, and whether they are written without `=`.
pub(super) type ExpandedPair<'p> = (Cow<'p, str>, Cow<'p, str>, bool);

impl StageLowering<'_, '_, '_> {
    pub(super) fn lower_env(
        &mut self,
        command: &Command<'_>,
        pairs: &[KeyValue<'_>],
    ) -> Result<(), CompileError> {
        let expanded = self.expand_pairs(command, pairs)?;
        let mut created_by = String::from("ENV");
        for (key, value, is_legacy) in expanded {
            if is_legacy {
                self.note_legacy(command);
            }
            if crate::facts::looks_like_secret(&key) {
                self.note(
                    command,
                    Fact::SecretsUsedInArgOrEnv {
                        instruction: "ENV",
                        key: key.to_string(),
                    },
                );
            }
            push_pair(&mut created_by, &key, &value);
            self.state.set_env(&key, &value);
            self.state.config().env.set(&key, &value);
        }
        self.commit(created_by, false)?;
        Ok(())
    }

    /// Pairs with keys and values expanded by the environment before the instruction, and whether each is written
    /// without `=`.
    pub(super) fn expand_pairs<'p>(
        &mut self,
        command: &Command<'_>,
        pairs: &'p [KeyValue<'_>],
    ) -> Result<Vec<ExpandedPair<'p>>, CompileError> {
        let expand = |pair: &'p KeyValue<'_>| {
            let key = self.expand(command, &pair.key)?;
            let value = self.expand(command, &pair.value)?;
            Ok((key, value, pair.legacy))
        };
        pairs.iter().map(expand).collect()
    }

    pub(super) fn note_legacy(&mut self, command: &Command<'_>) {
        let instruction = command.instruction.meta.keyword.to_string();
        self.note(command, Fact::LegacyKeyValueFormat { instruction });
    }
}
