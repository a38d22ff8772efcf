//! `ARG`: a variable that the client may set, an environment variable of the build alone.

use std::borrow::Cow;

use dockerfile_syntax::instruction::ArgItem;

use super::StageLowering;
use super::step::STEERING_ARGS;
use crate::error::CompileError;
use crate::facts::Fact;
use crate::plan::Command;

impl StageLowering<'_, '_, '_> {
    pub(super) fn lower_arg(
        &mut self,
        command: &Command<'_>,
        items: &[ArgItem<'_>],
    ) -> Result<(), CompileError> {
        let plan = self.all.plan;
        // The values that are filled in are seldom longer than what stands for them.
        let mut created_by = String::with_capacity(command.instruction.meta.code.len());
        created_by.push_str("ARG");
        for item in items {
            let own = match (plan.build_args.get(item.key.as_str()), &item.value) {
                (Some(value), _) => Some(Cow::Borrowed(value.as_str())),
                (None, Some(default)) => Some(self.expand(command, default)?),
                (None, None) => None,
            };
            self.set_argument(command, &item.key, own.as_deref(), &mut created_by);
        }
        self.commit(created_by, false)?;
        Ok(())
    }

    /// Declares an argument with its own value, or else that of a global one, and adds it to the entry of the history.
    pub(super) fn set_argument(
        &mut self,
        command: &Command<'_>,
        key: &str,
        own: Option<&str>,
        created_by: &mut String,
    ) {
        if crate::facts::looks_like_secret(key) {
            self.note(
                command,
                Fact::SecretsUsedInArgOrEnv {
                    instruction: "ARG",
                    key: key.to_owned(),
                },
            );
        }
        let plan = self.all.plan;
        let global = plan
            .args_of(self.state.module)
            .lookup(key)
            .filter(|_| own.is_none());
        let value = own.or(global);
        created_by.push(' ');
        created_by.push_str(key);
        if let Some(value) = value {
            created_by.push('=');
            created_by.push_str(value);
            if !STEERING_ARGS.contains(&key) {
                self.state.set_env(key, value);
            }
        }
        self.state.declare_arg(key, value, global.is_some());
    }
}
