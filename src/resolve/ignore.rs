//! The files that say what of a context is not sent.

use std::sync::Arc;

use buildkit_llb::{Differ, Graph, LocalOptions, Op, SourceOp, Vertex};
use dockerfile_compile::{IgnoreAnswer, LocalIgnoreRequest, MainContext};

use super::World;
use crate::entry::{graph_failure, marshal};
use crate::gateway::{Bridge, Status, pb};

/// Name of the ignore file of a folder.
const FILENAME: &str = ".dockerignore";

/// The ignore file of the main context. The Dockerfile's own one goes before that of the folder.
pub(super) async fn resolve_main<B: Bridge>(world: &World<'_, B>) -> Result<Arc<IgnoreAnswer>, Status> {
    if let Some(own) = &world.entry.own_ignore {
        return Ok(Arc::clone(own));
    }
    let MainContext::Local { name } = &world.entry.main_context else {
        return Ok(answer(Vec::new()));
    };
    let local = Local {
        name,
        session_id: world.request.session_of(name),
        shared_key: format!("{name}-{FILENAME}"),
        shown_as: format!("[internal] load {FILENAME}"),
    };
    let definition = local.definition()?;
    let solved = world.session.solve(&definition, Vec::new()).await;
    let solved = solved.map_err(|status| status.context(format!("loading {FILENAME}")))?;
    read(world, solved).await
}

/// The ignore file of a named local context.
pub(super) async fn resolve_local<B: Bridge>(
    world: &World<'_, B>,
    request: &LocalIgnoreRequest,
) -> Result<Arc<IgnoreAnswer>, Status> {
    let LocalIgnoreRequest {
        local,
        context,
        session_id,
    } = request;
    let local = Local {
        name: local,
        session_id,
        shared_key: format!("context:{context}-{FILENAME}"),
        shown_as: format!("[context {context}] load {FILENAME}"),
    };
    let definition = local.definition()?;
    let solved = world.session.solve_now(&definition, Vec::new()).await;
    let solved =
        solved.map_err(|status| status.context(format!("loading {FILENAME} of context `{context}`")))?;
    read(world, solved).await
}

/// A folder of the client, of which only the ignore file is sent.
struct Local<'a> {
    name: &'a str,
    session_id: &'a str,
    shared_key: String,
    shown_as: String,
}

impl Local<'_> {
    fn definition(self) -> Result<buildkit_llb::Marshalled, Status> {
        let options = LocalOptions {
            session_id: Some(self.session_id.to_owned()),
            follow_paths: vec![FILENAME.to_owned()],
            shared_key_hint: Some(self.shared_key),
            differ: Some(Differ::None { required: false }),
            ..LocalOptions::default()
        };
        let mut graph = Graph::new();
        let vertex = Vertex::new(Op::Source(SourceOp::local(self.name, &options))).with_name(self.shown_as);
        let vertex = graph.add(vertex).map_err(|error| graph_failure(&error))?;
        marshal(&graph, Some(vertex.root()))
    }
}

async fn read<B: Bridge>(world: &World<'_, B>, solved: Option<pb::Ref>) -> Result<Arc<IgnoreAnswer>, Status> {
    let Some(reference) = solved else {
        return Ok(answer(Vec::new()));
    };
    let data = world.session.read_file_if_any(&reference, FILENAME).await;
    let data = data.map_err(|status| status.context(format!("reading {FILENAME}")))?;
    // Most folders have none.
    Ok(answer(data.unwrap_or_default()))
}

fn answer(data: Vec<u8>) -> Arc<IgnoreAnswer> {
    Arc::new(IgnoreAnswer {
        filename: FILENAME.to_owned(),
        data,
    })
}
