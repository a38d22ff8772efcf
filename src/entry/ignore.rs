//! The files that say what of a folder of the client is not sent.

use std::sync::Arc;

use dockerfile_compile::IgnoreAnswer;
use llb_graph::{Differ, Graph, LocalOptions, Marshalled, Op, SourceOp, Vertex};

use super::{Solved, graph_failure, marshal};
use crate::gateway::{Bridge, Session, Status, pb};
use crate::join::Ahead;
use crate::options::Request;

/// Name of the ignore file of a folder.
const FILENAME: &str = ".dockerignore";
/// What a Dockerfile's own ignore file has behind its name.
pub(super) const OWN_SUFFIX: &str = FILENAME;

type Found = Result<Arc<IgnoreAnswer>, Status>;

/// What of the main context is not sent.
#[derive(Debug)]
pub(crate) enum MainIgnore<'a> {
    /// The context is no folder of the client, so all of it is there already.
    Nothing,
    /// The Dockerfile has an ignore file of its own, with something in it. It goes before that of the folder.
    Own(Arc<IgnoreAnswer>),
    /// The ignore file of the folder, which is on its way.
    Folder(Ahead<'a, Found>),
}

impl MainIgnore<'_> {
    /// Waits for the file.
    ///
    /// # Errors
    /// Fails where the daemon can't tell whether there is one.
    pub(crate) async fn get(&self) -> Found {
        match self {
            Self::Nothing => Ok(answer(Vec::new())),
            Self::Own(own) => Ok(Arc::clone(own)),
            Self::Folder(ahead) => ahead.get().await,
        }
    }
}

/// A folder of the client, of which only the ignore file is sent.
pub(crate) struct LocalFolder<'a> {
    /// Name of the local source.
    pub(crate) name: &'a str,
    /// The session that has it.
    pub(crate) session_id: &'a str,
    /// What tells the transfer from others of that folder.
    pub(crate) shared_key: String,
    /// What the client shows meanwhile.
    pub(crate) shown_as: String,
}

impl<'a> LocalFolder<'a> {
    /// The folder of the main context.
    pub(super) fn of_context(request: &'a Request, name: &'a str) -> Self {
        Self {
            name,
            session_id: request.session_of(name),
            shared_key: format!("{name}-{FILENAME}"),
            shown_as: format!("[internal] load {FILENAME}"),
        }
    }

    /// The folder of the context `context`, which the local source `name` of a session has.
    pub(crate) fn of_named_context(name: &'a str, session_id: &'a str, context: &str) -> Self {
        Self {
            name,
            session_id,
            shared_key: format!("context:{context}-{FILENAME}"),
            shown_as: format!("[context {context}] load {FILENAME}"),
        }
    }

    /// The graph that yields the file.
    pub(crate) fn definition(self) -> Result<Marshalled, Status> {
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
        marshal(&graph, Some(vertex.first_output()))
    }

    /// Reads the file of a solved folder. Most have none.
    ///
    /// # Errors
    /// Fails where the daemon can't tell whether there is one.
    pub(crate) async fn read<B: Bridge>(session: &Session<'_, B>, solved: Option<pb::Ref>) -> Found {
        let Some(reference) = solved else {
            return Ok(answer(Vec::new()));
        };
        let data = session.read_file_if_any(&reference, FILENAME).await;
        let data = data.map_err(|status| status.context(format!("reading {FILENAME}")))?;
        Ok(answer(data.unwrap_or_default()))
    }
}

/// The ignore file of the main context.
pub(super) async fn read_main<B: Bridge>(session: &Session<'_, B>, folder: Solved) -> Found {
    let solved = folder.reference;
    let solved = solved.map_err(|status| status.context(format!("loading {FILENAME}")))?;
    LocalFolder::read(session, solved).await
}

fn answer(data: Vec<u8>) -> Arc<IgnoreAnswer> {
    Arc::new(IgnoreAnswer {
        filename: FILENAME.to_owned(),
        data,
    })
}
