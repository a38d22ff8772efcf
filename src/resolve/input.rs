//! Graphs that the client passed.

use std::sync::Arc;

use buildkit_llb::Definition;

use super::World;
use crate::gateway::{Bridge, GatewayCap, Status};

/// One input by name. The inputs are asked for once; where the context is remote that was not done yet.
pub(super) async fn resolve<B: Bridge>(
    world: &World<'_, B>,
    name: &str,
) -> Result<Option<Arc<Definition>>, Status> {
    let found = match world.entry.inputs.get(name) {
        Some(definition) => Some(definition.clone()),
        None => {
            world.session.caps().require(GatewayCap::FrontendInputs)?;
            world.session.inputs().await?.remove(name)
        }
    };
    let decoded = found.map(|definition| definition.decode()).transpose();
    decoded
        .map(|definition| definition.map(Arc::new))
        .map_err(|error| {
            Status::new(format!(
                "the frontend input `{name}` is not a graph that can be used: {error}"
            ))
        })
}
