//! The platform that this program is built for: what a platform without architecture means.

use llb_graph::Platform;

/// `linux/amd64` and the like; known at compile time, so no look at the machine is taken.
#[must_use]
pub fn platform() -> Platform {
    Platform::of_this_program()
}
