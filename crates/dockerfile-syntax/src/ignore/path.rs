//! Paths as text.

/// The shortest path that means the same: no `.`, no doubled or trailing slashes, `..` taken back where it can be.
/// The empty path is `.`.
pub(super) fn clean(path: &str) -> String {
    let rooted = path.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            ".." if rooted => {}
            _ => parts.push(part),
        }
    }
    let joined = parts.join("/");
    match (rooted, joined.is_empty()) {
        (true, _) => format!("/{joined}"),
        (false, true) => ".".to_owned(),
        (false, false) => joined,
    }
}

/// The path without its last part, cleaned.
pub(super) fn parent(path: &str) -> String {
    clean(path.rfind('/').map_or("", |last| &path[..=last]))
}

#[cfg(test)]
mod tests {
    use super::{clean, parent};

    #[test]
    fn clean_paths() {
        for (path, want) in [
            ("", "."),
            ("./a", "a"),
            ("a//b/", "a/b"),
            ("a/../b", "b"),
            ("../a", "../a"),
            ("a/../..", ".."),
            ("/..", "/"),
            ("/a/..", "/"),
            ("//", "/"),
        ] {
            assert_eq!(clean(path), want, "{path}");
        }
        assert_eq!(parent("a"), ".");
        assert_eq!(parent("a/b/c"), "a/b");
        assert_eq!(parent("/a"), "/");
    }
}
