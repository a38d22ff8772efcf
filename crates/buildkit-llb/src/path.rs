//! Paths inside of a file system, as Go's `path` package treats them: bytes
//! between slashes, whatever the platform.

use std::borrow::Cow;

/// The shortest path that means the same: no `//`, no `.`, no `..` after a name
/// or the root; `.` for an empty one.
pub fn clean(path: &str) -> String {
    if is_clean(path) {
        return path.to_owned();
    }
    clean_joined(&[path])
}

/// Joins parts, of which the first is not empty unless it is the only one, and cleans.
fn clean_joined(parts: &[&str]) -> String {
    let rooted = parts.first().is_some_and(|first| first.starts_with('/'));
    let mut out = String::with_capacity(parts.iter().map(|part| part.len() + 1).sum());
    out.push_str(if rooted { "/" } else { "" });
    let root = out.len();
    for name in parts.iter().flat_map(|part| part.split('/')) {
        if name.is_empty() || name == "." {
            continue;
        }
        let last = out[root..].rfind('/').map_or(root, |slash| root + slash);
        let is_above = out[last..].trim_start_matches('/') == "..";
        if name == ".." && out.len() > root && !is_above {
            out.truncate(last);
        } else if name != ".." || !rooted {
            if out.len() > root {
                out.push('/');
            }
            out.push_str(name);
        }
    }
    if out.is_empty() {
        out.push('.');
    }
    out
}

/// Whether there is nothing to shorten in an absolute path, as nearly always.
fn is_clean(path: &str) -> bool {
    let Some(relative) = path.strip_prefix('/') else {
        return false;
    };
    // The length of the part, and how many dots it begins with.
    let (mut length, mut dots) = (0_usize, 0_usize);
    for byte in relative.bytes() {
        if byte == b'/' {
            if length == dots && dots <= 2 {
                return false;
            }
            (length, dots) = (0, 0);
        } else {
            dots += usize::from(byte == b'.' && dots == length);
            length += 1;
        }
    }
    length != dots || dots > 2
}

/// Joins with slashes, without empty parts, and cleans.
pub fn join(parts: &[&str]) -> String {
    match parts.iter().position(|part| !part.is_empty()) {
        Some(first) => clean_joined(&parts[first..]),
        None => String::new(),
    }
}

/// An absolute path of `path` seen from the directory `parent`, clean. With
/// `keep_slash` a `/` or `/.` at the end stays, since it says that a directory is
/// meant.
pub fn normalize(parent: &str, path: &str, keep_slash: bool) -> String {
    let mut out = match path.starts_with('/') {
        true => clean(path),
        false => join(&["/", parent, path]),
    };
    if keep_slash {
        if path.ends_with('/') && !out.ends_with('/') {
            out.push('/');
        } else if path.ends_with("/.") {
            if out != "/" {
                out.push('/');
            }
            out.push('.');
        }
    }
    out
}

/// [`normalize`] seen from the root.
pub(crate) fn absolute(path: &str, keep_slash: bool) -> Cow<'_, str> {
    match is_clean(path) {
        true => path.into(),
        false => normalize("/", path, keep_slash).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::{clean, join, normalize};

    #[test]
    fn cleans_as_go_does() {
        for (path, want) in [
            ("", "."),
            (".", "."),
            ("/", "/"),
            ("//a//b/", "/a/b"),
            ("/../a", "/a"),
            ("a/../..", ".."),
            ("a/../../b/../..", "../.."),
            ("../a/b/..", "../a"),
            ("../../a", "../../a"),
            ("a/./b/../c", "a/c"),
            ("/a/..", "/"),
            ("/a/.../.b/c..", "/a/.../.b/c.."),
            ("/a/.", "/a"),
            ("/a/./b", "/a/b"),
        ] {
            assert_eq!(clean(path), want, "{path:?}");
        }
        assert_eq!(join(&["", ""]), "");
        assert_eq!(join(&["/", "", "a/../b"]), "/b");
        assert_eq!(join(&["", "a", "/b/"]), "a/b");
    }

    #[test]
    fn keeps_what_says_directory() {
        for (parent, path, want) in [
            ("/work", "a", "/work/a"),
            ("/work", "a/", "/work/a/"),
            ("/work", "/a/.", "/a/."),
            ("/", "/.", "/."),
            ("/", "/", "/"),
            ("", "a/..", "/"),
        ] {
            assert_eq!(normalize(parent, path, true), want, "{path:?}");
        }
        assert_eq!(normalize("/work", "a/", false), "/work/a");
    }
}
