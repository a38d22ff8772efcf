//! The config of an image.

use dockerfile_compile::{ImageAnswer, ImageRequest, ImageStore};

use super::World;
use crate::gateway::{Bridge, ImageLookup, ImageQuery, Status};

/// Looks an image up.
pub(super) async fn resolve<B: Bridge>(
    world: &World<'_, '_, B>,
    request: &ImageRequest,
) -> Result<ImageAnswer, Status> {
    let query = ImageQuery {
        reference: &request.reference,
        platform: request.platform.as_ref(),
        resolve_mode: request.resolve_mode.as_str(),
        send_mode: false,
        log_name: &request.log_name,
        oci_layout: match &request.store {
            ImageStore::Registry => None,
            ImageStore::OciLayout { session_id, store_id } => Some((session_id, store_id)),
        },
    };
    Ok(match world.session.resolve_image(&query).await? {
        ImageLookup::Found {
            reference,
            digest,
            config,
        } => ImageAnswer::Found {
            reference,
            digest,
            config,
        },
        ImageLookup::Redirected(identifier) => ImageAnswer::Redirected(identifier),
    })
}
