//! The rules `fast/…`: warm caches and short builds.

mod add_url;
mod apt_update_alone;
mod copy_before_install;
mod early_arg;
mod moving_base;
mod wget_progress;

use crate::rule::{Rule, RuleDoc};

/// In alphabetical order.
pub(super) const RULES: &[&Rule] = &[
    &add_url::RULE,
    &apt_update_alone::RULE,
    &copy_before_install::RULE,
    &early_arg::RULE,
    &moving_base::RULE,
    &wget_progress::RULE,
];

/// In the same order.
pub(super) const DOCS: &[&RuleDoc] = &[
    &add_url::DOC,
    &apt_update_alone::DOC,
    &copy_before_install::DOC,
    &early_arg::DOC,
    &moving_base::DOC,
    &wget_progress::DOC,
];
