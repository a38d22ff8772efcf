//! A tmpfs mount: a directory in memory, writable when nothing is said. Takes `size`.

use super::mount::Rules;

pub(super) static RULES: Rules = Rules {
    readonly: false,
    required: false,
    size: true,
    owner: false,
    sharing: false,
    check: |_| Ok(()),
};
