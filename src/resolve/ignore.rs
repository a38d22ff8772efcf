//! The ignore files of named contexts.

use std::sync::Arc;

use dockerfile_compile::{IgnoreAnswer, LocalIgnoreRequest};

use super::World;
use crate::entry::LocalFolder;
use crate::gateway::{Bridge, Status};

/// The ignore file of a named local context.
pub(super) async fn resolve<B: Bridge>(
    world: &World<'_, '_, B>,
    request: &LocalIgnoreRequest,
) -> Result<Arc<IgnoreAnswer>, Status> {
    let LocalIgnoreRequest {
        local,
        context,
        session_id,
    } = request;
    let folder = LocalFolder::of_named_context(local, session_id, context);
    let failed = |status: Status| status.context(format!("loading .dockerignore of context `{context}`"));
    let solved = world.session.solve_now(&folder.definition()?, Vec::new()).await;
    LocalFolder::read(world.session, solved.map_err(failed)?).await
}
