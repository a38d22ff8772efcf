//! The wire to BuildKit: the calls a frontend may make, and how they travel.
//!
//! All I/O of the frontend goes through [`Bridge`]. The real one is [`GrpcBridge`], on standard input and output;
//! tests bring a world of their own.

mod caps;
mod client;
mod codec;
mod entries;
mod files;
mod last_words;
mod received;
mod session;
mod size;
mod status;
mod stdio;
mod timeline;

/// The messages, generated from `proto/gateway.proto`.
#[allow(
    missing_docs,
    unused_qualifications,
    clippy::all,
    clippy::pedantic,
    reason = "generated"
)]
pub mod protocol {
    include!(concat!(env!("OUT_DIR"), "/protocol.rs"));
}

pub use caps::{GatewayCap, GatewayCaps};
pub(crate) use client::check_size;
pub use client::{GrpcBridge, MAX_MESSAGE_BYTES};
pub use codec::MAX_DECODED_BYTES;
pub use entries::{MapEntry, from_entries, to_entries};
pub(crate) use last_words::last_words;
pub use protocol::fsutil::types::Stat;
pub use protocol::moby::buildkit::v1::frontend as pb;
pub use received::MAX_RECEIVED_BYTES;
pub use session::{ImageLookup, ImageQuery, Session, SourceQuery, is_of_graph_size};
pub use status::{Any, Code, Status};
pub use stdio::{Inlet, connection};
pub use timeline::Timeline;

/// BuildKit as a frontend sees it: one method a call.
///
/// The futures stay on the one thread that the frontend has.
#[allow(async_fn_in_trait, reason = "the frontend has one thread")]
pub trait Bridge {
    /// What the daemon can do. The first call.
    async fn ping(&self) -> Result<pb::PongResponse, Status>;
    /// Runs a graph or another frontend.
    async fn solve(&self, request: pb::SolveRequest) -> Result<pb::SolveResponse, Status>;
    /// What a source is; needs [`GatewayCap::SourceMetaResolver`].
    async fn resolve_source_meta(
        &self,
        request: pb::ResolveSourceMetaRequest,
    ) -> Result<pb::ResolveSourceMetaResponse, Status>;
    /// Config of an image, the way of daemons before [`Bridge::resolve_source_meta`].
    async fn resolve_image_config(
        &self,
        request: pb::ResolveImageConfigRequest,
    ) -> Result<pb::ResolveImageConfigResponse, Status>;
    /// A file of a result, or a range of it.
    async fn read_file(&self, request: pb::ReadFileRequest) -> Result<pb::ReadFileResponse, Status>;
    /// The entries of a folder of a result.
    async fn read_dir(&self, request: pb::ReadDirRequest) -> Result<pb::ReadDirResponse, Status>;
    /// What a path of a result is.
    async fn stat_file(&self, request: pb::StatFileRequest) -> Result<pb::StatFileResponse, Status>;
    /// Computes a result now.
    async fn evaluate(&self, request: pb::EvaluateRequest) -> Result<(), Status>;
    /// Graphs that the client passed; needs [`GatewayCap::FrontendInputs`].
    async fn inputs(&self) -> Result<pb::InputsResponse, Status>;
    /// Shows a warning to the client.
    async fn warn(&self, request: pb::WarnRequest) -> Result<(), Status>;
    /// Hands over the result or the error. The last call, made once.
    async fn return_(&self, request: pb::ReturnRequest) -> Result<(), Status>;
}
