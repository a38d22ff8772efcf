//! Standard base64 with padding.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// Bytes to text.
#[must_use]
pub fn encode(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// Text to bytes; `None` where it is no base64.
pub(crate) fn decode(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).ok()
}
