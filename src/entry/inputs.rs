//! Graphs that the client passed.

use std::collections::BTreeMap;

use llb_graph::{Definition, ImportError, RawDefinition};
use tokio::sync::OnceCell;

use crate::gateway::{Bridge, Session, Status};

/// What the client passed beside the options. It may be large, so it is asked for once, when first needed.
#[derive(Debug, Default)]
pub(crate) struct Inputs(OnceCell<Result<BTreeMap<String, RawDefinition>, Status>>);

impl Inputs {
    /// All of them, by name; none where the daemon knows no such thing.
    ///
    /// # Errors
    /// Fails where the daemon fails to hand them over.
    pub(crate) async fn all<B: Bridge>(
        &self,
        session: &Session<'_, B>,
    ) -> Result<&BTreeMap<String, RawDefinition>, Status> {
        let told = self.0.get_or_init(|| session.inputs()).await;
        told.as_ref().map_err(Status::clone)
    }

    /// The graph of one, where there is one of that name.
    ///
    /// # Errors
    /// Fails as [`Inputs::all`] does, and where it is not a graph.
    pub(crate) async fn find<B: Bridge>(
        &self,
        session: &Session<'_, B>,
        name: &str,
    ) -> Result<Option<Definition>, Status> {
        let found = self.all(session).await?.get(name);
        let decoded = found.map(RawDefinition::decode).transpose();
        decoded.map_err(|error| malformed(name, &ImportError::Op(error)))
    }
}

/// A graph that came from outside and can't be read.
pub(super) fn malformed(name: &str, error: &ImportError) -> Status {
    Status::new(format!(
        "the frontend input `{name}` is not a graph that can be used: {error}"
    ))
}
