//! Operations that came in encoded.

use crate::Output;

/// An op of a definition that was read back. Its bytes stay as they came, so its
/// digest does too, even if it says things this crate doesn't know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportedOp {
    pub(crate) digest: String,
    pub(crate) bytes: Vec<u8>,
    pub(crate) inputs: Vec<Output>,
}

impl ImportedOp {
    /// The digest of the bytes.
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// The encoded op.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The inputs as the bytes list them.
    pub fn inputs(&self) -> &[Output] {
        &self.inputs
    }
}
