//! What `docker history` shows: one entry an instruction.

/// One entry, in the field order of the OCI image spec.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct History {
    pub(crate) created: Option<String>,
    pub(crate) created_by: String,
    pub(crate) author: String,
    pub(crate) comment: String,
    pub(crate) empty_layer: bool,
}
