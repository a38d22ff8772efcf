//! What a client asks a frontend to be able to do (`frontend.caps`).

/// What this frontend can do; the image's label lists the same.
pub const FRONTEND_CAPS: [&str; 5] = [
    "moby.buildkit.frontend.inputs",
    "moby.buildkit.frontend.subrequests",
    "moby.buildkit.frontend.contexts",
    "moby.buildkit.frontend.gitquerystring",
    "moby.buildkit.frontend.contexts.zstd",
];

/// A feature that the client needs of its frontend and that this one lacks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MissingCap {
    /// Name of the feature.
    pub name: String,
    /// Whether a frontend that the Dockerfile names may have it instead.
    pub may_forward: bool,
}

/// Reads the list, each with `+forward` where another frontend may do it; gives the feature that is lacking.
pub(super) fn parse_missing(value: &str) -> Option<MissingCap> {
    let mut missing = None;
    for cap in value.split(',').filter(|cap| !cap.is_empty()) {
        let (name, suffix) = cap.split_once('+').unwrap_or((cap, ""));
        if FRONTEND_CAPS.contains(&name) {
            continue;
        }
        let may_forward = suffix.starts_with("forward") || suffix.contains("+forward");
        missing = Some(MissingCap {
            name: name.to_owned(),
            may_forward,
        });
        if !may_forward {
            return missing;
        }
    }
    missing
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists() {
        assert_eq!(parse_missing(""), None);
        assert_eq!(parse_missing(&FRONTEND_CAPS.join(",")), None);
        let forwardable = parse_missing("a+forward,moby.buildkit.frontend.inputs").unwrap();
        assert_eq!((forwardable.name.as_str(), forwardable.may_forward), ("a", true));
        let fatal = parse_missing("a+forward,b,c").unwrap();
        assert_eq!((fatal.name.as_str(), fatal.may_forward), ("b", false));
    }
}
