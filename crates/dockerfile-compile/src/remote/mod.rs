//! Git repositories and http files as sources.

pub(crate) mod git_ref;

use llb_graph::reference::is_digest;
use llb_graph::source::url::RemoteUrl;
use llb_graph::{FileInfo, GitOptions, HttpOptions, SourceOp};

use self::git_ref::{GitRef, GitRefError};

/// What a source of `ADD` is.
pub(crate) enum Remote {
    /// A git repository.
    Git(GitRef),
    /// A file on a web server.
    Http,
    /// A path of the build context.
    Local,
}

/// Tells what `source` of an `ADD` is. `github.com/…` without a scheme is a path.
///
/// # Errors
/// Where it is a git URL with a wrong query.
pub(crate) fn classify(source: &str) -> Result<Remote, String> {
    match GitRef::parse(source) {
        Ok(git) if !git.looks_local => Ok(Remote::Git(git)),
        Err(GitRefError::Invalid(reason)) => Err(format!("git source `{source}`: {reason}")),
        Ok(_) | Err(GitRefError::NotGit) if is_http(source) => Ok(Remote::Http),
        Ok(_) | Err(GitRefError::NotGit) => Ok(Remote::Local),
    }
}

/// Whether `source` starts like a URL of a web server.
pub(crate) fn is_http(source: &str) -> bool {
    source.starts_with("http://") || source.starts_with("https://")
}

/// What the URL of a repository says about its checkout, its date handling apart.
pub(crate) fn git_options(git: &GitRef, advice: bool) -> GitOptions {
    let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    GitOptions {
        reference: some(&git.reference),
        subdir: some(&git.subdir),
        keep_git_dir: git.keep_git_dir == Some(true),
        checksum: some(&git.checksum),
        skip_submodules: git.submodules == Some(false),
        fetch_by_commit: git.fetch_by_commit,
        advice,
        ..GitOptions::default()
    }
}

/// The name under which a file of a web server is stored.
pub(crate) fn http_filename(url: &str) -> String {
    const UNNAMED: &str = "__unnamed__";
    let Some(url) = RemoteUrl::parse(url) else {
        return UNNAMED.to_owned();
    };
    match crate::paths::unix::base(&url.remote.path) {
        "." | "/" => UNNAMED.to_owned(),
        name => name.to_owned(),
    }
}

/// A file of a web server, stored as `filename`; `checksum` may be empty.
///
/// # Errors
/// Where `checksum` is not a digest.
pub(crate) fn http_source(url: &str, filename: &str, checksum: &str) -> Result<SourceOp, String> {
    if !checksum.is_empty() && !is_digest(checksum) {
        return Err(format!(
            "--checksum={checksum} is not a digest; expected sha256: and 64 lower-case hexadecimal digits"
        ));
    }
    let options = HttpOptions {
        checksum: (!checksum.is_empty()).then(|| checksum.to_owned()),
        file: FileInfo {
            filename: Some(filename.to_owned()),
            ..FileInfo::default()
        },
        ..HttpOptions::default()
    };
    Ok(SourceOp::http(url, &options))
}
