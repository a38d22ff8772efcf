//! `frontend.lock`: what each source of the file is now, as a lock file.

use dockerfile_compile::view;

use super::view_result;
use crate::build::Job;
use crate::gateway::{Bridge, Status, pb};

/// The name on the wire.
pub(super) const NAME: &str = "frontend.lock";
/// The version on the wire.
pub(super) const VERSION: &str = "1.0.0";

/// Looks all sources up, on each platform that is asked for.
pub(super) async fn answer<B: Bridge>(job: &Job<'_, '_, B>) -> Result<pb::Result, Status> {
    let lock = job.lock().await?;
    Ok(view_result(
        view::lock(&lock, &job.entry.source.filename),
        VERSION,
    ))
}
