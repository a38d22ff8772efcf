//! A cache mount: a directory that outlives the build, writable when nothing is said. Takes `sharing`, `mode`, `uid`, `gid`.

use super::mount::Rules;

pub(super) static RULES: Rules = Rules {
    readonly: false,
    required: false,
    size: false,
    owner: true,
    sharing: true,
    check: |_| Ok(()),
};
