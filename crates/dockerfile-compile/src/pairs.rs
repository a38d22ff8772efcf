//! Files of pairs, `ENV --file` and its like of the dialect: what is asked for one, and what comes of the answer.

use dockerfile_syntax::env_file::{self, Pair};
use dockerfile_syntax::{Budget, Word};

use crate::answers::{Answer, Answers, Need, PairsAnswer};
use crate::error::CompileError;
use crate::ignore_file::keeps_out;
use crate::options::{BuildOptions, MainContext};
use crate::paths::unix::rooted;

/// No system has longer paths.
const PATH_BYTES: usize = 4096;

/// What is known of a file.
pub(crate) enum Content {
    /// Its pairs.
    Pairs(Vec<Pair>),
    /// Nobody here can read it.
    Unknown,
    /// It has to be asked for.
    Asked(Need),
}

/// What looking a file up works with.
#[derive(Clone, Copy)]
pub(crate) struct Known<'k> {
    pub(crate) answers: &'k Answers,
    pub(crate) options: &'k BuildOptions,
    pub(crate) budget: &'k Budget,
}

/// A path as it is asked for, without a slash before it.
///
/// # Errors
/// It is none of a file.
pub(crate) fn path_of(path: &Word<'_>) -> Result<String, CompileError> {
    if path.len() > PATH_BYTES {
        let message = format!("--file: the path has more than {PATH_BYTES} bytes");
        return Err(CompileError::about(path, message));
    }
    match rooted(path).trim_start_matches('/') {
        "" => Err(CompileError::about(
            path,
            format!("--file={path} names no file; write the path of one in the build context"),
        )),
        path => Ok(path.to_owned()),
    }
}

/// The pairs of a file of the main context; `path` is expanded.
///
/// # Errors
/// There is no such file, or it is none of pairs.
pub(crate) fn of_context(path: &Word<'_>, known: Known<'_>) -> Result<Content, CompileError> {
    let relative = path_of(path)?;
    let need = Need::ContextFile(relative.clone());
    if let Some(Answer::Ignore(file)) = known.answers.get(&Need::ContextIgnore)
        && matches!(known.options.main_context, MainContext::Local { .. })
        && let Some((line, pattern)) = keeps_out(file, &relative)
    {
        let ignore = &file.filename;
        return Err(CompileError::about(
            path,
            format!(
                "--file={path}: line {line} of {ignore}, `{pattern}`, keeps it out of the build context; write `!{relative}` below that line"
            ),
        ));
    }
    let missing = || "there is no such file in the build context".to_owned();
    answered(path, need, missing, known)
}

/// The pairs of what was answered.
///
/// # Errors
/// There is no such file, `missing` says why, or it is none of pairs.
pub(crate) fn answered(
    path: &Word<'_>,
    need: Need,
    missing: impl FnOnce() -> String,
    known: Known<'_>,
) -> Result<Content, CompileError> {
    let refuse = |why: &str| CompileError::about(path, format!("--file={path}: {why}"));
    let file = match known.answers.get(&need) {
        None => return Ok(Content::Asked(need)),
        Some(Answer::File(file)) => file,
        Some(Answer::Failed(failure)) => return Err(refuse(&failure.message).caused_by(failure)),
        Some(_) => {
            return Err(refuse(
                "internal error: the look-up was answered by something of another kind; please report this",
            ));
        }
    };
    let data = match &**file {
        PairsAnswer::Found(data) => data,
        PairsAnswer::Missing => return Err(refuse(&missing())),
        PairsAnswer::Unknown => return Ok(Content::Unknown),
    };
    known.budget.spend(data.len())?;
    match env_file::parse(data) {
        Ok(pairs) => Ok(Content::Pairs(pairs)),
        Err(error) if error.position.line == 0 => Err(refuse(&error.problem.to_string())),
        Err(error) => Err(CompileError::about(path, format!("{path}:{error}"))),
    }
}
