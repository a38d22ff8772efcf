//! Graphs that are too large to be sent.

use llb_graph::Digest;

use super::Failed;
use super::step::Step;
use crate::gateway::{Bridge, Status};
use crate::report::with_source;

/// From this size on the text of one instruction is worth a file of its own.
const LARGE: usize = 64 << 10;

/// Adds to the error of such a graph which of its instructions takes the most.
pub(crate) fn name_largest<B: Bridge>(failed: &Failed<'_, '_, B>, mut status: Status) -> Status {
    let definition = failed.definition;
    let Some(largest) = definition.ops().max_by_key(|op| op.len()) else {
        return status;
    };
    let digest = Digest::of(&largest).to_string();
    let source = &failed.entry.source;
    let Some(step) = Step::of_digest((failed.file, source), definition, &digest) else {
        return status;
    };
    let (Some(place), Some(lines)) = (failed.place(&step, None), step.lines) else {
        return status;
    };
    let mend = match largest.len() {
        LARGE.. => "; put its text into a file of the context, for COPY or RUN --mount=type=bind to read",
        _ => "",
    };
    status.message = format!(
        "{}. The largest instruction, {place}, takes {} bytes of it{mend}",
        status.message,
        largest.len()
    );
    with_source(status, source, lines)
}
