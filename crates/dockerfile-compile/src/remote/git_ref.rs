//! How people name a git repository, with a branch, a folder and more behind it.
//!
//! The rules are those of the reference's `dfgitutil.ParseGitRef`, and of Go's `net/url` beneath it.

use std::collections::BTreeMap;

use llb_graph::source::url::{RemoteUrl, has_scheme};
use llb_graph::{GitRemote, path};

/// A git repository, and what of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GitRef {
    /// The repository's URL, without query and fragment.
    pub remote: String,
    /// Last part of the URL without `.git`: `bar` of `https://host/foo/bar.git`.
    pub short_name: String,
    /// Branch, tag or commit; empty for the default branch.
    pub reference: String,
    /// Commit that the reference must be at; empty for any.
    pub checksum: String,
    /// Folder inside the repository; empty for all of it.
    pub subdir: String,
    /// Written as `github.com/…`, which may as well be a local path; allowed for build contexts only.
    pub looks_local: bool,
    /// Whether to keep `.git`, where said.
    pub keep_git_dir: Option<bool>,
    /// Whether to fetch submodules, where said.
    pub submodules: Option<bool>,
    /// Modification times of files, `checkout` or `commit`; empty for the default.
    pub mtime: String,
    /// Fetches the checksum itself instead of comparing it with the reference.
    pub fetch_by_commit: bool,
    /// The same place in parts; `github.com/…` is completed to a URL here.
    pub place: GitRemote,
}

/// Why a text names no git repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GitRefError {
    /// It is something else: a path, a URL of a file.
    NotGit,
    /// It is meant as one, but its query is wrong; says how.
    Invalid(String),
}

impl GitRef {
    /// Reads the name of a git repository, such as `https://host/foo/bar.git#branch:folder`,
    /// `git@host:foo/bar.git` or `https://host/foo/bar.git?branch=main&subdir=docs`.
    ///
    /// ```
    /// use dockerfile_compile::GitRef;
    ///
    /// let git = GitRef::parse("https://example.com/foo/bar.git#v1:docs").unwrap();
    /// assert_eq!((git.reference.as_str(), git.subdir.as_str()), ("v1", "docs"));
    /// ```
    ///
    /// # Errors
    /// [`GitRefError::NotGit`] where it is no such name, [`GitRefError::Invalid`] where it is one that contradicts
    /// itself or has an unknown query.
    pub fn parse(text: &str) -> Result<Self, GitRefError> {
        if text.starts_with("./") || text.starts_with("../") {
            return Err(GitRefError::NotGit);
        }
        let looks_local = text.starts_with("github.com/");
        let url = if looks_local {
            RemoteUrl::parse_path(text).ok_or(GitRefError::NotGit)
        } else {
            parse_remote(text)
        }?;

        let mut git = Self {
            remote: url.remote.url.clone(),
            looks_local,
            ..Self::default()
        };
        git.place = match looks_local {
            false => url.remote,
            true => {
                let whole = RemoteUrl::parse(&format!("https://{}", git.remote));
                whole.ok_or(GitRefError::NotGit)?.remote
            }
        };
        let last = git.remote.rsplit('/').next().unwrap_or_default();
        git.short_name = last.strip_suffix(".git").unwrap_or(last).to_owned();
        if !url.fragment.is_empty() {
            let (reference, subdir) = url.fragment.split_once(':').unwrap_or((&url.fragment, ""));
            reference.clone_into(&mut git.reference);
            git.subdir = clean_subdir(subdir);
        }
        git.load_query(&url.query).map_err(GitRefError::Invalid)?;
        Ok(git)
    }

    fn load_query(&mut self, query: &BTreeMap<String, Vec<String>>) -> Result<(), String> {
        let mut tag = None;
        let mut branch = None;
        for (key, values) in query {
            let value = match values.as_slice() {
                [value] => value.as_str(),
                _ => return Err(format!("`{key}` is given more than once in the URL's query")),
            };
            match key.as_str() {
                "keep-git-dir" => self.keep_git_dir = Some(parse_switch(key, value)?),
                "submodules" => self.submodules = Some(parse_switch(key, value)?),
                "fetch-by-commit" => self.fetch_by_commit = parse_switch(key, value)?,
                "ref" | "tag" | "branch" | "subdir" | "checksum" | "commit" | "mtime" if value.is_empty() => {
                    return Err(format!(
                        "`{key}` has no value in the URL's query: write {key}=VALUE"
                    ));
                }
                "ref" => agree("ref", &mut self.reference, value)?,
                "subdir" => agree("subdir", &mut self.subdir, value)?,
                "tag" => tag = Some(value),
                "branch" => branch = Some(value),
                "checksum" | "commit" => value.clone_into(&mut self.checksum),
                "mtime" if matches!(value, "checkout" | "commit") => value.clone_into(&mut self.mtime),
                "mtime" => {
                    return Err(format!(
                        "`mtime={value}` in the URL's query: it must be `checkout` or `commit`"
                    ));
                }
                _ => {
                    return Err(format!(
                        "`{key}` is no query of a git URL: it may have ref, tag, branch, subdir, checksum, commit, \
                         keep-git-dir, submodules, mtime and fetch-by-commit"
                    ));
                }
            }
        }
        if tag.is_some() && branch.is_some() {
            return Err("the URL's query has both `tag` and `branch`: keep one".to_owned());
        }
        let full = tag
            .map(|name| with_prefix("refs/tags/", name))
            .or(branch.map(|name| with_prefix("refs/heads/", name)));
        full.map_or(Ok(()), |full| agree("ref", &mut self.reference, &full))
    }
}

/// Sets a value that may be said twice if it is the same both times.
fn agree(what: &str, known: &mut String, value: &str) -> Result<(), String> {
    if !known.is_empty() && known != value {
        return Err(format!(
            "the URL says two things about `{what}`: `{known}` and `{value}`"
        ));
    }
    value.clone_into(known);
    Ok(())
}

fn with_prefix(prefix: &str, name: &str) -> String {
    if name.starts_with(prefix) {
        name.to_owned()
    } else {
        format!("{prefix}{name}")
    }
}

/// A query that is true without a value.
fn parse_switch(key: &str, value: &str) -> Result<bool, String> {
    match value {
        "" | "1" | "t" | "T" | "TRUE" | "true" | "True" => Ok(true),
        "0" | "f" | "F" | "FALSE" | "false" | "False" => Ok(false),
        _ => Err(format!(
            "`{key}={value}` in the URL's query: it must be true or false"
        )),
    }
}

/// Everything but the bare `github.com/…`.
fn parse_remote(text: &str) -> Result<RemoteUrl, GitRefError> {
    if !has_scheme(text) {
        return RemoteUrl::parse_scp(text).ok_or(GitRefError::NotGit);
    }
    let url = RemoteUrl::parse(text).ok_or(GitRefError::NotGit)?;
    // Any other page of a web server is a file to download.
    match url.scheme.as_str() {
        "ssh" | "git" => Ok(url),
        "http" | "https" if url.remote.path.ends_with(".git") => Ok(url),
        _ => Err(GitRefError::NotGit),
    }
}

/// The folder without leading slash, `.` and `..`; it can't lead out of the repository.
fn clean_subdir(subdir: &str) -> String {
    let rooted = path::join(&["/", subdir]);
    rooted.trim_start_matches('/').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn git(text: &str) -> GitRef {
        GitRef::parse(text).unwrap_or_else(|error| panic!("{text}: {error:?}"))
    }

    #[test]
    fn urls() {
        let whole = git("https://github.com/foo/bar.git#baz/qux:quux/quuz");
        assert_eq!(whole.remote, "https://github.com/foo/bar.git");
        assert_eq!(
            (whole.reference.as_str(), whole.subdir.as_str()),
            ("baz/qux", "quux/quuz")
        );
        assert_eq!(whole.short_name, "bar");
        assert_eq!(
            git("HTTPS://u:p%40@host:8080/a b.git").remote,
            "https://u:p%40@host:8080/a%20b.git"
        );
        assert_eq!(git("git://host/x#:../a/./b").subdir, "a/b");
        assert_eq!(git("ssh://git@host/~/x.git").remote, "ssh://git@host/~/x.git");
        assert!(git("github.com/foo/bar").looks_local);
        let bare = git("github.com/foo/bar#v1");
        assert_eq!(
            (bare.remote.as_str(), bare.place.url.as_str()),
            ("github.com/foo/bar", "https://github.com/foo/bar")
        );
        assert_eq!(
            (bare.place.host.as_str(), bare.place.path.as_str()),
            ("github.com", "/foo/bar")
        );
    }

    #[test]
    fn scp() {
        let scp = git("git@github.com:foo/bar.git?subdir=x#main");
        assert_eq!(scp.remote, "git@github.com:foo/bar.git");
        assert_eq!((scp.reference.as_str(), scp.subdir.as_str()), ("main", "x"));
    }

    #[test]
    fn not_git() {
        for text in [
            "",
            ".",
            "./x.git",
            "../x.git",
            "a:b",
            "https://host/x",
            "https://host/x.git/",
            "ftp://host/x.git",
        ] {
            assert_eq!(GitRef::parse(text), Err(GitRefError::NotGit), "{text}");
        }
    }

    #[test]
    fn queries() {
        let query =
            git("https://h/x.git?branch=main&subdir=d&keep-git-dir&submodules=0&mtime=commit&commit=abc");
        assert_eq!(query.reference, "refs/heads/main");
        assert_eq!((query.keep_git_dir, query.submodules), (Some(true), Some(false)));
        assert_eq!((query.mtime.as_str(), query.checksum.as_str()), ("commit", "abc"));
        for bad in [
            "ref=a&tag=b",
            "tag=a&branch=a",
            "ref=a&ref=b",
            "ref=",
            "what=1",
            "mtime=now",
            "submodules=2",
        ] {
            let parsed = GitRef::parse(&format!("https://h/x.git?{bad}"));
            assert!(
                matches!(parsed, Err(GitRefError::Invalid(_))),
                "{bad}: {parsed:?}"
            );
        }
    }
}
