//! The platforms that a build is for, and those it runs on.

use llb_graph::Platform;

use super::Environment;
use super::keys::Options;
use super::value::{malformed, parse_bool};

/// Which results a build has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Targets {
    /// Requested platforms, normalised, in the order asked for; none means that the base image decides.
    pub platforms: Vec<Platform>,
    /// Whether the result is keyed by platform.
    pub keyed: bool,
}

/// `platform` and `multi-platform`, which a build-arg of the same meaning overrides.
pub(super) fn parse_targets(options: Options<'_>) -> Result<Targets, String> {
    let platforms = match options.get("platform") {
        "" => Vec::new(),
        list => list
            .split(',')
            .map(|one| parse_platform("platform", one))
            .collect::<Result<_, _>>()?,
    };
    let several = platforms.len() > 1;
    let (key, value) = match options.get("build-arg:BUILDKIT_MULTI_PLATFORM") {
        "" => ("multi-platform", options.get("multi-platform")),
        value => ("build-arg:BUILDKIT_MULTI_PLATFORM", value),
    };
    let keyed = match value {
        "" => several,
        value => parse_bool(value).ok_or_else(|| malformed(key, value, "true or false"))?,
    };
    if several && !keyed {
        return Err(format!(
            "option `{key}` is `{value}`, but `platform` names {} platforms: leave one of the two options out",
            platforms.len()
        ));
    }
    Ok(Targets { platforms, keyed })
}

fn parse_platform(key: &str, text: &str) -> Result<Platform, String> {
    let platform = Platform::parse(text, &own()).map_err(|error| {
        format!(
            "{}: {error}",
            malformed(key, text, "OS/ARCHITECTURE[/VARIANT], such as linux/arm64")
        )
    })?;
    Ok(platform.normalize())
}

/// The platforms that run natively: those of the first worker, or else this program's own.
pub(super) fn build_platforms(environment: &Environment) -> Vec<Platform> {
    let first = environment
        .workers
        .first()
        .and_then(|platforms| platforms.first());
    vec![first.cloned().unwrap_or_else(own)]
}

/// The platform that this program was built for, normalised.
#[must_use]
pub fn own() -> Platform {
    of_rust(std::env::consts::OS, std::env::consts::ARCH)
}

/// The platform of an operating system and an architecture that are named as in Rust.
fn of_rust(os: &str, architecture: &str) -> Platform {
    let (architecture, variant) = match architecture {
        "x86_64" => ("amd64", ""),
        "aarch64" => ("arm64", ""),
        "x86" => ("386", ""),
        "arm" => ("arm", "v7"),
        "powerpc64" => ("ppc64le", ""),
        other => (other, ""),
    };
    Platform {
        os: os.to_owned(),
        architecture: architecture.to_owned(),
        variant: variant.to_owned(),
        ..Platform::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn platforms_are_named_as_in_go() {
        for (architecture, platform) in [
            ("x86_64", "linux/amd64"),
            ("aarch64", "linux/arm64"),
            ("x86", "linux/386"),
            ("arm", "linux/arm/v7"),
            ("powerpc64", "linux/ppc64le"),
            ("s390x", "linux/s390x"),
            ("riscv64", "linux/riscv64"),
        ] {
            assert_eq!(of_rust("linux", architecture).format_all(), platform);
        }
    }
}
