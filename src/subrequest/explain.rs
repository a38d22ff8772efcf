//! `frontend.explain`: what a build of the target does, and what each step depends on.

use super::view_result;
use crate::build::Job;
use crate::gateway::{Bridge, Status, pb};

/// The name on the wire.
pub(super) const NAME: &str = "frontend.explain";
/// The version on the wire.
pub(super) const VERSION: &str = "1.0.0";

/// Compiles the target and tells what it does. What is in the files of the context is not looked at: the daemon would
/// have all of them sent for it.
pub(super) async fn answer<B: Bridge>(job: &Job<'_, '_, B>) -> Result<pb::Result, Status> {
    let (explanation, _) = job.explain().await?;
    Ok(view_result(explanation.explain_view(), VERSION))
}
