//! `frontend.lint`: what the linter says of the file, and whether it can be built.

use super::view_result;
use crate::build::Job;
use crate::gateway::{Bridge, Status, pb};

/// The name on the wire.
pub(super) const NAME: &str = "frontend.lint";
const VERSION: &str = "1.0.0";

/// Checks the file. The status code is what a client exits with.
pub(super) async fn answer<B: Bridge>(job: &Job<'_, '_, B>) -> Result<pb::Result, Status> {
    let (view, is_clean) = job.lint().await?;
    let mut result = view_result(view, VERSION);
    let code: &[u8] = if is_clean { b"0" } else { b"1" };
    result
        .metadata
        .insert("result.statuscode".to_owned(), bytes::Bytes::from_static(code));
    Ok(result)
}
