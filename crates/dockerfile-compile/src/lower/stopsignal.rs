//! `STOPSIGNAL`: what ends a container.

use dockerfile_syntax::{Word, suggest};

use super::StageLowering;
use crate::error::CompileError;
use crate::plan::Command;

/// Linux' names without `SIG`, beside `RTMIN+1` to `RTMIN+15` and `RTMAX-14` to `RTMAX-1`.
const SIGNALS: [&str; 36] = [
    "ABRT", "ALRM", "BUS", "CHLD", "CLD", "CONT", "FPE", "HUP", "ILL", "INT", "IO", "IOT", "KILL", "PIPE",
    "POLL", "PROF", "PWR", "QUIT", "RTMAX", "RTMIN", "SEGV", "STKFLT", "STOP", "SYS", "TERM", "TRAP", "TSTP",
    "TTIN", "TTOU", "URG", "USR1", "USR2", "VTALRM", "WINCH", "XCPU", "XFSZ",
];

impl StageLowering<'_, '_, '_> {
    pub(super) fn lower_stopsignal(
        &mut self,
        command: &Command<'_>,
        written: &Word<'_>,
    ) -> Result<(), CompileError> {
        let signal = self.expand(command, written)?;
        if !is_signal(&signal) {
            let name = plain_name(&signal);
            let hint =
                suggest::nearest(&name, &SIGNALS, false).map(|near| format!(" (did you mean SIG{near}?)"));
            let message = format!(
                "`{signal}` is not a signal; expected a name such as SIGTERM or a number other than 0{}",
                hint.unwrap_or_default()
            );
            return Err(CompileError::about(written, message));
        }
        self.commit(format_args!("STOPSIGNAL {signal}"), false)?;
        self.state.config().stop_signal = signal.into();
        Ok(())
    }
}

fn plain_name(signal: &str) -> String {
    let upper = signal.to_uppercase();
    upper.strip_prefix("SIG").map(str::to_owned).unwrap_or(upper)
}

fn is_signal(text: &str) -> bool {
    if let Ok(number) = text.parse::<i64>() {
        return number != 0;
    }
    let name = plain_name(text);
    let offset = |prefix: &str, most: u8| {
        let digits = name.strip_prefix(prefix)?;
        let is_plain = !digits.starts_with(['0', '+']) || digits == "0";
        let number: u8 = digits.parse().ok()?;
        (is_plain && (1..=most).contains(&number)).then_some(number)
    };
    SIGNALS.contains(&name.as_str()) || offset("RTMIN+", 15).is_some() || offset("RTMAX-", 14).is_some()
}

#[cfg(test)]
mod tests {
    use super::is_signal;

    #[test]
    fn signals() {
        for text in [
            "9",
            "-1",
            "+15",
            "TERM",
            "sigterm",
            "SIGRTMIN+3",
            "rtmax-14",
            "1000",
        ] {
            assert!(is_signal(text), "{text}");
        }
        for text in [
            "0",
            "",
            "SIG",
            "SIGSIGTERM",
            "RTMIN+16",
            "RTMIN+01",
            "RTMAX-15",
            "TERM ",
        ] {
            assert!(!is_signal(text), "{text}");
        }
    }
}
