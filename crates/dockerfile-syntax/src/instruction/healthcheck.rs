//! `HEALTHCHECK NONE`, or `HEALTHCHECK [flags] CMD` and a command, as text for the shell or a JSON array.
//!
//! Flags: `--interval=`, `--timeout=`, `--start-period=`, `--start-interval=` (durations like `1m30s`, nothing below a
//! millisecond except 0), `--retries=` (not negative). With `NONE`, flags are passed over unchecked.

use std::borrow::Cow;

use super::InstructionKind;
use crate::error::{Fault, SyntaxErrorKind};
use crate::flags::{Flags, Kind, Known};
use crate::number;
use crate::parts::Parts;
use crate::shape::Shape;
use crate::text;
use crate::word::into_owned;

pub(super) const SHAPE: Shape = Shape::Health;

const FLAGS: Known = &[
    ("interval", Kind::Text),
    ("timeout", Kind::Text),
    ("start-period", Kind::Text),
    ("start-interval", Kind::Text),
    ("retries", Kind::Text),
];

/// A millisecond in nanoseconds.
const SHORTEST: i64 = 1_000_000;

/// `HEALTHCHECK NONE` or `HEALTHCHECK [flags] CMD command`: the values for the image's config.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Healthcheck<'a> {
    /// `NONE`, or `CMD` and words, or `CMD-SHELL` and a text for the shell.
    pub test: Vec<Cow<'a, str>>,
    /// `--interval` in nanoseconds, 0 when not given.
    pub interval: i64,
    /// `--timeout` in nanoseconds, 0 when not given.
    pub timeout: i64,
    /// `--start-period` in nanoseconds, 0 when not given.
    pub start_period: i64,
    /// `--start-interval` in nanoseconds, 0 when not given.
    pub start_interval: i64,
    /// `--retries`, 0 when not given.
    pub retries: i32,
}

into_owned!(Healthcheck {
    test,
    interval,
    timeout,
    start_period,
    start_interval,
    retries,
});

pub(super) fn parse<'a>(mut parts: Parts<'_, 'a>) -> Result<InstructionKind<'a>, Fault> {
    let [kind, command @ ..] = parts.args.words() else {
        return Err(SyntaxErrorKind::NoArguments {
            instruction: "HEALTHCHECK",
        }
        .into());
    };
    let name = text::upper(kind);
    if name == "NONE" {
        if let Some(word) = command.first() {
            return Err(SyntaxErrorKind::HealthcheckNoneArguments.on(word.span));
        }
        return Ok(InstructionKind::Healthcheck(Box::new(Healthcheck {
            test: vec!["NONE".into()],
            ..Healthcheck::default()
        })));
    }
    let mut flags = Flags::check(std::mem::take(&mut parts.flags), (FLAGS, &[]), false)?;
    if name != "CMD" {
        return Err(SyntaxErrorKind::HealthcheckType {
            word: kind.to_string(),
        }
        .on(kind.span));
    }
    if command.is_empty() {
        return Err(SyntaxErrorKind::HealthcheckNoCommand.into());
    }
    let form = if parts.args.is_json() { "CMD" } else { "CMD-SHELL" };
    let words = command.iter().map(|word| word.text.clone());
    Ok(InstructionKind::Healthcheck(Box::new(Healthcheck {
        test: std::iter::once(form.into()).chain(words).collect(),
        interval: duration(&mut flags, "interval")?,
        timeout: duration(&mut flags, "timeout")?,
        start_period: duration(&mut flags, "start-period")?,
        start_interval: duration(&mut flags, "start-interval")?,
        retries: retries(&mut flags)?,
    })))
}

/// A duration in nanoseconds, 0 when not given.
fn duration(flags: &mut Flags<'_>, flag: &'static str) -> Result<i64, Fault> {
    let Some(word) = flags.text(flag) else {
        return Ok(0);
    };
    let value = word.to_string();
    match number::parse_duration(&value) {
        None => Err(SyntaxErrorKind::InvalidDuration { flag, value }.on(word.span)),
        Some(time) if time != 0 && time < SHORTEST => {
            Err(SyntaxErrorKind::DurationTooShort { flag, value }.on(word.span))
        }
        Some(time) => Ok(time),
    }
}

fn retries(flags: &mut Flags<'_>) -> Result<i32, Fault> {
    let Some(word) = flags.text("retries") else {
        return Ok(0);
    };
    match word.parse::<i32>() {
        Ok(count) if count >= 0 => Ok(count),
        _ => Err(SyntaxErrorKind::InvalidRetries {
            value: word.to_string(),
        }
        .on(word.span)),
    }
}
