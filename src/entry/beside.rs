//! Files beside the Dockerfile, in the source that it is from.

use llb_graph::Definition;

use super::folder::LocalFolder;
use super::{Entry, Solved, decode};
use crate::gateway::{Bridge, Session, Status, pb};
use crate::options::Request;

/// Which files are wanted.
pub(crate) struct Beside {
    /// Their paths.
    pub(crate) files: Vec<String>,
    /// What tells the transfer from others of that folder.
    pub(crate) key: String,
    /// What the client shows meanwhile.
    pub(crate) shown_as: String,
}

impl Beside {
    /// Where to read them, and the graph of that; `None` where there is nothing. Of its folder with the Dockerfile the
    /// client sent no other file, so it is asked for these.
    ///
    /// # Errors
    /// Fails where the folder can't be sent.
    pub(crate) async fn find<B: Bridge>(
        self,
        session: &Session<'_, B>,
        request: &Request,
        entry: &Entry<'_>,
    ) -> Result<Option<(pb::Ref, Definition)>, Status> {
        if !entry.is_picked {
            let definition = entry.source.definition.clone().unwrap_or_default();
            return Ok(Some((entry.folder.clone(), definition)));
        }
        let local = &request.place.dockerfile_local;
        let folder = LocalFolder {
            name: local,
            session_id: request.session_of(local),
            excludes: Vec::new(),
            files: self.files,
            shared_key: format!("{local}-{}", self.key),
            shown_as: self.shown_as,
        };
        let solved = Solved::new(session, folder.definition()?).await;
        let reference = solved.reference?;
        let definition = decode(&solved.definition)?;
        Ok(reference.map(|reference| (reference, definition)))
    }
}
