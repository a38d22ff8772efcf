//! The rules `light/…`.

use crate::rule::{Rule, RuleDoc};

/// In alphabetical order.
pub(super) const RULES: &[&Rule] = &[];

/// In the same order.
pub(super) const DOCS: &[&RuleDoc] = &[];
