//! What a download or repository is now.

use dockerfile_compile::PinRequest;
use dockerfile_compile::lock::SourceKind;

use super::World;
use crate::gateway::{Bridge, SourceQuery, Status, pb};

/// The checksum or commit, or why this daemon can't tell it.
pub(super) async fn resolve<B: Bridge>(
    world: &World<'_, '_, B>,
    request: &PinRequest,
) -> Result<Result<String, String>, Status> {
    let query = SourceQuery {
        identifier: &request.identifier,
        attrs: &request.attrs,
        log_name: &request.log_name,
        commit_object: false,
    };
    let told = world.session.resolve_source(&query).await?;
    let pin = told.and_then(|told| pin(request.kind, told));
    Ok(pin.ok_or_else(|| {
        let what = match request.kind {
            SourceKind::Git => "the commit of a repository",
            _ => "the checksum of a download",
        };
        format!("this BuildKit does not tell {what}; update it, or write the lock with `plimsoll lock`")
    }))
}

fn pin(kind: SourceKind, told: pb::ResolveSourceMetaResponse) -> Option<String> {
    let pin = match kind {
        SourceKind::Image => return None,
        SourceKind::Http => told.http?.checksum,
        SourceKind::Git => {
            let git = told.git?;
            // An annotated tag is an object of its own.
            match git.commit_checksum.is_empty() {
                true => git.checksum,
                false => git.commit_checksum,
            }
        }
    };
    Some(pin).filter(|pin| !pin.is_empty())
}
