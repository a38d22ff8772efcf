//! Names of steps as progress shows them: `[build 2/5] RUN make`.

use std::borrow::Cow;
use std::fmt::Write as _;

use dockerfile_syntax::Budget;
use dockerfile_syntax::expand::{Env, ExpandError, ExpandErrorKind, Lexer, Listed};
use llb_graph::Platform;

use super::StageState;
use crate::error::CompileError;
use crate::plan::Stage;

/// About what stands before a step's text beside the stage's name.
const HEAD_BYTES: usize = 16;

/// The step that is named.
pub(super) struct Step<'s, 'a> {
    pub(super) stage: &'s Stage<'a>,
    /// How many steps the stage has, as far as known.
    pub(super) total: usize,
    pub(super) state: &'s mut StageState,
    /// It comes from a trigger of the base.
    pub(super) is_trigger: bool,
    /// The build has several platforms.
    pub(super) shows_platform: bool,
}

/// Puts `[PLATFORM STAGE N/TOTAL]` before `text` and counts the step. A stage without steps has bare names.
pub(super) fn step_name(step: &mut Step<'_, '_>, text: &str, platform: Option<&Platform>) -> String {
    let total = step.total;
    if total == 0 {
        return text.to_owned();
    }
    step.state.steps += 1;
    let mut out = String::with_capacity(step.stage.display_name.len() + text.len() + HEAD_BYTES);
    out.push('[');
    if step.shows_platform
        && let Some(platform) = platform
    {
        out.push_str(&platform.format_all());
        out.push_str(&cross_target(platform, &step.state.env));
        out.push(' ');
    }
    if !step.stage.display_name.is_empty() {
        out.push_str(&step.stage.display_name);
        out.push(' ');
    }
    let width = total.ilog10() as usize + 1;
    // A text takes all that is written to it.
    let _ = write!(out, "{:width$}/{total}] ", step.state.steps);
    if step.is_trigger {
        out.push_str("ONBUILD ");
    }
    out.push_str(text);
    out
}

/// `->arm64` where a stage that runs on one platform builds for another, as its variables tell.
fn cross_target(base: &Platform, env: &dyn Env) -> String {
    let Some(mut target) = target_from_env(env) else {
        return String::new();
    };
    if target.os.is_empty() {
        target.os.clone_from(&base.os);
    }
    if target.architecture.is_empty() {
        target.architecture.clone_from(&base.architecture);
    }
    let target = target.normalize();
    if target.os != base.os {
        return format!("->{}", target.format_all());
    }
    if target.architecture == base.architecture {
        return String::new();
    }
    match target.variant.as_str() {
        "" => format!("->{}", target.architecture),
        variant => format!("->{}/{variant}", target.architecture),
    }
}

fn target_from_env(env: &dyn Env) -> Option<Platform> {
    let whole = env.get("TARGETPLATFORM");
    let whole = whole.and_then(|value| Platform::parse(value, &crate::host::platform()).ok());
    if whole.is_some() {
        return whole;
    }
    let [os, architecture, variant] = ["TARGETOS", "TARGETARCH", "TARGETVARIANT"].map(|key| env.get(key));
    let is_set = os.is_some() || architecture.is_some() || variant.is_some();
    is_set.then(|| Platform {
        os: os.unwrap_or_default().to_owned(),
        architecture: architecture.unwrap_or_default().to_owned(),
        variant: variant.unwrap_or_default().to_owned(),
        ..Platform::default()
    })
}

/// The text of an instruction for its step: keyword in capitals, variables filled in where that works.
///
/// # Errors
/// It passes the budget.
pub(super) fn step_text<'c>(
    lexer: &Lexer,
    code: &'c str,
    (env, budget): (&dyn Env, &Budget),
) -> Result<Cow<'c, str>, CompileError> {
    let lexer = Lexer {
        listed: Listed::Nothing,
        ..*lexer
    };
    let text = match lexer.process_word(code, env, budget) {
        Ok(expanded) => expanded.text,
        Err(ExpandError {
            kind: ExpandErrorKind::Exceeded(exceeded),
            ..
        }) => return Err(exceeded.into()),
        Err(_) => Cow::Borrowed(code),
    };
    let keyword = text.find(' ').map_or(&*text, |end| &text[..end]);
    if keyword.bytes().all(|byte| byte.is_ascii_uppercase()) {
        return Ok(text);
    }
    Ok((keyword.to_uppercase() + &text[keyword.len()..]).into())
}

/// The first line of a heredoc, for the step's name.
pub(super) fn summarize_heredoc(content: &str) -> String {
    let trimmed = content.trim();
    match trimmed.split_once('\n') {
        Some((first, _)) => format!("{}...", first.strip_suffix('\r').unwrap_or(first)),
        None => trimmed.to_owned(),
    }
}
