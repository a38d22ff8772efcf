//! An ssh mount: the socket of an agent. Takes `required`, `mode`, `uid`, `gid`.

use super::mount::Rules;

pub(super) static RULES: Rules = Rules {
    readonly: true,
    required: true,
    size: false,
    owner: true,
    sharing: false,
    check: |_| Ok(()),
};
