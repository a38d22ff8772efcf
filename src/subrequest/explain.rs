//! `frontend.explain`: what a build of the target does, and what each step depends on.

use std::collections::BTreeMap;

use dockerfile_compile::view::Explanation;
use dockerfile_compile::view::context::Kind;
use dockerfile_compile::view::explain::{Origin, Read};

use super::local::{Sent, local_sources, read};
use super::view_result;
use crate::build::Job;
use crate::gateway::{Bridge, Session, Status, pb};
use crate::join::join_all;

/// The name on the wire.
pub(super) const NAME: &str = "frontend.explain";
/// The version on the wire.
pub(super) const VERSION: &str = "1.0.0";

/// Files of one read that are looked into; of a read with more, the path alone is told.
const MOST_FILES: usize = 2_000;
/// Bytes of files that are looked into, of all reads together; likewise.
const MOST_BYTES: u64 = 16 << 20;
/// Entries that are looked at, of all reads together; likewise.
const MOST_LOOKS: usize = 5_000_000;
/// How many files are asked for at once.
const AT_ONCE: usize = 8;

/// What may still be looked at.
struct Left {
    bytes: u64,
    looks: usize,
}

/// Compiles the target and tells what it does. The daemon has the folders of the client sent as for a build, for the
/// digests of what is in the files.
pub(super) async fn answer<B: Bridge>(job: &Job<'_, '_, B>) -> Result<pb::Result, Status> {
    let (mut model, definition) = job.explain().await?;
    let mut left = Left {
        bytes: MOST_BYTES,
        looks: MOST_LOOKS,
    };
    for (at, source) in local_sources(&model, &definition)? {
        // What can't be sent is told by a build; here it is only not looked into.
        if let Ok(sent) = read(job.session, source).await {
            fill(job.session, &mut model, (at, &sent), &mut left).await;
        }
    }
    model.seal();
    Ok(view_result(model.explain_view(), VERSION))
}

/// Notes the digests of what each step reads of a folder.
async fn fill<B: Bridge>(
    session: &Session<'_, B>,
    model: &mut Explanation,
    (source, sent): (usize, &Sent),
    left: &mut Left,
) {
    let mut known = BTreeMap::new();
    let steps = model.steps.iter_mut().filter(|step| !step.pruned);
    for read in steps.flat_map(|step| &mut step.reads) {
        if read.from == Origin::Source(source) {
            read.files = files(session, sent, read, (&mut known, left)).await;
        }
    }
}

/// The digest of each file that is read; none where that is too much, or the daemon can't tell.
async fn files<B: Bridge>(
    session: &Session<'_, B>,
    sent: &Sent,
    read: &Read,
    (known, left): (&mut BTreeMap<usize, String>, &mut Left),
) -> Option<Vec<(String, String)>> {
    let entries = sent.tree.entries();
    left.looks = left.looks.checked_sub(entries.len())?;
    let places = sent.tree.read_by(read);
    if sent.is_cut || places.len() > MOST_FILES {
        return None;
    }
    let new: Vec<usize> = places
        .iter()
        .copied()
        .filter(|at| !known.contains_key(at))
        .collect();
    let size = |at: &usize| match entries.get(*at).map(|entry| &entry.kind) {
        Some(Kind::File(size)) => *size,
        _ => 0,
    };
    left.bytes = left.bytes.checked_sub(new.iter().map(size).sum())?;
    for batch in new.chunks(AT_ONCE) {
        let digests = batch.iter().map(|at| digest(session, sent, *at));
        for (at, digest) in batch.iter().zip(join_all(digests).await) {
            known.insert(*at, digest?);
        }
    }
    let told = places
        .iter()
        .map(|at| Some((entries.get(*at)?.path.clone(), known.get(at)?.clone())));
    told.collect()
}

async fn digest<B: Bridge>(session: &Session<'_, B>, sent: &Sent, at: usize) -> Option<String> {
    let entry = sent.tree.entries().get(at)?;
    let content = match (&entry.kind, &sent.reference) {
        (Kind::File(1..), Some(reference)) => {
            let path = format!("/{}", entry.path);
            session.read_file(reference, &path).await.ok()?
        }
        _ => Vec::new(),
    };
    let mode = sent.modes.get(&entry.path).copied().unwrap_or_default();
    Some(entry.kind.digest(mode, &content))
}
