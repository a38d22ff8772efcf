//! What a download or repository is now: it is fetched, or the installed git is asked.

use std::process::{Command, Stdio};

use dockerfile_compile::PinRequest;
use dockerfile_compile::lock::{SourceKind, is_commit};
use dockerfile_compile::view::safe_text;
use sha2::{Digest, Sha256};

use crate::images::{PATIENCE, can_encrypt, provide_encryption, with_causes};

/// The attribute with the URL of a repository.
const GIT_URL: &str = "git.fullurl";

/// The checksum or commit, or why it can't be found out here.
pub(crate) fn ask(request: &PinRequest) -> Result<String, String> {
    let found = match request.kind {
        SourceKind::Git => git(request),
        SourceKind::Http | SourceKind::Image => download(&request.identifier),
    };
    found.map_err(|why| safe_text(&why).into_owned())
}

/// The checksum of what a server sends.
fn download(url: &str) -> Result<String, String> {
    if url.starts_with("https://") && !can_encrypt() {
        return Err(
            "this processor is too old for the encryption that servers are spoken to with".to_owned(),
        );
    }
    provide_encryption();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| format!("can't fetch it: {error}"))?;
    runtime
        .block_on(fetch(url))
        .map_err(|error| with_causes(error.to_string(), &error))
}

async fn fetch(url: &str) -> Result<String, reqwest::Error> {
    let client = reqwest::Client::builder()
        .connect_timeout(PATIENCE)
        .read_timeout(PATIENCE)
        .user_agent(concat!("plimsoll/", env!("CARGO_PKG_VERSION")))
        .build()?;
    let mut response = client.get(url).send().await?.error_for_status()?;
    let mut hash = Sha256::new();
    while let Some(chunk) = response.chunk().await? {
        hash.update(&chunk);
    }
    let hex = hash
        .finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect::<String>();
    Ok(format!("sha256:{hex}"))
}

/// The commit that the reference of a repository is at, by the rules of BuildKit: a full name, a branch, a tag.
fn git(request: &PinRequest) -> Result<String, String> {
    let (_, fragment) = request.identifier.split_once('#').unwrap_or_default();
    let reference = fragment.split(':').next().unwrap_or_default();
    let reference = if reference.is_empty() { "HEAD" } else { reference };
    let url = request
        .attrs
        .get(GIT_URL)
        .map_or(request.identifier.as_str(), String::as_str);
    let asked = Command::new("git")
        .args(["ls-remote", "--", url, reference, &format!("{reference}^{{}}")])
        .env("GIT_TERMINAL_PROMPT", "0")
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("can't run git, which knows: {error}"))?;
    if !asked.status.success() {
        let said = String::from_utf8_lossy(&asked.stderr);
        return Err(format!("git ls-remote: {}", said.trim()));
    }
    let listed = String::from_utf8_lossy(&asked.stdout);
    commit(&listed, reference)
        .map(str::to_owned)
        .ok_or_else(|| format!("the repository has no `{reference}`"))
}

/// The commit in a list of `git ls-remote`. An annotated tag is an object of its own; what it names stands on a line of
/// its own.
fn commit<'l>(listed: &'l str, reference: &str) -> Option<&'l str> {
    let named = |name: &str| {
        let mut lines = listed.lines().filter_map(|line| line.split_once('\t'));
        let found = lines.find(|(_, of)| *of == name);
        found.map(|(commit, _)| commit).filter(|commit| is_commit(commit))
    };
    let prefixes = match reference {
        "HEAD" => &[""][..],
        _ => &["refs/", "refs/heads/", "refs/tags/"],
    };
    prefixes.iter().find_map(|prefix| {
        let short = reference.strip_prefix(prefix).unwrap_or(reference);
        let full = format!("{prefix}{short}");
        named(&format!("{full}^{{}}")).or_else(|| named(&full))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references() {
        let of = |digit: &str| digit.repeat(40);
        let listed = format!(
            "{}\tHEAD\n{}\trefs/heads/main\n{}\trefs/tags/main\n{}\trefs/tags/v1\n{}\trefs/tags/v1^{{}}\nshort\trefs/tags/v2\n{}\trefs/pull/1/head\n",
            of("1"),
            of("2"),
            of("3"),
            of("4"),
            of("5"),
            of("6"),
        );
        for (reference, digit) in [
            ("HEAD", Some("1")),
            ("main", Some("2")),
            ("refs/heads/main", Some("2")),
            ("refs/tags/main", Some("3")),
            ("v1", Some("5")),
            ("refs/tags/v1", Some("5")),
            ("v2", None),
            ("pull/1/head", Some("6")),
            ("refs/pull/1/head", Some("6")),
            ("other", None),
        ] {
            let found = commit(&listed, reference).map(str::to_owned);
            assert_eq!(found, digit.map(of), "{reference}");
        }
    }
}
