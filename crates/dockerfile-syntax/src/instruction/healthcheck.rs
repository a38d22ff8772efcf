//! `HEALTHCHECK NONE`, or `HEALTHCHECK [flags] CMD` and a command, as text for the shell or a JSON array.
//!
//! Flags: `--interval=`, `--timeout=`, `--start-period=`, `--start-interval=` (durations like `1m30s`, nothing below a
//! millisecond except 0), `--retries=` (not negative). With `NONE`, flags are passed over unchecked.

use super::InstructionKind;
use crate::error::SyntaxErrorKind;
use crate::flags::{Flags, Kind, Known};
use crate::number;
use crate::request::{Fault, Request, Shape};
use crate::text;

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
pub struct Healthcheck {
    /// `NONE`, or `CMD` and words, or `CMD-SHELL` and a text for the shell.
    pub test: Vec<String>,
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

pub(super) fn parse(request: &Request<'_>) -> Result<InstructionKind, Fault> {
    let [kind, command @ ..] = request.args.words.as_slice() else {
        return Err(SyntaxErrorKind::NoArguments {
            instruction: "HEALTHCHECK",
        }
        .into());
    };
    let name = text::upper(&kind.text);
    if name == "NONE" {
        if let Some(word) = command.first() {
            return Err(SyntaxErrorKind::HealthcheckNoneArguments.on(word.span));
        }
        return Ok(InstructionKind::Healthcheck(Healthcheck {
            test: vec![name],
            ..Healthcheck::default()
        }));
    }
    let flags = Flags::parse(&request.head.flags, FLAGS)?;
    if name != "CMD" {
        return Err(SyntaxErrorKind::HealthcheckType {
            word: kind.text.clone(),
        }
        .on(kind.span));
    }
    if command.is_empty() {
        return Err(SyntaxErrorKind::HealthcheckNoCommand.into());
    }
    let form = if request.args.json { "CMD" } else { "CMD-SHELL" };
    let test = std::iter::once(form)
        .chain(command.iter().map(|word| word.text.as_str()))
        .map(str::to_owned);
    Ok(InstructionKind::Healthcheck(Healthcheck {
        test: test.collect(),
        interval: duration(&flags, "interval")?,
        timeout: duration(&flags, "timeout")?,
        start_period: duration(&flags, "start-period")?,
        start_interval: duration(&flags, "start-interval")?,
        retries: retries(&flags)?,
    }))
}

/// A duration in nanoseconds, 0 when not given.
fn duration(flags: &Flags, flag: &'static str) -> Result<i64, Fault> {
    let Some((value, span)) = flags.all(flag).next().filter(|(value, _)| !value.is_empty()) else {
        return Ok(0);
    };
    let value = || value.to_owned();
    match number::parse_duration(&value()) {
        None => Err(SyntaxErrorKind::InvalidDuration { flag, value: value() }.on(span)),
        Some(time) if time != 0 && time < SHORTEST => {
            Err(SyntaxErrorKind::DurationTooShort { flag, value: value() }.on(span))
        }
        Some(time) => Ok(time),
    }
}

fn retries(flags: &Flags) -> Result<i32, Fault> {
    let Some((value, span)) = flags.all("retries").next().filter(|(value, _)| !value.is_empty()) else {
        return Ok(0);
    };
    match value.parse::<i32>() {
        Ok(count) if count >= 0 => Ok(count),
        _ => Err(SyntaxErrorKind::InvalidRetries {
            value: value.to_owned(),
        }
        .on(span)),
    }
}
