//! What is said of a definition as a whole.

use crate::Platform;

/// What a whole definition is made for.
#[derive(Clone, Debug)]
pub struct MarshalOptions {
    /// The platform of vertices that have none of their own.
    pub platform: Platform,
    /// What tells local directories without a session apart from those of other
    /// clients: random for each marshalling, except in tests.
    pub local_unique_id: String,
}

impl Default for MarshalOptions {
    /// For [`Platform::of_this_program`].
    fn default() -> Self {
        Self::new(Platform::of_this_program())
    }
}

impl MarshalOptions {
    /// For a platform.
    pub fn new(platform: Platform) -> Self {
        Self {
            platform,
            local_unique_id: String::new(),
        }
    }

    /// With this id for local directories.
    #[must_use]
    pub fn with_local_unique_id(mut self, id: impl Into<String>) -> Self {
        self.local_unique_id = id.into();
        self
    }
}
