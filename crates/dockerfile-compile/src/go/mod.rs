//! Forms of Go's standard library that other programs read, so that they have to be exact.

pub(crate) mod base64;
pub(crate) mod json;
pub(crate) mod text;
