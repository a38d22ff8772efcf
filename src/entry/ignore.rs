//! The files that say what of a folder of the client is not sent.

use std::sync::Arc;

use dockerfile_compile::IgnoreAnswer;
use llb_graph::Marshalled;

use super::Solved;
use super::folder::LocalFolder;
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

/// The folder of the main context.
pub(super) fn of_context(request: &Request, name: &str) -> Result<Marshalled, Status> {
    let folder = LocalFolder {
        name,
        session_id: request.session_of(name),
        files: vec![FILENAME.to_owned()],
        excludes: Vec::new(),
        shared_key: format!("{name}-{FILENAME}"),
        shown_as: format!("[internal] load {FILENAME}"),
    };
    folder.definition()
}

/// The folder of the context `context`, which the local source `name` of a session has.
pub(crate) fn of_named_context(name: &str, session_id: &str, context: &str) -> Result<Marshalled, Status> {
    let folder = LocalFolder {
        name,
        session_id,
        files: vec![FILENAME.to_owned()],
        excludes: Vec::new(),
        shared_key: format!("context:{context}-{FILENAME}"),
        shown_as: format!("[context {context}] load {FILENAME}"),
    };
    folder.definition()
}

/// One file of the main context, which the local source `name` has, unless the ignore file keeps it out.
pub(crate) fn of_context_file(
    request: &Request,
    (name, path): (&str, &str),
    ignore: &IgnoreAnswer,
) -> Result<Marshalled, Status> {
    // What is wrong with the patterns is told where they are read to be matched.
    let excludes = dockerfile_syntax::ignore::parse(&ignore.data).unwrap_or_default();
    let folder = LocalFolder {
        name,
        session_id: request.session_of(name),
        files: vec![path.to_owned()],
        excludes,
        shared_key: format!("{name}-file-{path}"),
        shown_as: format!("[internal] load {path}"),
    };
    folder.definition()
}

/// Reads the file of a solved folder. Most have none.
///
/// # Errors
/// Fails where the daemon can't tell whether there is one.
pub(crate) async fn read_ignore<B: Bridge>(session: &Session<'_, B>, solved: Option<pb::Ref>) -> Found {
    let Some(reference) = solved else {
        return Ok(answer(Vec::new()));
    };
    let data = session.read_file_if_any(&reference, FILENAME).await;
    let data = data.map_err(|status| status.context(format!("reading {FILENAME}")))?;
    Ok(answer(data.unwrap_or_default()))
}

/// The ignore file of the main context.
pub(super) async fn read_main<B: Bridge>(session: &Session<'_, B>, folder: Solved) -> Found {
    let solved = folder.reference;
    let solved = solved.map_err(|status| status.context(format!("loading {FILENAME}")))?;
    read_ignore(session, solved).await
}

fn answer(data: Vec<u8>) -> Arc<IgnoreAnswer> {
    Arc::new(IgnoreAnswer {
        filename: FILENAME.to_owned(),
        data,
    })
}
