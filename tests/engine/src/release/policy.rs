//! Source policies: what a client passes so that BuildKit takes another image than the Dockerfile names.

use serde_json::{Value, json};

/// What most Dockerfiles name in their `# syntax=` line: the reference, in any version but the `labs` ones, whose language has more.
const REFERENCE: &str = r"^docker-image://docker\.io/docker/dockerfile:(latest|1(\.[0-9]+)*)(@.*)?$";

/// Whatever version of `image` is asked for, takes the one of this digest. `image` has a tag.
pub fn pin(image: &str, digest: &str) -> Value {
    convert(&any_version(image), "WILDCARD", &format!("{image}@{digest}"))
}

/// Where a Dockerfile names the reference, takes `image` by its digest.
pub fn changeover(image: &str, digest: &str) -> Value {
    convert(REFERENCE, "REGEX", &format!("{image}@{digest}"))
}

/// Where a Dockerfile names `image`, takes the reference.
pub fn back(image: &str) -> Value {
    convert(&any_version(image), "WILDCARD", "docker.io/docker/dockerfile:1")
}

/// A policy for buildx that lets no frontend but this one through.
pub fn rego(image: &str, digest: &str) -> String {
    include_str!("policy.rego")
        .replace("@REPOSITORY", repository(image))
        .replace("@DIGEST", digest)
        .replace("@IMAGE", image)
}

/// An image's name without its tag.
pub fn repository(image: &str) -> &str {
    match image.rsplit_once(':') {
        Some((name, tag)) if !tag.contains('/') => name,
        _ => image,
    }
}

fn any_version(image: &str) -> String {
    format!("docker-image://{}:*", repository(image))
}

fn convert(from: &str, match_type: &str, to: &str) -> Value {
    json!({"rules": [{
        "action": "CONVERT",
        "selector": {"identifier": from, "match_type": match_type},
        "updates": {"identifier": format!("docker-image://{to}")},
    }]})
}
