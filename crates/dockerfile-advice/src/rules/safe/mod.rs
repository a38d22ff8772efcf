//! The rules `safe/…`: secrets, users and downloads.

mod insecure;
mod root_user;
mod sudo;

use crate::rule::{Rule, RuleDoc};

/// In alphabetical order.
pub(super) const RULES: &[&Rule] = &[&insecure::RULE, &root_user::RULE, &sudo::RULE];

/// In the same order.
pub(super) const DOCS: &[&RuleDoc] = &[&insecure::DOC, &root_user::DOC, &sudo::DOC];
