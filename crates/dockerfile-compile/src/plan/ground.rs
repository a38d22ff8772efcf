//! What stages without a parent stage start from: nothing, an image, or a named context.

use std::rc::Rc;
use std::sync::Arc;

use llb_graph::Platform;

use super::named_context::ContextSource;
use crate::image::Image;

/// What a stage stands on that stands on no other stage.
pub(crate) struct Ground {
    /// Where its file system and config come from.
    pub(crate) origin: Origin,
    /// The platform in effect; empty where nothing tells it.
    pub(crate) platform: Arc<Platform>,
}

/// An image as it was looked up.
pub(crate) struct BaseImage {
    /// The name in effect, with the digest of its manifest or index where that is known.
    pub(crate) reference: Rc<str>,
    pub(crate) config: Rc<Image>,
}

/// Where a stage's file system and config come from.
#[derive(Clone)]
pub(crate) enum Origin {
    /// Nothing: the empty file system.
    Scratch,
    /// An image.
    Image {
        image: Rc<BaseImage>,
        /// The image has no layers, so its file system is the empty one.
        is_empty: bool,
    },
    /// An image that only an unneeded stage read when images were looked up, by its full name. Where a trigger brings
    /// that stage in later, the reference does not look the image up any more, nor a named context in its place.
    NotLookedUp(Rc<str>),
    /// A named context in the place of the base, or of the whole stage.
    Context {
        source: Rc<ContextSource>,
        config: Option<Rc<Image>>,
        whole_stage: bool,
    },
}

impl Origin {
    /// Triggers in the image's config.
    pub(super) fn triggers(&self) -> Rc<Vec<String>> {
        match self {
            Self::Scratch | Self::NotLookedUp(_) | Self::Context { config: None, .. } => Rc::default(),
            Self::Image { image, .. } => Rc::clone(&image.config.config.on_build),
            Self::Context {
                config: Some(config), ..
            } => Rc::clone(&config.config.on_build),
        }
    }
}
