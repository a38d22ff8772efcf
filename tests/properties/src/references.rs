//! Names of images, git repositories and platforms.

use dockerfile_compile::{GitRef, Reference, host};
use llb_graph::Platform;

use crate::bounds;

/// A name written again is the same name, in its full and in its familiar form.
pub fn references(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    image(&text);
    git(&text);
    platform(&text);
}

fn image(text: &str) {
    let _ = Reference::parse(text);
    let Ok(name) = Reference::parse_normalized(text) else {
        return;
    };
    let full = name.to_string();
    bounds::check("a name", full.len(), text.len(), 1);
    assert_eq!(Reference::parse_normalized(&full).as_ref(), Ok(&name), "{full}");
    assert_eq!(Reference::parse(&full).as_ref(), Ok(&name), "{full}");
    let familiar = name.familiar();
    // A folder that looks like a host is one where its own host is left out.
    let looks_like_host = |first: &str| first.contains(['.', ':']) || first == "localhost";
    if full == familiar
        || !familiar
            .split_once('/')
            .is_some_and(|(first, _)| looks_like_host(first))
    {
        let again = Reference::parse_normalized(&familiar);
        assert_eq!(again.as_ref(), Ok(&name), "{familiar}");
    }
    let latest = name.clone().or_latest();
    assert_eq!(latest.clone().or_latest(), latest);
    assert!(name.digest().is_some() || latest.to_string().starts_with(&full));
}

fn git(text: &str) {
    let found = GitRef::parse(text);
    assert_eq!(found, GitRef::parse(text), "read twice");
    let Ok(git) = found else { return };
    bounds::check(
        "a repository",
        bounds::size(&git),
        text.len(),
        bounds::SMALL_TIMES,
    );
    let again = GitRef::parse(&git.remote).map(|again| again.remote);
    assert_eq!(again.as_ref(), Ok(&git.remote), "{text}");
    let outside = git.subdir.split('/').any(|part| part == "..");
    assert!(!outside, "{} leads out of the repository", git.subdir);
}

fn platform(text: &str) {
    let host = host::platform();
    let found = Platform::parse(text, &host);
    assert_eq!(found, Platform::parse(text, &host), "read twice");
    let Ok(platform) = found else { return };
    let normal = platform.normalize();
    assert_eq!(normal.normalize(), normal, "{text}");
    let written = normal.format_all();
    bounds::check("a platform", written.len(), text.len(), bounds::SMALL_TIMES);
    // It is written as a path, where these go away.
    let parts = [&normal.os, &normal.architecture, &normal.variant];
    // A version or a feature may be an escape for what can't be written.
    if written.contains('(') || parts.iter().any(|part| matches!(part.as_str(), "." | "..")) {
        return;
    }
    let again = Platform::parse(&written, &host).map(|again| again.normalize());
    assert_eq!(again.as_ref(), Ok(&normal), "{written}");
}
