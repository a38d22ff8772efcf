//! Names of images, after the grammar of distribution/reference: `[domain/]path[:tag][@digest]`.

use std::fmt;

const DEFAULT_DOMAIN: &str = "docker.io";
const LEGACY_DOMAIN: &str = "index.docker.io";
const OFFICIAL_PREFIX: &str = "library/";
const MAX_PATH: usize = 255;

/// The tag of a name that has none.
const LATEST: &str = ":latest";

/// The full name of an image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// `[domain/]path[:tag][@digest]`
    text: String,
    /// How long the domain is, without the slash behind it.
    domain: usize,
    /// Where the path ends.
    name: usize,
    /// Where the tag ends.
    tag: usize,
}

/// Why a text is not the name of an image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReferenceError {
    /// It is 64 hexadecimal digits, which would be mistaken for an image id.
    LooksLikeId,
    /// The repository has capital letters; it carries the repository.
    Uppercase(String),
    /// The repository is longer than 255 characters.
    TooLong,
    /// The digest is not one of a known algorithm; it carries the digest.
    Digest(String),
    /// A blob is named by its digest alone; it carries the tag.
    Tag(String),
    /// There is no digest where one is needed.
    NoDigest,
    /// Anything else that does not follow the grammar.
    Format,
}

impl fmt::Display for ReferenceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::LooksLikeId => f.write_str(
                "64 hexadecimal digits are an image id, not a name; write NAME, NAME:TAG or NAME@sha256:DIGEST",
            ),
            Self::Uppercase(name) => write!(
                f,
                "image names are lower case; write `{}` if that is the image you mean",
                name.to_lowercase()
            ),
            Self::TooLong => f.write_str("an image name has at most 255 characters"),
            Self::Digest(digest) => write!(
                f,
                "`{digest}` is not a digest; expected sha256: and 64 lower-case hexadecimal digits"
            ),
            Self::Tag(tag) => write!(f, "a blob has a digest and no tag; leave out `:{tag}`"),
            Self::NoDigest => f.write_str("a digest is needed; write NAME@sha256:DIGEST"),
            Self::Format => f.write_str("not an image name; expected [HOST[:PORT]/]NAME[:TAG][@DIGEST]"),
        }
    }
}

impl std::error::Error for ReferenceError {}

impl Reference {
    /// Reads a name as people write it: `alpine` is `docker.io/library/alpine`.
    ///
    /// # Errors
    /// [`ReferenceError`] where the text is not a name.
    pub fn parse_normalized(text: &str) -> Result<Self, ReferenceError> {
        Parts::read_normalized(text).map(Self::from)
    }

    /// Whether a text is a name that [`Reference::parse_normalized`] reads.
    ///
    /// # Errors
    /// [`ReferenceError`] where it is not.
    pub fn check_normalized(text: &str) -> Result<(), ReferenceError> {
        Parts::read_normalized(text).map(drop)
    }

    /// Reads a name that must be written in full or have no domain at all (`store@sha256:…`).
    ///
    /// # Errors
    /// [`ReferenceError`] where the text is not a name.
    pub fn parse(text: &str) -> Result<Self, ReferenceError> {
        // The first component is a domain only where a path follows it, so both readings are tried.
        if let Some((domain, rest)) = text.split_once('/')
            && is_domain(domain)
            && let Ok(found) = Parts::read(domain, "", rest)
        {
            return Ok(found.into());
        }
        Parts::read("", "", text).map(Self::from)
    }

    /// The same with the tag `latest` where it has neither tag nor digest.
    #[must_use]
    pub fn or_latest(mut self) -> Self {
        if self.name == self.text.len() {
            self.text.push_str(LATEST);
            self.tag = self.text.len();
        }
        self
    }

    /// The same where it is pinned.
    ///
    /// # Errors
    /// [`ReferenceError::NoDigest`] where it is not.
    pub fn pinned(self) -> Result<Self, ReferenceError> {
        if self.digest().is_none() {
            return Err(ReferenceError::NoDigest);
        }
        Ok(self)
    }

    /// The tag, where there is one.
    #[must_use]
    pub fn tag(&self) -> Option<&str> {
        self.text[self.name..self.tag].strip_prefix(':')
    }

    /// The same pinned to `digest`.
    ///
    /// # Errors
    /// [`ReferenceError::Digest`] where that is not a digest.
    pub fn with_digest(mut self, digest: &str) -> Result<Self, ReferenceError> {
        if !is_reference_digest(digest) {
            return Err(ReferenceError::Digest(digest.to_owned()));
        }
        self.text.truncate(self.tag);
        self.text.push('@');
        self.text.push_str(digest);
        Ok(self)
    }

    /// Domain and path, without tag and digest.
    #[must_use]
    pub fn name(&self) -> String {
        self.text[..self.name].to_owned()
    }

    /// The digest, where the name is pinned.
    #[must_use]
    pub fn digest(&self) -> Option<&str> {
        self.text[self.tag..].strip_prefix('@')
    }

    /// The short form that people write: without `docker.io/` and `library/`.
    #[must_use]
    pub fn familiar(&self) -> String {
        let mut start = 0;
        if self.text[..self.domain] == *DEFAULT_DOMAIN {
            start = self.domain + 1;
            let path = &self.text[start..self.name];
            if path
                .strip_prefix(OFFICIAL_PREFIX)
                .is_some_and(|rest| !rest.contains('/'))
            {
                start += OFFICIAL_PREFIX.len();
            }
        }
        self.text[start..].to_owned()
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// A name in its parts.
struct Parts<'t> {
    domain: &'t str,
    /// What the path begins with beside what is written.
    prefix: &'static str,
    path: &'t str,
    tag: Option<&'t str>,
    digest: Option<&'t str>,
}

impl<'t> Parts<'t> {
    fn read_normalized(text: &'t str) -> Result<Self, ReferenceError> {
        if text.len() == 64 && text.bytes().all(|b| matches!(b, b'a'..=b'f' | b'0'..=b'9')) {
            return Err(ReferenceError::LooksLikeId);
        }
        let (domain, prefix, remainder) = split_domain(text);
        let remote = remainder.split(':').next().unwrap_or_default();
        if has_capitals(remote) {
            return Err(ReferenceError::Uppercase(format!("{prefix}{remote}")));
        }
        match Self::read(domain, prefix, remainder) {
            // What can be no host may still begin a path.
            Err(ReferenceError::Format) if !is_domain(domain) => Self::read("", "", text),
            result => result,
        }
    }

    fn read(domain: &'t str, prefix: &'static str, rest: &'t str) -> Result<Self, ReferenceError> {
        let (rest, digest) = match rest.split_once('@') {
            Some((rest, digest)) => (rest, Some(digest)),
            None => (rest, None),
        };
        let (path, tag) = match rest.split_once(':') {
            Some((path, tag)) => (path, Some(tag)),
            None => (rest, None),
        };
        let well_formed = (domain.is_empty() || is_domain(domain))
            && path.split('/').all(is_path_component)
            && tag.is_none_or(is_tag)
            && digest.is_none_or(is_reference_digest);
        if !well_formed {
            return Err(ReferenceError::Format);
        }
        if prefix.len() + path.len() > MAX_PATH {
            return Err(ReferenceError::TooLong);
        }
        if let Some(digest) = digest
            && !is_digest(digest)
        {
            return Err(ReferenceError::Digest(digest.to_owned()));
        }
        Ok(Self {
            domain,
            prefix,
            path,
            tag,
            digest,
        })
    }
}

impl From<Parts<'_>> for Reference {
    fn from(parts: Parts<'_>) -> Self {
        let texts = [
            parts.domain,
            parts.prefix,
            parts.path,
            parts.tag.unwrap_or_default(),
            parts.digest.unwrap_or_default(),
        ];
        // With the three characters that may stand between them.
        let room = texts.map(str::len).iter().sum::<usize>() + 3 + LATEST.len();
        let mut text = String::with_capacity(room);
        if !parts.domain.is_empty() {
            text.push_str(parts.domain);
            text.push('/');
        }
        text.push_str(parts.prefix);
        text.push_str(parts.path);
        let name = text.len();
        if let Some(tag) = parts.tag {
            text.push(':');
            text.push_str(tag);
        }
        let tag = text.len();
        if let Some(digest) = parts.digest {
            text.push('@');
            text.push_str(digest);
        }
        let domain = parts.domain.len();
        Self {
            text,
            domain,
            name,
            tag,
        }
    }
}

/// The domain, what the path begins with beside what is written, and the rest.
fn split_domain(text: &str) -> (&str, &'static str, &str) {
    let Some((first, rest)) = text.split_once('/') else {
        return (DEFAULT_DOMAIN, OFFICIAL_PREFIX, text);
    };
    let (domain, remote) = if first == LEGACY_DOMAIN {
        (DEFAULT_DOMAIN, rest)
    } else if first == "localhost" || first.contains(['.', ':']) || has_capitals(first) {
        (first, rest)
    } else {
        (DEFAULT_DOMAIN, text)
    };
    if domain == DEFAULT_DOMAIN && !remote.contains('/') {
        return (domain, OFFICIAL_PREFIX, remote);
    }
    (domain, "", remote)
}

fn has_capitals(text: &str) -> bool {
    match text.is_ascii() {
        true => text.bytes().any(|byte| byte.is_ascii_uppercase()),
        false => text.to_lowercase() != text,
    }
}

fn is_domain(text: &str) -> bool {
    let (host, port) = if let Some(rest) = text.strip_prefix('[') {
        let Some((address, after)) = rest.split_once(']') else {
            return false;
        };
        if address.is_empty() || !address.bytes().all(|b| b.is_ascii_hexdigit() || b == b':') {
            return false;
        }
        match after.strip_prefix(':') {
            None => return after.is_empty(),
            Some(port) => (None, Some(port)),
        }
    } else {
        match text.split_once(':') {
            None => (Some(text), None),
            Some((host, port)) => (Some(host), Some(port)),
        }
    };
    let is_label = |label: &str| {
        let edge = |b: Option<&u8>| b.is_some_and(u8::is_ascii_alphanumeric);
        let bytes = label.as_bytes();
        edge(bytes.first())
            && edge(bytes.last())
            && bytes.iter().all(|b| b.is_ascii_alphanumeric() || *b == b'-')
    };
    host.is_none_or(|host| host.split('.').all(is_label))
        && port.is_none_or(|port| !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit()))
}

/// Runs of letters and digits, joined by `.`, `_`, `__` or any number of `-`.
fn is_path_component(text: &str) -> bool {
    let is_word = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    let bytes = text.as_bytes();
    let (Some(first), Some(last)) = (bytes.first(), bytes.last()) else {
        return false;
    };
    if !is_word(*first) || !is_word(*last) {
        return false;
    }
    bytes
        .split(|b| is_word(*b))
        .filter(|separator| !separator.is_empty())
        .all(|separator| matches!(separator, b"." | b"_" | b"__") || separator.iter().all(|b| *b == b'-'))
}

fn is_tag(text: &str) -> bool {
    let is_word = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
    let bytes = text.as_bytes();
    bytes.len() <= 128
        && bytes.first().is_some_and(|b| is_word(*b))
        && bytes.iter().all(|b| is_word(*b) || matches!(b, b'.' | b'-'))
}

/// The looser form that the grammar of names allows; [`is_digest`] decides afterwards.
fn is_reference_digest(text: &str) -> bool {
    let Some((algorithm, hex)) = text.split_once(':') else {
        return false;
    };
    let is_algorithm = algorithm.split(['-', '_', '+', '.']).all(|part| {
        part.bytes().next().is_some_and(|b| b.is_ascii_alphabetic())
            && part.bytes().all(|b| b.is_ascii_alphanumeric())
    });
    is_algorithm && hex.len() >= 32 && hex.bytes().all(|b| b.is_ascii_hexdigit())
}

/// Whether `text` is a content digest of an algorithm that BuildKit knows, such as `sha256:…`.
#[must_use]
pub fn is_digest(text: &str) -> bool {
    let Some((algorithm, hex)) = text.split_once(':') else {
        return false;
    };
    let length = match algorithm {
        "sha256" => 64,
        "sha384" => 96,
        "sha512" => 128,
        _ => return false,
    };
    hex.len() == length && hex.bytes().all(|b| matches!(b, b'a'..=b'f' | b'0'..=b'9'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn full(text: &str) -> String {
        match Reference::parse_normalized(text) {
            Ok(reference) => reference.or_latest().to_string(),
            Err(error) => format!("{error:?}"),
        }
    }

    #[test]
    fn names_are_normalised() {
        for (text, expected) in [
            ("alpine", "docker.io/library/alpine:latest"),
            ("alpine:3.20", "docker.io/library/alpine:3.20"),
            ("me/app", "docker.io/me/app:latest"),
            ("index.docker.io/me/app", "docker.io/me/app:latest"),
            ("localhost/app", "localhost/app:latest"),
            ("host:5000/a/b:c", "host:5000/a/b:c"),
            ("[::1]:5000/a", "[::1]:5000/a:latest"),
            ("Foo/bar", "Foo/bar:latest"),
            ("Foo", "Uppercase(\"library/Foo\")"),
            ("a..b", "Format"),
            ("a__b", "docker.io/library/a__b:latest"),
            ("a___b", "Format"),
            ("a---b", "docker.io/library/a---b:latest"),
            ("", "Format"),
            ("a:", "Format"),
            ("a@sha256:abc", "Format"),
            ("a-b.io/c", "a-b.io/c:latest"),
            ("-a.io/c", "Format"),
            ("a-.io/c", "Format"),
            ("a_b.io/c", "a_b.io/c:latest"),
            ("a_b:1/c", "Format"),
        ] {
            assert_eq!(full(text), expected, "{text}");
        }
    }

    #[test]
    fn familiar_names_are_short() {
        for (text, expected) in [
            ("docker.io/library/alpine:latest", "alpine:latest"),
            ("docker.io/me/app", "me/app"),
            ("docker.io/library/a/b", "library/a/b"),
            ("ghcr.io/me/app", "ghcr.io/me/app"),
        ] {
            let reference = Reference::parse_normalized(text).unwrap();
            assert_eq!(reference.familiar(), expected);
        }
    }

    #[test]
    fn names_have_parts() {
        let digest = format!("sha256:{}", "0".repeat(64));
        let tagged = Reference::parse_normalized("me/app:1").unwrap();
        assert_eq!((tagged.tag(), tagged.digest()), (Some("1"), None));
        for name in ["me/app:1", &format!("me/app:1@sha512:{}", "1".repeat(128))] {
            let name = Reference::parse_normalized(name).unwrap();
            let pinned = name.with_digest(&digest).unwrap();
            assert_eq!(
                (pinned.name(), pinned.tag(), pinned.digest()),
                ("docker.io/me/app".to_owned(), Some("1"), Some(&*digest))
            );
            assert_eq!(pinned.to_string(), format!("docker.io/me/app:1@{digest}"));
        }
        let store = Reference::parse(&format!("store@{digest}")).unwrap().or_latest();
        assert_eq!((store.tag(), store.name()), (None, "store".to_owned()));
    }
}
