//! URLs of repositories, taken apart and written back as Go's `net/url` does.

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt;

use super::url_host::{decoded_host, percent_decode};
use crate::GitRemote;

/// A URL in the parts that matter here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RemoteUrl {
    /// In lower case; empty for a path.
    pub scheme: String,
    /// The URL without query and fragment, with host and path. The path has its percent escapes undone.
    pub remote: GitRemote,
    /// The values of each key of the query.
    pub query: BTreeMap<String, Vec<String>>,
    /// What is behind `#`.
    pub fragment: String,
}

/// A text that names no repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GitRemoteError(String);

impl fmt::Display for GitRemoteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "`{}` is no git repository; expected https://HOST/PATH, ssh://USER@HOST/PATH, git://HOST/PATH or USER@HOST:PATH",
            self.0
        )
    }
}

impl Error for GitRemoteError {}

impl GitRemote {
    /// Where the repository of a URL is: `https://HOST/PATH`, `git@HOST:PATH`, or `HOST/PATH` for HTTPS. A query and a
    /// fragment are left out.
    ///
    /// ```
    /// use llb_graph::GitRemote;
    ///
    /// let remote = GitRemote::parse("git@github.com:moby/buildkit.git")?;
    /// assert_eq!((remote.host.as_str(), remote.ssh), ("github.com", true));
    /// assert_eq!(GitRemote::parse("github.com/moby/buildkit")?.url, "https://github.com/moby/buildkit");
    /// # Ok::<(), llb_graph::source::url::GitRemoteError>(())
    /// ```
    ///
    /// # Errors
    /// [`GitRemoteError`] where the text is none of these.
    pub fn parse(text: &str) -> Result<Self, GitRemoteError> {
        let url = if has_scheme(text) {
            RemoteUrl::parse(text)
                .filter(|url| matches!(url.scheme.as_str(), "http" | "https" | "ssh" | "git"))
        } else {
            RemoteUrl::parse_scp(text).or_else(|| RemoteUrl::parse(&format!("https://{text}")))
        };
        let is_whole =
            |url: &RemoteUrl| !url.remote.host.is_empty() && !url.remote.path.trim_matches('/').is_empty();
        url.filter(is_whole)
            .map(|url| url.remote)
            .ok_or_else(|| GitRemoteError(text.to_owned()))
    }
}

/// Whether a text begins as a URL does, such as with `https://`.
#[must_use]
pub fn has_scheme(text: &str) -> bool {
    let scheme = text.split_once("://");
    scheme.is_some_and(|(scheme, _)| is_word(scheme, ""))
}

impl RemoteUrl {
    /// A URL with a scheme; `None` where it is none.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (scheme, _) = text.split_once("://")?;
        parse_parts(text, Some(&scheme.to_ascii_lowercase()))
    }

    /// What has neither scheme nor host, but may have a query and a fragment.
    #[must_use]
    pub fn parse_path(text: &str) -> Option<Self> {
        parse_parts(text, None)
    }

    /// `user@host:path?query#fragment`, as scp writes it.
    #[must_use]
    pub fn parse_scp(text: &str) -> Option<Self> {
        let (user, rest) = text.split_once('@')?;
        let (host, rest) = rest.split_once(':')?;
        if !is_word(user, "-_") || !is_word(host, "-.") || rest.contains('\n') {
            return None;
        }
        let (rest, fragment) = rest.split_once('#').unwrap_or((rest, ""));
        let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (query, clean) = parse_query(query);
        clean.then(|| Self {
            scheme: "ssh".to_owned(),
            remote: GitRemote {
                url: format!("{user}@{host}:{path}"),
                host: host.to_owned(),
                path: path.to_owned(),
                ssh: true,
            },
            query,
            fragment: fragment.to_owned(),
        })
    }
}

/// Whether it consists of ASCII letters, digits and `extra`, at least one of them.
fn is_word(text: &str, extra: &str) -> bool {
    !text.is_empty()
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || extra.contains(c))
}

/// A URL. Without a scheme all of it is a path.
fn parse_parts(text: &str, scheme: Option<&str>) -> Option<RemoteUrl> {
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
        return Some(RemoteUrl {
            scheme: String::new(),
            remote: GitRemote {
                url: format!("{}{tail}", written_path(rest)?),
                ..GitRemote::default()
            },
            query,
            fragment,
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
    Some(RemoteUrl {
        scheme: scheme.to_owned(),
        remote: GitRemote {
            url: format!(
                "{scheme}://{user}{}{}{tail}",
                written_host(&host),
                written_path(path)?
            ),
            host,
            path: percent_decode(path, false)?,
            ssh: scheme == "ssh",
        },
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

#[cfg(test)]
mod tests {
    use crate::GitRemote;

    #[test]
    fn what_names_a_repository() {
        for (text, url) in [
            (
                "https://github.com/a/b.git#main:docs",
                "https://github.com/a/b.git",
            ),
            ("HTTP://u:p@host:80/a b?x=y", "http://u:p@host:80/a%20b"),
            ("ssh://git@host/~/a", "ssh://git@host/~/a"),
            ("git://host/a", "git://host/a"),
            ("git@host:a/b.git#main", "git@host:a/b.git"),
            ("host/a", "https://host/a"),
        ] {
            assert_eq!(GitRemote::parse(text).map(|remote| remote.url).unwrap(), url);
        }
        for text in [
            "",
            "a",
            "https://host",
            "https:///a",
            "ftp://host/a",
            "ht tp://host/a",
            "a b/c",
        ] {
            let error = GitRemote::parse(text).unwrap_err().to_string();
            assert!(error.starts_with(&format!("`{text}` is no git repository; expected https://")));
        }
    }
}
