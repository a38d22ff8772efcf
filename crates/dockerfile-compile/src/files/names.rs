//! How a file is named: by a path beside the one that names it, in a named context, or in a git repository.

use super::{FileOrigin, FileRequest};
use crate::remote::git_ref::{GitRef, GitRefError};

/// How many hexadecimal digits a commit has, by SHA-1 and by SHA-256.
const COMMIT_DIGITS: [usize; 2] = [40, 64];

/// What people call a file.
pub(super) fn shown(request: &FileRequest) -> String {
    let path = &request.path;
    match &request.origin {
        FileOrigin::Dockerfile => path.clone(),
        FileOrigin::Context(name) => format!("{name}:{path}"),
        FileOrigin::Git(url) => format!("{url}:{path}"),
    }
}

/// The file that `written` means in the file `from`.
///
/// # Errors
/// Says what to write instead.
pub(super) fn resolve(written: &str, from: &FileRequest) -> Result<FileRequest, String> {
    if written.contains('$') {
        return Err("a file is named without variables, since it is read before they are known".to_owned());
    }
    if let Some(found) = in_repository(written)? {
        return Ok(found);
    }
    let is_beside = written.starts_with("./") || written.starts_with("../");
    let (origin, folder, path) = match written.split_once(':').filter(|_| !is_beside) {
        Some((name, path)) => (FileOrigin::Context(name.to_owned()), "", path),
        None => {
            let folder = from.path.rsplit_once('/').map_or("", |(folder, _)| folder);
            (from.origin.clone(), folder, written)
        }
    };
    if path.starts_with('/') {
        return Err(format!(
            "`{path}` begins with /; a path is relative to the file that names it"
        ));
    }
    let path = inside(folder, path).ok_or_else(|| match origin {
        FileOrigin::Dockerfile => {
            "it is outside of the folder that was sent with the Dockerfile; move it below that folder, or pass its own with \
             `--build-context NAME=FOLDER` and write NAME:PATH"
                .to_owned()
        }
        _ => "it is outside of where its file is from".to_owned(),
    })?;
    Ok(FileRequest { origin, path })
}

/// A file of a git repository.
fn in_repository(written: &str) -> Result<Option<FileRequest>, String> {
    let git = match GitRef::parse(written) {
        Ok(git) if !git.looks_local => git,
        Ok(_) | Err(GitRefError::NotGit) => return Ok(None),
        Err(GitRefError::Invalid(why)) => return Err(why),
    };
    let is_commit =
        |text: &str| COMMIT_DIGITS.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    if git.checksum.is_empty() && !is_commit(&git.reference) {
        return Err(
            "a file of a repository is named with its commit, so that it stays the same: URL#COMMIT:PATH, or URL?ref=TAG&checksum=COMMIT&subdir=PATH"
                .to_owned(),
        );
    }
    if git.subdir.is_empty() {
        return Err("the URL names no file; write its path behind the commit: URL#COMMIT:PATH".to_owned());
    }
    let query = match git.checksum.as_str() {
        "" => String::new(),
        checksum => format!("?checksum={checksum}"),
    };
    let reference = match git.reference.as_str() {
        "" => String::new(),
        reference => format!("#{reference}"),
    };
    let path = inside("", &git.subdir).ok_or("its path is outside of the repository")?;
    Ok(Some(FileRequest {
        origin: FileOrigin::Git(format!("{}{query}{reference}", git.remote)),
        path,
    }))
}

/// `path` from `folder`, without `.` and `..`; `None` where that is above the top, or no file.
fn inside(folder: &str, path: &str) -> Option<String> {
    let mut parts: Vec<&str> = Vec::new();
    for part in folder.split('/').chain(path.split('/')) {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/")).filter(|path| !path.is_empty())
}

/// Cuts `PATH#STAGE`. Only a word with `#` names a stage of another file: no image and no stage has one in its name.
pub(super) fn cut_stage(word: &str) -> Option<(&str, &str)> {
    word.rsplit_once('#')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn beside(path: &str) -> FileRequest {
        FileRequest {
            origin: FileOrigin::Dockerfile,
            path: path.to_owned(),
        }
    }

    #[test]
    fn files_by_name() {
        let commit = "a".repeat(40);
        let git = format!("https://example.com/a/b.git#{commit}");
        for (written, from, shown_as) in [
            ("base.Dockerfile", "Dockerfile", "base.Dockerfile"),
            ("./x/../base", "Dockerfile", "base"),
            ("../base", "a/b/Dockerfile", "a/base"),
            ("shared:x/base", "a/Dockerfile", "shared:x/base"),
            (&format!("{git}:x/base"), "Dockerfile", &format!("{git}:x/base")),
        ] {
            let found = resolve(written, &beside(from)).map(|request| shown(&request));
            assert_eq!(found.as_deref(), Ok(shown_as), "{written}");
        }
        let in_context = FileRequest {
            origin: FileOrigin::Context("shared".to_owned()),
            path: "x/base".to_owned(),
        };
        let found = resolve("../other", &in_context).map(|request| shown(&request));
        assert_eq!(found.as_deref(), Ok("shared:other"));
    }

    #[test]
    fn what_names_no_file() {
        for (written, why) in [
            ("../base", "outside of the folder"),
            ("/base", "begins with /"),
            ("./$BASE", "without variables"),
            ("./.", "outside of the folder"),
            ("https://example.com/a/b.git#main:base", "with its commit"),
            (
                "https://example.com/a/b.git#aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
                "names no file",
            ),
        ] {
            let error = resolve(written, &beside("Dockerfile")).err();
            assert!(error.is_some_and(|error| error.contains(why)), "{written}");
        }
    }
}
