//! The rules `sure/…`: the same result tomorrow as today.

mod add_file;
mod cd;
mod copy_relative;
mod heredoc_errexit;
mod images;
mod latest_image;
mod pipefail;
mod shell_entrypoint;
mod untagged_image;
mod unused_stage;

use crate::rule::{Rule, RuleDoc};

/// In alphabetical order.
pub(super) const RULES: &[&Rule] = &[
    &add_file::RULE,
    &cd::RULE,
    &copy_relative::RULE,
    &heredoc_errexit::RULE,
    &latest_image::RULE,
    &pipefail::RULE,
    &shell_entrypoint::RULE,
    &untagged_image::RULE,
    &unused_stage::RULE,
];

/// In the same order.
pub(super) const DOCS: &[&RuleDoc] = &[
    &add_file::DOC,
    &cd::DOC,
    &copy_relative::DOC,
    &heredoc_errexit::DOC,
    &latest_image::DOC,
    &pipefail::DOC,
    &shell_entrypoint::DOC,
    &untagged_image::DOC,
    &unused_stage::DOC,
];
