//! The folders of the client, as the daemon gets them.
//!
//! The daemon has sent to it what the build would have sent, and nothing else; so what the ignore file keeps out, and what
//! no step asks for, only the command line can tell.

use std::collections::BTreeMap;

use dockerfile_compile::view::Explanation;
use dockerfile_compile::view::context::{Entry, Kind, Tree};
use dockerfile_compile::view::explain::LOCAL;
use llb_graph::{Graph, Marshalled, Op, SourceOp, Vertex, proto};

use crate::entry::{graph_failure, marshal};
use crate::gateway::{Bridge, Code, Session, Status, pb};
use crate::join::join_all;

/// In Go's file modes: a folder.
const FOLDER: u32 = 1 << 31;
/// In Go's file modes: a symbolic link.
const LINK: u32 = 1 << 27;
/// How many folders are looked into.
const FOLDERS: usize = 5_000;
/// How many of them at once.
const AT_ONCE: usize = 8;
/// How many entries are looked at.
const ENTRIES: usize = 100_000;
/// How long a path is at most, as on Linux.
const PATH_BYTES: usize = 4096;

/// The folders of the client, by their places among the sources.
pub(super) fn local_sources(
    model: &Explanation,
    definition: &Marshalled,
) -> Result<Vec<(usize, SourceOp)>, Status> {
    let mut found = Vec::new();
    for op in definition.each_op() {
        let op = op.map_err(|error| Status::with_code(Code::INTERNAL, error.to_string()))?;
        let Some(proto::op::Op::Source(source)) = op.op else {
            continue;
        };
        let Some(("local", name)) = source.identifier.split_once("://") else {
            continue;
        };
        let mut sources = model.sources.iter();
        if let Some(at) = sources.position(|known| known.kind == LOCAL && known.name == name) {
            let mut local = SourceOp::new(source.identifier.clone());
            local.attrs = proto::string_map(source.attrs);
            found.push((at, local));
        }
    }
    Ok(found)
}

/// What the daemon gets of a folder.
#[derive(Default)]
pub(super) struct Sent {
    pub(super) tree: Tree,
    /// There is more than was looked at.
    pub(super) is_cut: bool,
    /// The modes of its entries, as on Unix.
    pub(super) modes: BTreeMap<String, u32>,
    /// Where the daemon has it; nothing where it is empty.
    pub(super) reference: Option<pb::Ref>,
}

/// Has a folder sent to the daemon, and lists it.
pub(super) async fn read<B: Bridge>(session: &Session<'_, B>, source: SourceOp) -> Result<Sent, Status> {
    let mut graph = Graph::new();
    let name = format!("[internal] load {}", source.identifier);
    let vertex = graph.add(Vertex::new(Op::Source(source)).with_name(name));
    let vertex = vertex.map_err(|error| graph_failure(&error))?;
    let definition = marshal(&graph, Some(vertex.first_output()))?;
    let Some(reference) = session.solve(&definition, Vec::new()).await? else {
        return Ok(Sent::default());
    };
    let mut entries: Vec<Entry> = Vec::new();
    let mut modes = BTreeMap::new();
    let mut is_cut = false;
    let mut folders = vec![String::new()];
    let mut seen = 0;
    while !folders.is_empty() {
        let batch = folders.split_off(folders.len().saturating_sub(AT_ONCE));
        seen += batch.len();
        if seen > FOLDERS || entries.len() > ENTRIES {
            is_cut = true;
            break;
        }
        let paths: Vec<String> = batch.iter().map(|folder| format!("/{folder}")).collect();
        let reads = paths.iter().map(|path| session.read_dir(&reference, path));
        for (folder, found) in batch.iter().zip(join_all(reads).await) {
            for stat in found? {
                let path = match folder.as_str() {
                    "" => stat.path,
                    folder => format!("{folder}/{}", stat.path),
                };
                if path.len() > PATH_BYTES {
                    continue;
                }
                modes.insert(path.clone(), unix_mode(stat.mode));
                let kind = match stat.mode {
                    mode if mode & FOLDER != 0 => {
                        folders.push(path.clone());
                        Kind::Folder
                    }
                    mode if mode & LINK != 0 => Kind::Link(stat.linkname),
                    _ => Kind::File(u64::try_from(stat.size).unwrap_or_default()),
                };
                entries.push(Entry {
                    path,
                    kind,
                    ignored: None,
                });
            }
        }
    }
    Ok(Sent {
        tree: Tree::new(entries),
        is_cut,
        modes,
        reference: Some(reference),
    })
}

/// The permissions of a mode of Go's, which has bits of its own for what is beyond read, write and run.
fn unix_mode(mode: u32) -> u32 {
    let special = [(1 << 23, 0o4000), (1 << 22, 0o2000), (1 << 20, 0o1000)];
    let set = special.into_iter().filter(|(bit, _)| mode & bit != 0);
    set.fold(mode & 0o777, |all, (_, bit)| all | bit)
}
