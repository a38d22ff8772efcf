//! `frontend.graph`: the stages and steps of a build, and which reads which. The text is Mermaid.

use super::view_result;
use crate::build::Job;
use crate::gateway::{Bridge, Status, pb};

/// The name on the wire.
pub(super) const NAME: &str = "frontend.graph";
/// The version on the wire.
pub(super) const VERSION: &str = "1.0.0";

/// Compiles the target and draws what it does.
pub(super) async fn answer<B: Bridge>(job: &Job<'_, '_, B>) -> Result<pb::Result, Status> {
    let (explanation, _) = job.explain().await?;
    Ok(view_result(explanation.graph_view(), VERSION))
}
