//! Graphs that the client passed.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use buildkit_llb::{Definition, RawDefinition};
use dockerfile_compile::Need;

use super::World;
use crate::gateway::{Bridge, GatewayCap, Status};

/// What the daemon said when it was asked for the inputs.
pub(crate) type Told = RefCell<Option<Result<BTreeMap<String, RawDefinition>, Status>>>;

/// Asks for the inputs, where one of these is new and that was not done yet. The answer may be large, so several that
/// are needed at once share it.
pub(super) async fn fetch<B: Bridge>(world: &World<'_, B>, needs: &BTreeSet<Need>) {
    let is_new = |need: &Need| matches!(need, Need::Input(name) if !world.entry.inputs.contains_key(name));
    if needs.iter().any(is_new) && world.inputs.borrow().is_none() {
        let told = world.session.inputs().await;
        *world.inputs.borrow_mut() = Some(told);
    }
}

/// One input by name, of those that came with the context or those that were asked for. It is needed once.
pub(super) fn resolve<B: Bridge>(
    world: &World<'_, B>,
    name: &str,
) -> Result<Option<Arc<Definition>>, Status> {
    let found = match world.entry.inputs.get(name) {
        Some(definition) => Some(definition.clone()),
        None => {
            world.session.caps().require(GatewayCap::FrontendInputs)?;
            match world.inputs.borrow_mut().as_mut() {
                Some(Ok(inputs)) => inputs.remove(name),
                Some(Err(status)) => return Err(status.clone()),
                None => None,
            }
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
