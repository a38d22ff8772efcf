//! Files of pairs, of the dialect: those of the context, and those that a stage makes.

use std::sync::Arc;

use dockerfile_compile::{MainContext, PairsAnswer, StageFileRequest};
use dockerfile_syntax::env_file::FILE_BYTES;
use llb_graph::Marshalled;

use super::{World, wire_imports};
use crate::entry::of_context_file;
use crate::gateway::{Bridge, Status, pb};

/// A file of the main context. Of the client's own folder nothing else is sent, and the ignore file applies.
pub(super) async fn of_context<B: Bridge>(
    world: &World<'_, '_, B>,
    path: &str,
) -> Result<Arc<PairsAnswer>, Status> {
    let graph = match &world.entry.main_context {
        MainContext::Local { name } => {
            let ignore = world.entry.ignore.get().await?;
            of_context_file(world.request, (name, path), &ignore)?
        }
        MainContext::Remote { definition, .. } => Marshalled::from(&**definition),
    };
    let solved = world.session.solve(&graph, Vec::new()).await;
    read(world, solved?, path).await
}

/// A file of a stage, which is built for it.
pub(super) async fn of_stage<B: Bridge>(
    world: &World<'_, '_, B>,
    request: &StageFileRequest,
) -> Result<Arc<PairsAnswer>, Status> {
    let imports = wire_imports(world.request);
    let solved = world.session.solve(&request.graph.0, imports).await;
    read(world, solved?, &request.path).await
}

async fn read<B: Bridge>(
    world: &World<'_, '_, B>,
    solved: Option<pb::Ref>,
    path: &str,
) -> Result<Arc<PairsAnswer>, Status> {
    let Some(reference) = solved else {
        return Ok(Arc::new(PairsAnswer::Missing));
    };
    // One byte more shows that there are too many.
    let length = FILE_BYTES as i64 + 1;
    let read = world.session.read_head_if_any(&reference, path, length).await?;
    Ok(Arc::new(read.map_or(PairsAnswer::Missing, PairsAnswer::Found)))
}
