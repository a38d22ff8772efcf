//! `--if-exists`: a pattern that one path alone matches. What no path matches is left out, and a path that isn't there is an
//! error.

use std::borrow::Cow;
use std::ops::Range;

/// Folders of an image's root that are links in many. A pattern is not looked for behind a link, so it begins behind them.
const LINKED: [&str; 6] = ["bin", "lib", "lib32", "lib64", "libx32", "sbin"];

/// The same in `/var`.
const LINKED_IN_VAR: [&str; 2] = ["lock", "run"];

/// The character of a path that stands in brackets, as in `yarn.loc[k]`; `None` where the path is a pattern already, or
/// the source itself, which is always there.
///
/// It is one of the first folder, as what is below a folder that isn't there can't be looked for.
///
/// ```
/// use dockerfile_compile::dialect::optional;
///
/// let path = "conf/local.yml";
/// let place = optional::place(path, false).map(|at| &path[at]);
/// assert_eq!((place, optional::place("*.lock", false)), (Some("f"), None));
/// ```
#[must_use]
pub fn place(path: &str, is_of_stage: bool) -> Option<Range<usize>> {
    let mut parts: Vec<(usize, &str)> = Vec::new();
    let mut start = 0;
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push((start, part)),
        }
        start += part.len() + 1;
    }
    let names: Vec<&str> = parts.iter().map(|(_, part)| *part).collect();
    let linked = match names[..] {
        _ if !is_of_stage => 0,
        ["var", next, _, ..] if LINKED_IN_VAR.contains(&next) => 2,
        [first, _, ..] if LINKED.contains(&first) => 1,
        _ => 0,
    };
    let (start, part) = parts.get(linked)?;
    if has_wildcards(part) {
        return None;
    }
    let mut place = None;
    let mut is_escaped = false;
    for (at, ch) in part.char_indices() {
        if !std::mem::take(&mut is_escaped) {
            is_escaped = ch == '\\';
            if !matches!(ch, '\\' | '-' | ']' | '^' | '!') {
                place = Some(start + at..start + at + ch.len_utf8());
            }
        }
    }
    place
}

/// A path as a pattern that matches just that path.
#[must_use]
pub fn pattern(path: &str, is_of_stage: bool) -> Cow<'_, str> {
    let parts = place(path, is_of_stage)
        .and_then(|at| Some((path.get(..at.start)?, path.get(at.clone())?, path.get(at.end..)?)));
    match parts {
        Some((before, ch, behind)) => [before, "[", ch, "]", behind].concat().into(),
        None => path.into(),
    }
}

/// Whether a path is a pattern.
#[must_use]
pub fn has_wildcards(path: &str) -> bool {
    let mut bytes = path.bytes();
    while let Some(byte) = bytes.next() {
        match byte {
            b'*' | b'?' | b'[' => return true,
            b'\\' => {
                bytes.next();
            }
            _ => {}
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::pattern;

    #[test]
    fn patterns_match_one_path() {
        for (path, expected) in [
            ("yarn.lock", "yarn.loc[k]"),
            ("/conf/local.yml", "/con[f]/local.yml"),
            ("./a/", "./[a]/"),
            (".", "."),
            ("/", "/"),
            ("a/../b/c", "a/../[b]/c"),
            ("../a", "../[a]"),
            ("*.lock", "*.lock"),
            ("conf/*.yml", "con[f]/*.yml"),
            ("b[[]a", "b[[]a"),
            ("x\\*", "[x]\\*"),
            ("it-", "i[t]-"),
            ("-", "-"),
            ("größe", "größ[e]"),
            ("lib/x", "li[b]/x"),
        ] {
            assert_eq!(pattern(path, false), expected);
        }
        for (path, expected) in [
            ("/lib/libc.so", "/lib/libc.s[o]"),
            ("/lib", "/li[b]"),
            ("/var/run/x", "/var/run/[x]"),
            ("/var/run", "/va[r]/run"),
            ("usr/lib/x", "us[r]/lib/x"),
        ] {
            assert_eq!(pattern(path, true), expected);
        }
    }
}
