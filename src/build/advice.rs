//! Advice in builds, where the file or a build argument asks for it.

use dockerfile_advice::{Adviser, Selection, Triggers, head_comment};
use dockerfile_compile::CompileError;
use dockerfile_syntax::Dockerfile;
use dockerfile_syntax::budget::MESSAGE_BYTES;

use crate::options::ImageOptions;
use crate::resolve::Finished;

/// Adds the advice on a file to what the linter found, or the error of a comment that asks for it in a wrong way.
pub(super) fn add_advice(
    finished: &mut Finished,
    options: &ImageOptions,
    file: &Dockerfile<'_>,
    source: &[u8],
) {
    let selection = match (&options.advice, head_comment(source)) {
        (Some(asked), _) => asked.clone(),
        (None, None) => return,
        (None, Some(comment)) => match Selection::parse(&comment.value) {
            Ok(selection) => selection,
            Err(error) => {
                let error = CompileError::new(error).at(comment.place());
                match &mut finished.result {
                    Err(errors) => errors.others.push(error),
                    result => *result = Err(error.into()),
                }
                return;
            }
        },
    };
    if selection.is_empty() {
        return;
    }
    if source.len() > MESSAGE_BYTES {
        tracing::warn!("the Dockerfile is too large for advice");
        return;
    }
    let triggers = Triggers::bytes(file, source);
    let triggers = Triggers::read(&triggers);
    let adviser = Adviser::new(file, source, &triggers, options.target.as_deref());
    let advice = adviser.advise(&selection).into_iter();
    finished.warnings.extend(advice.map(Into::into));
}
