//! Dates in archives that only the daemon can unpack: it does so, and its files are looked at.

use llb_graph::{CopyAction, FileAction, FileOp, Graph, Op, SourceOp, Vertex};

use super::World;
use crate::entry::{graph_failure, marshal};
use crate::gateway::{Bridge, Code, Stat, Status, pb};
use crate::join::join_all;

/// In Go's file modes: what is no regular file has one of these bits.
const NOT_REGULAR: u32 = 1 << 31 | 1 << 27 | 1 << 26 | 1 << 25 | 1 << 24 | 1 << 21 | 1 << 19;
/// In Go's file modes: a folder.
const FOLDER: u32 = 1 << 31;
const NANOSECONDS: i64 = 1_000_000_000;
/// How many folders are looked into.
const FOLDERS: usize = 10_000;
/// How many of them at once.
const AT_ONCE: usize = 8;

/// The date of the newest regular file, in seconds since 1970; `None` where there is none.
pub(super) async fn newest_file<B: Bridge>(
    world: &World<'_, '_, B>,
    source: SourceOp,
    filename: &str,
) -> Result<Option<i64>, Status> {
    let mut graph = Graph::new();
    let archive = graph.add(Vertex::new(Op::Source(source)));
    let archive = archive.map_err(|error| graph_failure(&error))?;
    let copy = CopyAction {
        source: Some(archive.first_output()),
        src: format!("/{filename}"),
        dest: "/".to_owned(),
        attempt_unpack: true,
        ..CopyAction::default()
    };
    let unpacked = graph.add(Vertex::new(Op::File(FileOp::new(None, FileAction::Copy(copy)))));
    let unpacked = unpacked.map_err(|error| graph_failure(&error))?;
    let definition = marshal(&graph, Some(unpacked.first_output()))?;
    let Some(reference) = world.session.solve(&definition, Vec::new()).await? else {
        return Ok(None);
    };
    let mut newest = None;
    let mut folders = vec!["/".to_owned()];
    let mut seen = 0;
    while !folders.is_empty() {
        let batch = folders.split_off(folders.len().saturating_sub(AT_ONCE));
        seen += batch.len();
        if seen + folders.len() > FOLDERS {
            let message = format!(
                "the archive has more than {FOLDERS} folders, so its newest file is not looked for: set \
                 SOURCE_DATE_EPOCH to a number of seconds"
            );
            return Err(Status::with_code(Code::RESOURCE_EXHAUSTED, message));
        }
        let read = batch.iter().map(|folder| look_into(world, &reference, folder));
        for found in join_all(read).await {
            let found = found?;
            newest = newest.max(found.newest);
            folders.extend(found.folders);
        }
    }
    Ok(newest)
}

/// What is of interest in a folder.
struct Found {
    newest: Option<i64>,
    folders: Vec<String>,
}

/// Lists one folder. The listing is forgotten at once: it may be large, and others are on their way.
async fn look_into<B: Bridge>(
    world: &World<'_, '_, B>,
    reference: &pb::Ref,
    folder: &str,
) -> Result<Found, Status> {
    let entries = world.session.read_dir(reference, folder).await?;
    let is_folder = |entry: &&Stat| entry.mode & FOLDER != 0 && is_name(&entry.path);
    let files = entries.iter().filter(|entry| entry.mode & NOT_REGULAR == 0);
    let newest = files.map(|entry| entry.mod_time.div_euclid(NANOSECONDS)).max();
    let folders = entries.iter().filter(is_folder);
    // One more than may be is too many.
    let folders = folders.take(FOLDERS + 1);
    let folders = folders.map(|entry| llb_graph::path::join(&[folder, &entry.path]));
    Ok(Found {
        newest,
        folders: folders.collect(),
    })
}

/// Whether an entry is one of its folder, and so a step down.
fn is_name(path: &str) -> bool {
    !matches!(path, "" | "." | "..") && !path.contains('/')
}
