//! Paths inside a container, which follow the rules of its operating system.

use std::borrow::Cow;

use llb_graph::path::{clean, join};

const WINDOWS: &str = "windows";

/// `PATH` where an image sets none.
pub(crate) const DEFAULT_PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// Backslashes become slashes on Windows.
pub(crate) fn to_slash<'p>(path: impl Into<Cow<'p, str>>, os: &str) -> Cow<'p, str> {
    let path = path.into();
    match os == WINDOWS && path.contains('\\') {
        true => path.replace('\\', "/").into(),
        false => path,
    }
}

fn from_slash(path: String, os: &str) -> String {
    match os == WINDOWS {
        true => path.replace('/', "\\"),
        false => path,
    }
}

/// Whether `path` starts at the root, a drive letter aside.
pub(crate) fn is_absolute(path: &str, os: &str) -> bool {
    if os != WINDOWS {
        return path.starts_with('/');
    }
    remove_drive_letter(path, os, false).is_ok_and(|path| to_slash(path, os).starts_with('/'))
}

/// Takes `C:` off a Windows path; other systems' paths stay as they are.
///
/// # Errors
/// A sentence where the path names another drive, a share, or nothing but a drive.
pub(crate) fn remove_drive_letter<'p>(
    path: &'p str,
    os: &str,
    keep_slash: bool,
) -> Result<Cow<'p, str>, String> {
    if os != WINDOWS {
        return Ok(path.into());
    }
    if path.len() == 2 && path.ends_with(':') {
        return Err(format!("`{path}` names a drive and no path on it"));
    }
    if path.get(..2).is_some_and(|start| to_slash(start, os) == "//") {
        return Err(format!(
            "`{path}` is a network share; only paths on drive C: can be used"
        ));
    }
    match path.split_once(':') {
        None => Ok(clean_windows(path, keep_slash).into()),
        Some((drive, rest)) if drive.eq_ignore_ascii_case("c") => Ok(clean_windows(rest, keep_slash).into()),
        Some(_) => Err(format!(
            "`{path}` is not on the system drive; only C: can be used"
        )),
    }
}

fn clean_windows(path: &str, keep_slash: bool) -> String {
    let slashed = to_slash(path, WINDOWS);
    let cleaned = clean(&slashed);
    if keep_slash && cleaned.len() > 1 && slashed.ends_with('/') {
        format!("{cleaned}/")
    } else {
        cleaned
    }
}

/// `path` joined to `parent` unless it is absolute; with `keep_slash` a final `/` or `/.` stays, as the
/// destination of a copy depends on it.
///
/// # Errors
/// As [`remove_drive_letter`].
pub(crate) fn normalize(parent: &str, path: &str, os: &str, keep_slash: bool) -> Result<String, String> {
    let original = to_slash(path, os);
    let parent = to_slash(if parent.is_empty() { "/" } else { parent }, os);
    let mut parent = remove_drive_letter(&parent, os, keep_slash)?;
    if !is_absolute(&parent, os) {
        parent = join(&["/", &parent]).into();
    }
    let written = if original.is_empty() { &parent } else { &original };
    let mut path = remove_drive_letter(written, os, keep_slash)?.into_owned();
    if !is_absolute(&path, os) {
        path = join(&[&parent, &path]);
    }
    if keep_slash {
        if original.ends_with('/') && !path.ends_with('/') {
            path.push('/');
        } else if original.ends_with("/.") {
            if path != "/" {
                path.push('/');
            }
            path.push('.');
        }
    }
    Ok(to_slash(path, os).into_owned())
}

/// The working directory after `WORKDIR path` in `current`, in the system's own notation.
///
/// # Errors
/// As [`remove_drive_letter`].
pub(crate) fn working_directory(current: &str, path: &str, os: &str) -> Result<String, String> {
    normalize(current, path, os, false).map(|path| from_slash(path, os))
}
