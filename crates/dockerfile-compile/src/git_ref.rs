//! How people name a git repository, with a branch, a folder and more behind it.
//!
//! The rules are those of the reference's `dfgitutil.ParseGitRef`, and of Go's `net/url` beneath it.

use std::collections::BTreeMap;

use buildkit_llb::GitRemote;

use crate::url_host::decoded_host;

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
    /// # Errors
    /// [`GitRefError::NotGit`] where it is no such name, [`GitRefError::Invalid`] where it is one that contradicts
    /// itself or has an unknown query.
    pub fn parse(text: &str) -> Result<Self, GitRefError> {
        if text.starts_with("./") || text.starts_with("../") {
            return Err(GitRefError::NotGit);
        }
        let looks_local = text.starts_with("github.com/");
        let parts = if looks_local {
            parse_url(text, None)
        } else {
            parse_remote(text)
        }?;

        let mut git = Self {
            remote: parts.remote,
            looks_local,
            ..Self::default()
        };
        git.place = match looks_local {
            false => GitRemote {
                url: git.remote.clone(),
                host: parts.host,
                path: parts.path,
                ssh: parts.ssh,
            },
            true => {
                let url = format!("https://{}", git.remote);
                let parts = parse_url(&url, Some("https"))?;
                GitRemote {
                    url: parts.remote,
                    host: parts.host,
                    path: parts.path,
                    ssh: false,
                }
            }
        };
        let last = git.remote.rsplit('/').next().unwrap_or_default();
        git.short_name = last.strip_suffix(".git").unwrap_or(last).to_owned();
        if !parts.fragment.is_empty() {
            let (reference, subdir) = parts.fragment.split_once(':').unwrap_or((&parts.fragment, ""));
            reference.clone_into(&mut git.reference);
            git.subdir = clean_subdir(subdir);
        }
        git.load_query(&parts.query).map_err(GitRefError::Invalid)?;
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

/// The parts of a repository's URL that matter here.
#[derive(Default)]
struct Parts {
    remote: String,
    host: String,
    /// With its percent escapes undone.
    path: String,
    ssh: bool,
    query: BTreeMap<String, Vec<String>>,
    fragment: String,
}

/// Everything but the bare `github.com/…`.
fn parse_remote(text: &str) -> Result<Parts, GitRefError> {
    let Some((scheme, _)) = text.split_once("://").filter(|(scheme, _)| is_word(scheme, "")) else {
        return parse_scp(text);
    };
    let scheme = scheme.to_ascii_lowercase();
    if !matches!(scheme.as_str(), "http" | "https" | "ssh" | "git") {
        return Err(GitRefError::NotGit);
    }
    let parts = parse_url(text, Some(&scheme))?;
    // Any other page of a web server is a file to download.
    if matches!(scheme.as_str(), "http" | "https") && !parts.path.ends_with(".git") {
        return Err(GitRefError::NotGit);
    }
    Ok(parts)
}

/// Whether it consists of ASCII letters, digits and `extra`, at least one of them.
fn is_word(text: &str, extra: &str) -> bool {
    !text.is_empty()
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || extra.contains(c))
}

/// `user@host:path?query#fragment`, as scp writes it.
fn parse_scp(text: &str) -> Result<Parts, GitRefError> {
    let parsed = (|| {
        let (user, rest) = text.split_once('@')?;
        let (host, rest) = rest.split_once(':')?;
        if !is_word(user, "-_") || !is_word(host, "-.") || rest.contains('\n') {
            return None;
        }
        let (rest, fragment) = rest.split_once('#').unwrap_or((rest, ""));
        let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (query, clean) = parse_query(query);
        clean.then(|| Parts {
            remote: format!("{user}@{host}:{path}"),
            host: host.to_owned(),
            path: path.to_owned(),
            ssh: true,
            query,
            fragment: fragment.to_owned(),
        })
    })();
    parsed.ok_or(GitRefError::NotGit)
}

/// The path of a URL with its percent escapes undone; `None` where it is no URL.
pub(crate) fn url_path(url: &str) -> Option<String> {
    let (scheme, _) = url.split_once("://")?;
    parse_url_parts(url, Some(scheme)).map(|parts| parts.path)
}

/// A URL, written back as Go's `net/url` does. Without a scheme all of it is a path.
fn parse_url(text: &str, scheme: Option<&str>) -> Result<Parts, GitRefError> {
    parse_url_parts(text, scheme).ok_or(GitRefError::NotGit)
}

fn parse_url_parts(text: &str, scheme: Option<&str>) -> Option<Parts> {
    if text.bytes().any(|byte| byte < 0x20 || byte == 0x7f) {
        return None;
    }
    let (rest, fragment) = text.split_once('#').unwrap_or((text, ""));
    let fragment = percent_decode(fragment, false)?;
    // A lone question mark at the end belongs to the URL.
    let forced = rest.ends_with('?') && rest.matches('?').count() == 1;
    let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (query, _) = parse_query(query);
    let tail = if forced { "?" } else { "" };

    let Some(scheme) = scheme else {
        if rest.split('/').next().is_some_and(|first| first.contains(':')) {
            return None;
        }
        let remote = format!("{}{tail}", written_path(rest)?);
        return Some(Parts {
            remote,
            query,
            fragment,
            ..Parts::default()
        });
    };
    let (_, rest) = rest.split_once("://")?;
    let (authority, path) = rest.find('/').map_or((rest, ""), |slash| rest.split_at(slash));
    let (user, host) = authority
        .rsplit_once('@')
        .map_or((None, authority), |(user, host)| (Some(user), host));
    let host = decoded_host(scheme, host)?;
    let user = match user {
        Some(user) => format!("{}@", written_user(user)?),
        None => String::new(),
    };
    Some(Parts {
        remote: format!(
            "{scheme}://{user}{}{}{tail}",
            written_host(&host),
            written_path(path)?
        ),
        host,
        path: percent_decode(path, false)?,
        ssh: scheme == "ssh",
        query,
        fragment,
    })
}

/// `name:password`, each with its unusual characters escaped.
fn written_user(user: &str) -> Option<String> {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b"-._~$&+,;=".contains(&b);
    let valid = |b: u8| b.is_ascii_alphanumeric() || b"-._:~!$&'()*+,;=%@".contains(&b);
    if !user.bytes().all(valid) {
        return None;
    }
    match user.split_once(':') {
        None => Some(percent_encode(&percent_decode(user, false)?, allowed)),
        Some((name, password)) => {
            let name = percent_encode(&percent_decode(name, false)?, allowed);
            Some(format!(
                "{name}:{}",
                percent_encode(&percent_decode(password, false)?, allowed)
            ))
        }
    }
}

/// A path as it was written where that is valid, or else escaped anew.
fn written_path(path: &str) -> Option<String> {
    let decoded = percent_decode(path, false)?;
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_.~$&+,/:;=@".contains(&b);
    if path.bytes().all(|b| plain(b) || b"!'()*[]%".contains(&b)) {
        return Some(path.to_owned());
    }
    Some(percent_encode(&decoded, plain))
}

/// A host as it goes into the remote's URL: letters of other scripts are escaped.
fn written_host(host: &str) -> String {
    percent_encode(host, |byte| byte.is_ascii() && byte != b'%')
}

fn percent_encode(text: &str, allowed: impl Fn(u8) -> bool) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if allowed(byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

/// Undoes percent escapes, and `+` for a space where asked. `None` on a malformed escape.
pub(crate) fn percent_decode(text: &str, plus_is_space: bool) -> Option<String> {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        out.push(match byte {
            b'%' => {
                let digits = [bytes.next()?, bytes.next()?];
                let digits = digits
                    .iter()
                    .all(u8::is_ascii_hexdigit)
                    .then(|| std::str::from_utf8(&digits).ok());
                u8::from_str_radix(digits??, 16).ok()?
            }
            b'+' if plus_is_space => b' ',
            other => other,
        });
    }
    Some(String::from_utf8_lossy(&out).into_owned())
}

/// The pairs of a query, and whether all of it was well formed; pairs that are not are left out.
fn parse_query(query: &str) -> (BTreeMap<String, Vec<String>>, bool) {
    let mut pairs: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut clean = true;
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        match (percent_decode(key, true), percent_decode(value, true)) {
            (Some(key), Some(value)) if !pair.contains(';') => pairs.entry(key).or_default().push(value),
            _ => clean = false,
        }
    }
    (pairs, clean)
}

/// The folder without leading slash, `.` and `..`; it can't lead out of the repository.
fn clean_subdir(subdir: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in subdir.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
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
