//! The rules `safe/…`: secrets, users and downloads.

mod downloads;
mod insecure;
mod pipe_to_shell;
mod plain_http;
mod root_user;
mod secret_file;
mod secret_url;
mod secret_variable;
mod ssh_key;
mod sudo;
mod unchecked_download;
mod user_number;
mod world_writable;

use crate::rule::{Rule, RuleDoc};

/// In alphabetical order.
pub(super) const RULES: &[&Rule] = &[
    &insecure::RULE,
    &pipe_to_shell::RULE,
    &plain_http::RULE,
    &root_user::RULE,
    &secret_file::RULE,
    &secret_url::RULE,
    &secret_variable::RULE,
    &ssh_key::RULE,
    &sudo::RULE,
    &unchecked_download::RULE,
    &user_number::RULE,
    &world_writable::RULE,
];

/// In the same order.
pub(super) const DOCS: &[&RuleDoc] = &[
    &insecure::DOC,
    &pipe_to_shell::DOC,
    &plain_http::DOC,
    &root_user::DOC,
    &secret_file::DOC,
    &secret_url::DOC,
    &secret_variable::DOC,
    &ssh_key::DOC,
    &sudo::DOC,
    &unchecked_download::DOC,
    &user_number::DOC,
    &world_writable::DOC,
];
