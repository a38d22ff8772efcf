//! What `docker history` shows: one entry an instruction.

use std::borrow::Cow;
use std::ops::{Deref, Range};
use std::rc::Rc;

use serde::{Serialize, Serializer};

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
    pub(crate) created_by: Part,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) author: String,
    #[serde(skip_serializing_if = "str::is_empty")]
    pub(crate) comment: Cow<'static, str>,
    #[serde(skip_serializing_if = "is_default")]
    pub(crate) empty_layer: bool,
}

/// A part of a text that several entries share.
#[derive(Clone, Debug, Default)]
pub(crate) struct Part {
    whole: Rc<String>,
    range: Range<usize>,
}

impl Part {
    /// The part of `whole` that is at `range`.
    pub(crate) fn of(whole: &Rc<String>, range: Range<usize>) -> Self {
        Self {
            whole: Rc::clone(whole),
            range,
        }
    }
}

impl Deref for Part {
    type Target = str;

    fn deref(&self) -> &str {
        self.whole.get(self.range.clone()).unwrap_or_default()
    }
}

impl From<String> for Part {
    fn from(whole: String) -> Self {
        let range = 0..whole.len();
        Self {
            whole: Rc::new(whole),
            range,
        }
    }
}

impl PartialEq for Part {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl Eq for Part {}

impl Serialize for Part {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self)
    }
}

impl History {
    /// The entry of an instruction; `epoch` is `SOURCE_DATE_EPOCH` in seconds.
    pub(crate) fn of_instruction(created_by: Part, makes_layer: bool, epoch: Option<i64>) -> Self {
        Self {
            created: epoch.map(rfc3339),
            created_by,
            author: String::new(),
            comment: Cow::Borrowed(COMMENT),
            empty_layer: !makes_layer,
        }
    }
}
