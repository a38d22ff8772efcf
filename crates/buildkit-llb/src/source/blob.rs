//! Single blobs of a registry or an OCI layout, as files.

use crate::source::http::FileInfo;
use crate::{OciLayoutOptions, SourceOp, caps};

impl SourceOp {
    /// One blob of a registry, by `repository@digest`.
    pub fn image_blob(reference: &str, file: &FileInfo) -> Self {
        let mut source = Self::new(format!("docker-image+blob://{reference}"));
        source.require(caps::SOURCE_IMAGE_BLOB);
        file.set(&mut source);
        source
    }

    /// One blob of an OCI layout, by `name@digest`. A layer limit has no meaning here.
    pub fn oci_layout_blob(reference: &str, file: &FileInfo, layout: &OciLayoutOptions) -> Self {
        let mut source = Self::new(format!("oci-layout+blob://{reference}"));
        source.require(caps::SOURCE_IMAGE_BLOB);
        file.set(&mut source);
        source.set_some("oci.session", layout.session_id.as_deref());
        source.set_some("oci.store", layout.store_id.as_deref());
        source
    }
}
