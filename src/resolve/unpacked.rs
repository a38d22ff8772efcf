//! Dates in archives that only the daemon can unpack: it does so, and its files are looked at.

use buildkit_llb::{CopyAction, FileAction, FileOp, Graph, Op, SourceOp, Vertex};

use super::World;
use crate::entry::{graph_failure, marshal};
use crate::gateway::{Bridge, Status};

/// In Go's file modes: what is no regular file has one of these bits.
const NOT_REGULAR: u32 = 1 << 31 | 1 << 27 | 1 << 26 | 1 << 25 | 1 << 24 | 1 << 21 | 1 << 19;
/// In Go's file modes: a folder.
const FOLDER: u32 = 1 << 31;
const NANOSECONDS: i64 = 1_000_000_000;

/// The date of the newest regular file, in seconds since 1970; `None` where there is none.
pub(super) async fn newest_file<B: Bridge>(
    world: &World<'_, B>,
    source: SourceOp,
    filename: &str,
) -> Result<Option<i64>, Status> {
    let mut graph = Graph::new();
    let archive = graph.add(Vertex::new(Op::Source(source)));
    let archive = archive.map_err(|error| graph_failure(&error))?;
    let copy = CopyAction {
        source: Some(archive.root()),
        src: format!("/{filename}"),
        dest: "/".to_owned(),
        attempt_unpack: true,
        ..CopyAction::default()
    };
    let unpacked = graph.add(Vertex::new(Op::File(FileOp::new(None, FileAction::Copy(copy)))));
    let unpacked = unpacked.map_err(|error| graph_failure(&error))?;
    let definition = marshal(&graph, Some(unpacked.root()))?;
    let Some(reference) = world.session.solve(&definition, Vec::new()).await? else {
        return Ok(None);
    };
    let mut newest = None;
    let mut folders = vec!["/".to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in world.session.read_dir(&reference, &folder).await? {
            let path = buildkit_llb::path::join(&[&folder, &entry.path]);
            if entry.mode & FOLDER != 0 {
                folders.push(path);
            } else if entry.mode & NOT_REGULAR == 0 {
                newest = newest.max(Some(entry.mod_time.div_euclid(NANOSECONDS)));
            }
        }
    }
    Ok(newest)
}
