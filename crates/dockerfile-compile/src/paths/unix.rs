//! Paths of contexts as text.

use std::borrow::Cow;

use llb_graph::path;

/// The last element of `path`; `.` for an empty one, `/` for slashes alone (Go's `path.Base`).
pub(crate) fn base(path: &str) -> &str {
    if path.is_empty() {
        return ".";
    }
    let trimmed = path.trim_end_matches('/');
    if trimmed.is_empty() {
        return "/";
    }
    trimmed.rsplit('/').next().unwrap_or(trimmed)
}

/// `path` seen from the root, clean: how used paths of a context are noted.
pub(crate) fn rooted(path: &str) -> Cow<'static, str> {
    match path {
        "" | "/" | "." => "/".into(),
        path => path::join(&["/", path]).into(),
    }
}
