//! What the linter gives.

use dockerfile_syntax::LineRange;

/// One finding of the linter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// Name of the rule, such as `StageNameCasing`.
    pub rule: &'static str,
    /// What the rule is about, in a sentence.
    pub description: &'static str,
    /// Page of the rule; empty where it has none.
    pub url: String,
    /// What is wrong here.
    pub message: String,
    /// The lines it is about, first one first; empty where there is no place.
    pub lines: Vec<LineRange>,
}
