//! `frontend.context`: what a build of the target reads of the client's folders.
//!
//! The daemon has sent to it what the build would have sent, and nothing else; so what the ignore file keeps out, and what
//! no step asks for, only the command line can tell.

use dockerfile_compile::view::Explanation;
use dockerfile_compile::view::context::{ContextReport, Entry, Kind, Tree};
use dockerfile_compile::view::explain::LOCAL;
use llb_graph::{Graph, Marshalled, Op, SourceOp, Vertex, proto};

use super::view_result;
use crate::build::Job;
use crate::entry::{graph_failure, marshal};
use crate::gateway::{Bridge, Code, Session, Status, pb};
use crate::join::join_all;

/// The name on the wire.
pub(super) const NAME: &str = "frontend.context";
/// The version on the wire.
pub(super) const VERSION: &str = "1.0.0";

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

/// Compiles the target, has the folders sent as for a build, and looks into them.
pub(super) async fn answer<B: Bridge>(job: &Job<'_, '_, B>) -> Result<pb::Result, Status> {
    let (model, definition) = job.explain().await?;
    let mut reports = Vec::new();
    for (at, source) in local_sources(&model, &definition)? {
        let (tree, is_cut) = read(job.session, source).await?;
        let mut report = ContextReport::of(&model, at, &tree);
        report.is_cut = is_cut;
        report.is_sent = true;
        reports.push(report);
    }
    Ok(view_result(ContextReport::view(&reports), VERSION))
}

/// The folders of the client, by their places among the sources.
fn local_sources(model: &Explanation, definition: &Marshalled) -> Result<Vec<(usize, SourceOp)>, Status> {
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

/// What the daemon gets of a folder, and whether that is more than is looked at.
async fn read<B: Bridge>(session: &Session<'_, B>, source: SourceOp) -> Result<(Tree, bool), Status> {
    let mut graph = Graph::new();
    let name = format!("[internal] load {}", source.identifier);
    let vertex = graph.add(Vertex::new(Op::Source(source)).with_name(name));
    let vertex = vertex.map_err(|error| graph_failure(&error))?;
    let definition = marshal(&graph, Some(vertex.first_output()))?;
    let Some(reference) = session.solve(&definition, Vec::new()).await? else {
        return Ok((Tree::default(), false));
    };
    let mut entries: Vec<Entry> = Vec::new();
    let mut folders = vec![String::new()];
    let mut seen = 0;
    while !folders.is_empty() {
        let batch = folders.split_off(folders.len().saturating_sub(AT_ONCE));
        seen += batch.len();
        if seen > FOLDERS || entries.len() > ENTRIES {
            return Ok((Tree::new(entries), true));
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
    Ok((Tree::new(entries), false))
}
