//! What a frontend did, in the order in which it did it.

use plimsoll_frontend::gateway::pb;

/// What a frontend did.
#[derive(Clone, Debug, Default)]
pub struct Noted {
    /// Every call, in order, such as `read_file Dockerfile`.
    pub calls: Vec<String>,
    /// Begin and end of every call, in order.
    pub moments: Vec<Moment>,
    /// Solves, in order.
    pub solves: Vec<pb::SolveRequest>,
    /// Paths read of each solve's result, such as `read Dockerfile`.
    pub reads: Vec<Vec<String>>,
    /// Lookups by the newer call.
    pub source_metas: Vec<pb::ResolveSourceMetaRequest>,
    /// Lookups by the older call.
    pub image_configs: Vec<pb::ResolveImageConfigRequest>,
    /// Warnings.
    pub warnings: Vec<pb::WarnRequest>,
    /// What was returned; more than one is a mistake.
    pub returned: Vec<pb::ReturnRequest>,
    /// Every message in order, in the bytes that would go over the wire.
    pub sent: Vec<Sent>,
}

/// The begin or the end of a call, which is named as in [`Noted::calls`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Moment {
    /// The frontend has asked.
    Begin(String),
    /// The daemon answers.
    End(String),
}

/// A message as it goes over the wire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    /// The gRPC method, such as `ReadFile`.
    pub method: &'static str,
    /// The encoded request.
    pub message: Vec<u8>,
}
