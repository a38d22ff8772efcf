//! Image names as a registry wants them.

/// The registry of names that say none; the only one that adds `library/` to a name of one word.
const DOCKER_HUB: &str = "docker.io";

/// A repository and tag within one registry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// The repository, such as `library/alpine`.
    pub repository: String,
    /// The tag; `latest` when the name has none.
    pub tag: String,
}

impl Reference {
    /// Reads a name such as `alpine`, `golang:1.19` or `registry.example/plimsoll:1` and leaves its registry out.
    pub fn parse(name: &str) -> Self {
        let (registry, path) = match name.split_once('/') {
            Some((first, rest)) if first.contains(['.', ':']) || first == "localhost" => (first, rest),
            _ => (DOCKER_HUB, name),
        };
        let (repository, tag) = match path.rsplit_once(':') {
            Some((repository, tag)) if !tag.contains('/') => (repository, tag),
            _ => (path, "latest"),
        };
        let repository = if registry == DOCKER_HUB && !repository.contains('/') {
            format!("library/{repository}")
        } else {
            repository.to_owned()
        };
        Self {
            repository,
            tag: tag.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Reference;

    #[test]
    fn names_lose_their_registry() {
        for (name, repository, tag) in [
            ("alpine", "library/alpine", "latest"),
            ("golang:1.19", "library/golang", "1.19"),
            ("docker.io/team/tool:1", "team/tool", "1"),
            ("registry.example/plimsoll:1", "plimsoll", "1"),
            ("docker.io/library/python:3-slim", "library/python", "3-slim"),
            ("127.0.0.1:5000/a/b", "a/b", "latest"),
        ] {
            let expected = Reference {
                repository: repository.into(),
                tag: tag.into(),
            };
            assert_eq!(Reference::parse(name), expected, "{name}");
        }
    }
}
