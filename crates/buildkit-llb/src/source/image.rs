//! Images of a registry.

use crate::{Reference, ReferenceError, SourceOp, caps};

/// How to get an image. The default is what the daemon thinks best.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ImageOptions {
    /// Where to look.
    pub resolve_mode: ResolveMode,
    /// What the pull is recorded as, such as `internal`.
    pub record_type: Option<String>,
    /// How many layers at most.
    pub layer_limit: Option<i64>,
    /// The digest that it must have.
    pub checksum: Option<String>,
}

/// Where to look for an image.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum ResolveMode {
    /// As the daemon thinks best.
    #[default]
    Default,
    /// At the registry, even if the image is here.
    ForcePull,
    /// Here first.
    PreferLocal,
}

impl ResolveMode {
    /// The name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::ForcePull => "pull",
            Self::PreferLocal => "local",
        }
    }
}

impl SourceOp {
    /// An image by its name, as people write it: `alpine` is `docker.io/library/alpine:latest`.
    ///
    /// # Errors
    /// [`ReferenceError`] where the text is no name of an image.
    ///
    /// ```
    /// use llb_graph::{ImageOptions, SourceOp};
    ///
    /// let image = SourceOp::image("alpine:3.22", &ImageOptions::default())?;
    /// assert_eq!(image.identifier, "docker-image://docker.io/library/alpine:3.22");
    /// assert!(SourceOp::image("Alpine", &ImageOptions::default()).is_err());
    /// # Ok::<(), llb_graph::ReferenceError>(())
    /// ```
    pub fn image(name: &str, options: &ImageOptions) -> Result<Self, ReferenceError> {
        let reference = Reference::parse_normalized(name)?.or_latest();
        Ok(Self::image_unchecked(&reference.to_string(), options))
    }

    /// An image by its full name, such as `docker.io/library/alpine:latest`, with a digest if it is known. It is taken as
    /// it is, and a daemon refuses what is no such name.
    pub fn image_unchecked(reference: &str, options: &ImageOptions) -> Self {
        let mut source = Self::new(format!("docker-image://{reference}"));
        source.require(caps::SOURCE_IMAGE);
        if options.resolve_mode != ResolveMode::Default {
            source.set("image.resolvemode", options.resolve_mode.as_str());
        }
        if options.resolve_mode == ResolveMode::ForcePull {
            source.require(caps::SOURCE_IMAGE_RESOLVE_MODE);
        }
        source.set_some("image.recordtype", options.record_type.as_deref());
        if let Some(limit) = options.layer_limit {
            source.set("image.layerlimit", limit.to_string());
            source.require(caps::SOURCE_IMAGE_LAYER_LIMIT);
        }
        if source.set_some("image.checksum", options.checksum.as_deref()) {
            source.require(caps::SOURCE_IMAGE_CHECKSUM);
        }
        source
    }
}
