//! `ENV`

/// A pair of `ENV` or `LABEL`. Quotes and escapes are kept: expansion removes them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KeyValue {
    /// The key, never blank, not expanded.
    pub key: String,
    /// The value, not expanded.
    pub value: String,
    /// Whether a space stands between key and value (`ENV key value`, the old form) instead of `=`.
    pub legacy: bool,
}
