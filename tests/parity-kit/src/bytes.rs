//! Bytes in a request or answer, where they are base64.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

pub(crate) fn encode(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// The bytes of a JSON string; none where it is no base64.
pub(crate) fn decode(value: &Value) -> Vec<u8> {
    STANDARD
        .decode(value.as_str().unwrap_or_default())
        .unwrap_or_default()
}

/// The Dockerfile of a request; empty where its place is elsewhere.
#[must_use]
pub fn dockerfile_of(request: &Value) -> Vec<u8> {
    decode(&request["locals"]["dockerfile"]["Dockerfile"])
}

/// Puts another Dockerfile into a request.
pub fn set_dockerfile(request: &mut Value, text: &[u8]) {
    request["locals"]["dockerfile"]["Dockerfile"] = json!(encode(text));
}
