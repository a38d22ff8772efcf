//! Images that nobody looks at.

use dockerfile_compile::{Answer, BuildOptions, ImageRequest, Need, assumed};

/// The image is there, for the platform asked for and with an empty config.
pub(super) fn answer(request: &ImageRequest, options: &BuildOptions) -> Answer {
    assumed(&Need::Image(request.clone()), options)
}
