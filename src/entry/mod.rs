//! Where the Dockerfile and its build context come from, and whether another frontend is to read it.

mod beside;
mod context;
mod folder;
mod forward;
mod http;
mod ignore;
mod inputs;
mod lock;
mod source;

use std::sync::Arc;

use dockerfile_compile::{MainContext, SourceFile};
use llb_graph::{Definition, FileSystem, Graph, GraphError, MarshalOptions, Marshalled, proto};

use crate::gateway::{Bridge, Code, Session, Status, pb};
use crate::options::{self, Request};

pub(crate) use beside::Beside;
pub use forward::forward;
pub(crate) use ignore::{MainIgnore, of_context_file, of_named_context, read_ignore};
pub(crate) use inputs::Inputs;
pub(crate) use lock::{is_locked, read_lock};

/// Name of the main context among local sources and inputs.
const CONTEXT: &str = "context";

/// What a build starts from.
#[derive(Debug)]
pub struct Entry<'a> {
    /// The Dockerfile.
    pub source: Arc<SourceFile>,
    /// The vertex that read it; warnings are shown there.
    pub vertex: String,
    /// The source that it was read from.
    folder: pb::Ref,
    /// Where `COPY` reads.
    pub main_context: MainContext,
    /// What of the main context is not sent.
    pub(crate) ignore: MainIgnore<'a>,
    /// Graphs that the client passed.
    pub(crate) inputs: Inputs,
    /// Whether only the files that were asked for are in it.
    is_picked: bool,
}

impl Entry<'_> {
    /// Whether a source of a graph is the main context, as the client's files.
    pub(crate) fn is_main(&self, source: &proto::SourceOp) -> bool {
        let MainContext::Local { name } = &self.main_context else {
            return false;
        };
        source.identifier.strip_prefix("local://") == Some(name)
    }
}

/// Where things are, before the Dockerfile is read.
#[derive(Debug)]
struct Context {
    /// The context, where it is not the client's files.
    remote: Option<Definition>,
    /// Where the Dockerfile is.
    dockerfile: Solved,
    /// Where the ignore file of the client's files is.
    ignore: Option<Solved>,
    /// Name of the Dockerfile.
    filename: String,
    /// Graphs that the client passed.
    inputs: Inputs,
}

/// Finds and reads the Dockerfile. Where it will be compiled, the ignore file of the context is asked for beside it.
///
/// # Errors
/// Fails where the context is malformed or can't be fetched, or where there is no Dockerfile.
pub async fn read<'a, B: Bridge>(
    session: &'a Session<'a, B>,
    request: &'a Request,
    compiles: bool,
) -> Result<Entry<'a>, Status> {
    let context = context::resolve(session, request, compiles).await?;
    source::read(session, request, context).await
}

/// A context that the daemon fetches, with the Dockerfile in it unless the client has that.
async fn remote_context<B: Bridge>(
    session: &Session<'_, B>,
    request: &Request,
    files: Marshalled,
) -> Result<Context, Status> {
    let filename = request.place.filename.clone();
    let remote = Some(decode(&files)?);
    let dockerfile = match source::of_client(session, request, &filename).await? {
        Some(dockerfile) => dockerfile,
        None => Solved::new(session, files).await,
    };
    Ok(Context {
        remote,
        dockerfile,
        ignore: None,
        filename,
        inputs: Inputs::default(),
    })
}

/// A graph of one result as a definition.
pub(crate) fn marshal(graph: &Graph, result: FileSystem) -> Result<Marshalled, Status> {
    let options = MarshalOptions::new(options::own_platform()).with_local_unique_id(options::unique_id());
    graph
        .marshal(result, &options)
        .map_err(|error| graph_failure(&error))
}

/// The parts of a graph of ours, to be looked into or built upon.
pub(crate) fn decode(definition: &Marshalled) -> Result<Definition, Status> {
    let decoded = definition.decode();
    decoded.map_err(|error| Status::with_code(Code::INTERNAL, error.to_string()))
}

/// A graph that was handed to the daemon, and what it said.
#[derive(Debug)]
struct Solved {
    definition: Marshalled,
    reference: Result<Option<pb::Ref>, Status>,
}

impl Solved {
    /// Daemons compute a result when it is looked into, so this alone moves no file.
    async fn new<B: Bridge>(session: &Session<'_, B>, definition: Marshalled) -> Self {
        let reference = session.solve(&definition, Vec::new()).await;
        Self {
            definition,
            reference,
        }
    }
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
