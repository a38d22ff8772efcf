//! What `docker history` shows: one entry an instruction.

use std::borrow::Cow;
use std::rc::Rc;

use serde::Serialize;

use crate::go::json::is_default;
use crate::go::text::rfc3339;

/// The comment that clients know BuildKit's own entries by.
const COMMENT: &str = "buildkit.dockerfile.v0";

/// One entry, in the field order of the OCI image spec.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct History {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) created: Option<String>,
    #[serde(skip_serializing_if = "str::is_empty")]
    pub(crate) created_by: Rc<str>,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) author: String,
    #[serde(skip_serializing_if = "str::is_empty")]
    pub(crate) comment: Cow<'static, str>,
    #[serde(skip_serializing_if = "is_default")]
    pub(crate) empty_layer: bool,
}

impl History {
    /// The entry of an instruction; `epoch` is `SOURCE_DATE_EPOCH` in seconds.
    pub(crate) fn of_instruction(created_by: &str, makes_layer: bool, epoch: Option<i64>) -> Self {
        Self {
            created: epoch.map(rfc3339),
            created_by: created_by.into(),
            author: String::new(),
            comment: Cow::Borrowed(COMMENT),
            empty_layer: !makes_layer,
        }
    }
}
