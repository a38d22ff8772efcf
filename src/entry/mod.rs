//! Where the Dockerfile and its build context come from, and whether another frontend is to read it.

mod context;
mod forward;
mod http;
mod source;

use std::collections::BTreeMap;
use std::sync::Arc;

use buildkit_llb::{
    Definition, FileSystem, Graph, GraphError, MarshalOptions, Marshalled, RawDefinition, proto,
};
use dockerfile_compile::{IgnoreAnswer, MainContext, SourceFile};

use crate::gateway::{Bridge, Code, Session, Status};
use crate::options::{self, Request};

pub use forward::forward;

/// What a build starts from.
#[derive(Debug)]
pub struct Entry {
    /// The Dockerfile.
    pub source: Arc<SourceFile>,
    /// The vertex that read it; warnings are shown there.
    pub vertex: String,
    /// Where `COPY` reads.
    pub main_context: MainContext,
    /// The ignore file beside the Dockerfile, where there is one with something in it.
    pub own_ignore: Option<Arc<IgnoreAnswer>>,
    /// Graphs that the client passed, by name.
    pub inputs: BTreeMap<String, RawDefinition>,
}

/// Finds and reads the Dockerfile.
///
/// # Errors
/// Fails where the context is malformed or can't be fetched, or where there is no Dockerfile.
pub async fn read<B: Bridge>(session: &Session<'_, B>, request: &Request) -> Result<Entry, Status> {
    let context = context::resolve(session, request).await?;
    source::read(session, request, context).await
}

/// A graph of one result as a definition.
pub(crate) fn marshal(graph: &Graph, result: FileSystem) -> Result<Marshalled, Status> {
    let options = MarshalOptions::new(options::own_platform()).with_local_unique_id(options::unique_id());
    graph
        .marshal(result, &options)
        .map_err(|error| graph_failure(&error))
}

/// The same, to be looked into or built upon.
fn definition(graph: &Graph, result: FileSystem) -> Result<Definition, Status> {
    let decoded = marshal(graph, result)?.decode();
    decoded.map_err(|error| Status::with_code(Code::INTERNAL, error.to_string()))
}

/// Our own graphs are well formed; if not, that is a bug and no fault of the input.
pub(crate) fn graph_failure(error: &GraphError) -> Status {
    Status::with_code(
        Code::INTERNAL,
        format!("a graph that Plimsoll made is malformed, please report it: {error}"),
    )
}

/// The one source of a graph; `None` where it has none or several.
pub(crate) fn only_source(definition: &Definition) -> Option<proto::SourceOp> {
    let mut only = None;
    for op in definition.each_op() {
        let (_, op) = op.ok()?;
        if let Some(proto::op::Op::Source(source)) = op.op
            && only.replace(source).is_some()
        {
            return None;
        }
    }
    only
}
