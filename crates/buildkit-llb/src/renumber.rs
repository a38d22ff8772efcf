//! Inputs that turn out to be the same.

use prost::Message;

use crate::{Digest, proto};

/// The op with each of its inputs once, where two of them have one name: which ones do shows only when their digests are
/// known. `None` where none do.
///
/// Merges, diffs, builds and passthroughs list their inputs as they come.
pub(crate) fn renumbered(names: &[(Digest, u32)], platform: &[u8], body: &[u8]) -> Option<Vec<u8>> {
    let is_repeated = |(at, name): (usize, &(Digest, u32))| names[..at].contains(name);
    if !names.iter().enumerate().any(is_repeated) {
        return None;
    }
    let bytes = [platform, body].concat();
    let mut op = proto::Op::decode(bytes.as_slice()).ok()?;
    let mut kept: Vec<(Digest, u32)> = Vec::new();
    let places: Vec<usize> = names
        .iter()
        .map(|name| {
            kept.iter().position(|known| known == name).unwrap_or_else(|| {
                kept.push(*name);
                kept.len() - 1
            })
        })
        .collect();
    // An index past the inputs of a file op is the result of an action.
    let fewer = (names.len() - kept.len()) as i64;
    let renumber = |index: &mut i64| match usize::try_from(*index) {
        Ok(at) if at < places.len() => *index = i64::try_from(places[at]).unwrap_or(i64::MAX),
        Ok(_) => *index -= fewer,
        Err(_) => {}
    };
    match op.op.as_mut()? {
        proto::op::Op::Exec(exec) => exec
            .mounts
            .iter_mut()
            .for_each(|mount| renumber(&mut mount.input)),
        proto::op::Op::File(file) => file.actions.iter_mut().for_each(|action| {
            renumber(&mut action.input);
            renumber(&mut action.secondary_input);
        }),
        _ => return None,
    }
    op.inputs = kept
        .iter()
        .map(|(digest, index)| proto::Input {
            digest: digest.to_string(),
            index: i64::from(*index),
        })
        .collect();
    Some(write_op(op))
}

/// Writes an op in the reference's order of fields.
fn write_op(op: proto::Op) -> Vec<u8> {
    let mut rest = op;
    let kind = rest.op.take();
    let mut out = rest.encode_to_vec();
    if let Some(kind) = kind {
        kind.encode(&mut out);
    }
    out
}
