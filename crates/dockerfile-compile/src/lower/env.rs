//! `ENV`: variables of the build and of the image.

use std::borrow::Cow;
use std::fmt::Display;

use dockerfile_syntax::instruction::KeyValue;

use super::StageLowering;
use super::history::pair;
use crate::error::CompileError;
use crate::facts::Fact;
use crate::go::text::display;
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
        self.set_variables(command, &expanded)
    }

    /// Sets variables of the build and the image.
    pub(super) fn set_variables(
        &mut self,
        command: &Command<'_>,
        pairs: &[ExpandedPair<'_>],
    ) -> Result<(), CompileError> {
        for (key, value, is_legacy) in pairs {
            if *is_legacy {
                self.note_legacy(command);
            }
            if crate::facts::looks_like_secret(key) {
                self.note(
                    command,
                    Fact::SecretsUsedInArgOrEnv {
                        instruction: "ENV",
                        key: key.to_string(),
                    },
                );
            }
            self.state.set_env(key, value);
            self.state.config().env.set(key, value);
        }
        self.commit(created_by("ENV", pairs), false)
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

/// The entry of the image's history.
pub(super) fn created_by(keyword: &str, pairs: &[ExpandedPair<'_>]) -> impl Display {
    display(move |f| {
        f.write_str(keyword)?;
        let mut pairs = pairs.iter();
        pairs.try_for_each(|(key, value, _)| pair(key, value).fmt(f))
    })
}
