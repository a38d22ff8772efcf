//! Folders of the client, of which only the files that may be needed are sent.

use llb_graph::{Differ, Graph, LocalOptions, Marshalled, Op, SourceOp, Vertex};

use super::{graph_failure, marshal};
use crate::gateway::Status;

/// A folder and what is wanted of it.
pub(super) struct LocalFolder<'a> {
    /// Name of the local source.
    pub(super) name: &'a str,
    /// The session that has it.
    pub(super) session_id: &'a str,
    /// The files that are sent.
    pub(super) files: Vec<String>,
    /// Patterns of what is not sent all the same.
    pub(super) excludes: Vec<String>,
    /// What tells the transfer from others of that folder.
    pub(super) shared_key: String,
    /// What the client shows meanwhile.
    pub(super) shown_as: String,
}

impl LocalFolder<'_> {
    /// The graph that yields the files.
    pub(super) fn definition(self) -> Result<Marshalled, Status> {
        let options = LocalOptions {
            session_id: Some(self.session_id.to_owned()),
            follow_paths: self.files,
            exclude_patterns: self.excludes,
            shared_key_hint: Some(self.shared_key),
            differ: Some(Differ::None { required: false }),
            ..LocalOptions::default()
        };
        let mut graph = Graph::new();
        let vertex = Vertex::new(Op::Source(SourceOp::local(self.name, &options))).with_name(self.shown_as);
        let vertex = graph.add(vertex).map_err(|error| graph_failure(&error))?;
        marshal(&graph, Some(vertex.first_output()))
    }
}
