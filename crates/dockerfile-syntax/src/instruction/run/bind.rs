//! A bind mount: files of the context, of a stage or an image (`from`), read-only when nothing is said.

use super::mount::Rules;

pub(super) static RULES: Rules = Rules {
    readonly: true,
    required: false,
    size: false,
    owner: false,
    sharing: false,
    check: |_| Ok(()),
};
