//! `frontend.targets`: the stages that can be built.

use dockerfile_compile::view;

use super::view_result;
use crate::build::Job;
use crate::gateway::{Bridge, Status, pb};

/// The name on the wire.
pub(super) const NAME: &str = "frontend.targets";
/// The version on the wire.
pub(super) const VERSION: &str = "1.0.0";

/// Lists the stages; nothing is looked up for it.
pub(super) fn answer<B: Bridge>(job: &Job<'_, '_, B>) -> Result<pb::Result, Status> {
    let view = view::targets(job.file()?, &job.entry.source);
    Ok(view_result(view, VERSION))
}
