//! Single blobs of a registry or an OCI layout, as files.

use crate::source::http::FileInfo;
use crate::{OciLayoutOptions, Reference, ReferenceError, SourceOp, caps};

impl SourceOp {
    /// One blob of a registry, by `repository@digest`.
    ///
    /// # Errors
    /// [`ReferenceError`] where that is no name, has a tag, or has no digest.
    pub fn image_blob(name: &str, file: &FileInfo) -> Result<Self, ReferenceError> {
        let mut source = Self::new(format!("docker-image+blob://{}", blob_name(name)?));
        source.require(caps::SOURCE_IMAGE_BLOB);
        file.set(&mut source);
        Ok(source)
    }

    /// One blob of an OCI layout, by `name@digest`. A layer limit has no meaning here.
    ///
    /// # Errors
    /// [`ReferenceError`] where that is no name, has a tag, or has no digest.
    pub fn oci_layout_blob(
        name: &str,
        file: &FileInfo,
        layout: &OciLayoutOptions,
    ) -> Result<Self, ReferenceError> {
        let mut source = Self::new(format!("oci-layout+blob://{}", blob_name(name)?));
        source.require(caps::SOURCE_IMAGE_BLOB);
        file.set(&mut source);
        source.set_some("oci.session", layout.session_id.as_deref());
        source.set_some("oci.store", layout.store_id.as_deref());
        Ok(source)
    }
}

fn blob_name(name: &str) -> Result<Reference, ReferenceError> {
    let reference = Reference::parse_normalized(name)?;
    match reference.tag() {
        Some(tag) => Err(ReferenceError::Tag(tag.to_owned())),
        None => reference.pinned(),
    }
}
