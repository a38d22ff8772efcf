//! The platform that this program is built for: what a platform without architecture means.

use buildkit_llb::Platform;

/// `linux/amd64` and the like; known at compile time, so no look at the machine is taken.
#[must_use]
pub fn platform() -> Platform {
    let architecture = match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        "x86" => "386",
        other => other,
    };
    Platform::new("linux", architecture)
}
