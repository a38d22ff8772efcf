//! One go means one go: beside the errors that were found first, those of the rest of the file.

use std::time::Duration;

use dockerfile_compile::{BuildOptions, CompileError, CompileErrors, Remainder};
use dockerfile_syntax::{Parsed, sort};

use crate::gateway::Bridge;
use crate::resolve::{World, compile_all};

/// How often what is wrong is taken out.
const ROUNDS: usize = 8;
/// How long may be looked for more errors: images must be looked up for some.
const PATIENCE: Duration = Duration::from_secs(5);
/// More errors than this are not told.
const MAX_ERRORS: usize = 1000;

/// Adds what else is wrong with a file, in file order: what the errors are about is taken out, and the rest compiled.
pub(super) async fn add_others<B: Bridge>(
    world: &World<'_, '_, B>,
    parsed: &Parsed<'_>,
    options: &BuildOptions,
    errors: &mut CompileErrors,
) {
    // Where one line ends and the next begins is not known for sure.
    if parsed.errors.iter().any(|error| error.kind.hides_lines()) {
        return;
    }
    let mut options = options.clone();
    options.check = Some("skip=all".to_owned());
    let mut rest = Remainder::new(&parsed.dockerfile, &parsed.gaps);
    if parsed.errors.is_empty() && !rest.take_out(errors) {
        return;
    }
    let mut found: Vec<CompileError> = Vec::new();
    let look = async {
        for _ in 0..ROUNDS {
            if world.budget.is_exceeded() || rest.file().stages.is_empty() {
                break;
            }
            let finished = compile_all(world, rest.file(), std::slice::from_ref(&options)).await;
            let more = match finished
                .ok()
                .and_then(|mut finished| finished.pop()?.result.err())
            {
                Some(more) => more,
                None => break,
            };
            found.extend(rest.own_of(&more));
            if !rest.take_out(&more) {
                break;
            }
        }
    };
    // What was found in time is told.
    let _ = tokio::time::timeout(PATIENCE, look).await;
    merge(errors, found);
}

/// Puts further errors among the first ones. Those say what the daemon is told beside the words.
fn merge(errors: &mut CompileErrors, found: Vec<CompileError>) {
    if found.is_empty() {
        return;
    }
    let mut all: Vec<CompileError> = errors.iter().cloned().collect();
    for mut error in found {
        let is_told = |known: &CompileError| known.message == error.message && known.lines == error.lines;
        if all.len() < MAX_ERRORS && !all.iter().any(is_told) {
            error.failure = None;
            all.push(error);
        }
    }
    let start = |error: &CompileError| error.lines.first().map_or(0, |lines| lines.start);
    sort::sort_by_key(&mut all, |error| {
        (start(error), error.span.map(|span| span.start))
    });
    let mut all = all.into_iter();
    if let Some(first) = all.next() {
        *errors = CompileErrors {
            first: Box::new(first),
            others: all.collect(),
        };
    }
}
