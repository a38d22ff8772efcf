//! The ignore files of named contexts.

use std::sync::Arc;

use dockerfile_compile::{IgnoreAnswer, LocalIgnoreRequest};

use super::World;
use crate::entry::{of_named_context, read_ignore};
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
    let folder = of_named_context(local, session_id, context)?;
    let failed = |status: Status| status.context(format!("loading .dockerignore of context `{context}`"));
    let solved = world.session.solve_now(&folder, Vec::new()).await;
    read_ignore(world.session, solved.map_err(failed)?).await
}
