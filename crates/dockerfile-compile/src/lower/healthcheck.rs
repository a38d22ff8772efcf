//! `HEALTHCHECK`: how to tell whether a container works.

use dockerfile_syntax::instruction::Healthcheck;

use super::StageLowering;
use crate::error::CompileError;
use crate::go::text::{duration, list};
use crate::image::Health;
use crate::plan::Command;

impl StageLowering<'_, '_, '_> {
    pub(super) fn lower_healthcheck(
        &mut self,
        command: &Command<'_>,
        check: &Healthcheck<'_>,
    ) -> Result<(), CompileError> {
        let earlier = self
            .state
            .seen
            .healthcheck
            .replace(command.instruction.meta.lines);
        self.note_repeated(command, earlier);
        let test: Vec<String> = check.test.iter().map(ToString::to_string).collect();
        self.commit(
            format_args!(
                "HEALTHCHECK {{Test:{} Interval:{} Timeout:{} StartPeriod:{} StartInterval:{} Retries:{}}}",
                list(&test),
                duration(check.interval),
                duration(check.timeout),
                duration(check.start_period),
                duration(check.start_interval),
                check.retries
            ),
            false,
        )?;
        self.state.config().healthcheck = Some(Health {
            test,
            interval: check.interval,
            timeout: check.timeout,
            start_period: check.start_period,
            start_interval: check.start_interval,
            retries: i64::from(check.retries),
        });
        Ok(())
    }
}
