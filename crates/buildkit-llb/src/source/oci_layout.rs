//! Images of an OCI layout directory at the client.

use crate::{SourceOp, caps};

/// How to get an image of an OCI layout.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OciLayoutOptions {
    /// Which client has it; `None` is the build's.
    pub session_id: Option<String>,
    /// What the client calls the layout; `None` is the reference's name.
    pub store_id: Option<String>,
    /// How many layers at most.
    pub layer_limit: Option<i64>,
}

impl SourceOp {
    /// An image of an OCI layout, by `name@digest`.
    pub fn oci_layout(reference: &str, options: &OciLayoutOptions) -> Self {
        let mut source = Self::new(format!("oci-layout://{reference}"));
        source.require(caps::SOURCE_OCI_LAYOUT);
        source.set_some("oci.session", options.session_id.as_deref());
        source.set_some("oci.store", options.store_id.as_deref());
        if let Some(limit) = options.layer_limit {
            source.set("oci.layerlimit", limit.to_string());
        }
        source
    }
}
