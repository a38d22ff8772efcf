//! `HEALTHCHECK`

/// `HEALTHCHECK NONE` or `HEALTHCHECK [flags] CMD command`: the values for the image's config.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Healthcheck {
    /// `NONE`, or `CMD` and words, or `CMD-SHELL` and a text for the shell.
    pub test: Vec<String>,
    /// `--interval` in nanoseconds, 0 when not given.
    pub interval: i64,
    /// `--timeout` in nanoseconds, 0 when not given.
    pub timeout: i64,
    /// `--start-period` in nanoseconds, 0 when not given.
    pub start_period: i64,
    /// `--start-interval` in nanoseconds, 0 when not given.
    pub start_interval: i64,
    /// `--retries`, 0 when not given.
    pub retries: i32,
}
