//! `frontend.outline`: what a client may pass to a build of the target.

use super::view_result;
use crate::build::Job;
use crate::gateway::{Bridge, Code, Status, pb};

/// The name on the wire.
pub(super) const NAME: &str = "frontend.outline";
/// The version on the wire.
pub(super) const VERSION: &str = "1.0.0";

/// Compiles the target and tells what it uses of the client's.
pub(super) async fn answer<B: Bridge>(job: &Job<'_, '_, B>) -> Result<pb::Result, Status> {
    let compiled = job.compile_unplaced(false).await?;
    let outline = compiled.outline.as_ref().ok_or_else(|| {
        let message =
            "a question was compiled without an outline; this is a bug in Plimsoll, please report it";
        Status::with_code(Code::INTERNAL, message)
    })?;
    let view = outline.view(&job.entry.source);
    Ok(view_result(view, VERSION))
}
