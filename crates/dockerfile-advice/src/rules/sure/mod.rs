//! The rules `sure/…`: the same result tomorrow as today.

mod add_file;
mod apt;
mod cd;
mod copy_relative;
mod heredoc_errexit;
mod images;
mod label_key;
mod label_value;
mod late_comment;
mod latest_image;
mod near_stage;
mod pipefail;
mod pointless;
mod shell_entrypoint;
mod shell_link;
mod untagged_image;
mod unused_stage;
mod upgrade;
mod versions;
mod yes;

use crate::rule::{Rule, RuleDoc};

/// The package managers of distributions.
const SYSTEM: [&str; 7] = ["apk", "apt", "dnf", "microdnf", "pacman", "yum", "zypper"];

/// In alphabetical order.
pub(super) const RULES: &[&Rule] = &[
    &add_file::RULE,
    &versions::APK_RULE,
    &apt::RULE,
    &versions::APT_RULE,
    &versions::CARGO_RULE,
    &cd::RULE,
    &copy_relative::RULE,
    &versions::DNF_RULE,
    &versions::GEM_RULE,
    &versions::GO_RULE,
    &heredoc_errexit::RULE,
    &label_key::RULE,
    &label_value::RULE,
    &late_comment::RULE,
    &latest_image::RULE,
    &near_stage::RULE,
    &versions::NPM_RULE,
    &versions::PIP_RULE,
    &pipefail::RULE,
    &pointless::RULE,
    &shell_entrypoint::RULE,
    &shell_link::RULE,
    &untagged_image::RULE,
    &unused_stage::RULE,
    &upgrade::RULE,
    &yes::RULE,
    &versions::YUM_RULE,
    &versions::ZYPPER_RULE,
];

/// In the same order.
pub(super) const DOCS: &[&RuleDoc] = &[
    &add_file::DOC,
    &versions::APK_DOC,
    &apt::DOC,
    &versions::APT_DOC,
    &versions::CARGO_DOC,
    &cd::DOC,
    &copy_relative::DOC,
    &versions::DNF_DOC,
    &versions::GEM_DOC,
    &versions::GO_DOC,
    &heredoc_errexit::DOC,
    &label_key::DOC,
    &label_value::DOC,
    &late_comment::DOC,
    &latest_image::DOC,
    &near_stage::DOC,
    &versions::NPM_DOC,
    &versions::PIP_DOC,
    &pipefail::DOC,
    &pointless::DOC,
    &shell_entrypoint::DOC,
    &shell_link::DOC,
    &untagged_image::DOC,
    &unused_stage::DOC,
    &upgrade::DOC,
    &yes::DOC,
    &versions::YUM_DOC,
    &versions::ZYPPER_DOC,
];
