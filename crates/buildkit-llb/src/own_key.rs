//! What of an operation is in a cache key.

use prost::Message;

use crate::{Digest, proto};

/// The digest of an operation without what it works on: equal for two that do the same to whatever they are given.
///
/// As in BuildKit's cache keys, the proxies of a command and the addresses of its further hosts do not count.
///
/// ```
/// use llb_graph::{MarshalOptions, image, own_key, shell};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let key = |base: &str| -> Result<_, Box<dyn std::error::Error>> {
///     let definition = image(base).run(shell("make")).root().marshal(&MarshalOptions::default())?;
///     let (_, op) = definition.named_ops().nth(1).ok_or("no command")??;
///     Ok(own_key(op))
/// };
/// assert_eq!(key("alpine")?, key("busybox")?);
/// # Ok(())
/// # }
/// ```
#[must_use]
pub fn own_key(mut op: proto::Op) -> Digest {
    for input in &mut op.inputs {
        input.digest.clear();
    }
    if let Some(proto::op::Op::Exec(exec)) = &mut op.op
        && let Some(meta) = &mut exec.meta
    {
        meta.proxy_env = None;
        for host in &mut meta.extra_hosts {
            host.ip.clear();
        }
    }
    Digest::of(&op.encode_to_vec())
}
