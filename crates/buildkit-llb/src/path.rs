//! Paths inside of a file system, as Go's `path` package treats them: bytes
//! between slashes, whatever the platform.

/// The shortest path that means the same: no `//`, no `.`, no `..` after a name
/// or the root; `.` for an empty one.
pub fn clean(path: &str) -> String {
    if is_clean(path) {
        return path.to_owned();
    }
    let rooted = path.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => match parts.last() {
                Some(&"..") | None if !rooted => parts.push(".."),
                _ => {
                    parts.pop();
                }
            },
            name => parts.push(name),
        }
    }
    let joined = parts.join("/");
    match (rooted, joined.is_empty()) {
        (true, _) => format!("/{joined}"),
        (false, true) => ".".to_owned(),
        (false, false) => joined,
    }
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
    let parts: Vec<&str> = parts.iter().copied().filter(|part| !part.is_empty()).collect();
    if parts.is_empty() {
        return String::new();
    }
    clean(&parts.join("/"))
}

/// An absolute path of `path` seen from the directory `parent`, clean. With
/// `keep_slash` a `/` or `/.` at the end stays, since it says that a directory is
/// meant.
pub fn normalize(parent: &str, path: &str, keep_slash: bool) -> String {
    let mut out = clean(path);
    if !out.starts_with('/') {
        out = join(&["/", parent, &out]);
    }
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
