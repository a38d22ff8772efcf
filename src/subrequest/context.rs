//! `frontend.context`: what a build of the target reads of the client's folders.

use dockerfile_compile::view::context::ContextReport;

use super::local::{local_sources, read};
use super::view_result;
use crate::build::Job;
use crate::gateway::{Bridge, Status, pb};

/// The name on the wire.
pub(super) const NAME: &str = "frontend.context";
/// The version on the wire.
pub(super) const VERSION: &str = "1.0.0";

/// Compiles the target, has the folders sent as for a build, and looks into them.
pub(super) async fn answer<B: Bridge>(job: &Job<'_, '_, B>) -> Result<pb::Result, Status> {
    let (model, definition) = job.explain().await?;
    let mut reports = Vec::new();
    for (at, source) in local_sources(&model, &definition)? {
        let sent = read(job.session, source).await?;
        let mut report = ContextReport::of(&model, at, &sent.tree);
        report.is_cut = sent.is_cut;
        report.is_sent = true;
        reports.push(report);
    }
    Ok(view_result(ContextReport::view(&reports), VERSION))
}
