//! A secret mount: a secret as a file, or as a variable (`env`). Takes `required`, `mode`, `uid`, `gid`, and never `from`.
//!
//! Its name is `id`, or `source` for the same, or else the last part of `target`.

use super::mount::{Mount, MountError, MountKind, Rules};

pub(super) static RULES: Rules = Rules {
    readonly: true,
    required: true,
    size: false,
    owner: true,
    sharing: false,
    check,
};

fn check(mount: &Mount<'_>) -> Result<(), MountError> {
    if !mount.from.is_empty() {
        return Err(MountError::KeyNotForType {
            key: "from".to_owned(),
            kind: MountKind::Secret,
        });
    }
    if mount.source.is_empty() && mount.target.is_empty() && mount.id.is_empty() {
        return Err(MountError::SecretUnnamed);
    }
    if !mount.source.is_empty() && !mount.id.is_empty() {
        return Err(MountError::SecretNamedTwice);
    }
    Ok(())
}
