//! A daemon that keeps nothing large, so that what a process needs is what the frontend needs.

use plimsoll_fake_bridge::FakeBridge;
use plimsoll_frontend::gateway::{Bridge, Code, MAX_MESSAGE_BYTES, Status, pb};
use prost::Message;

/// Solves above this size are counted and forgotten.
const KEPT_BYTES: usize = 1 << 20;

/// The daemon in memory, with the limit of the wire.
pub struct Lean(pub FakeBridge);

fn check(message: &impl Message) -> Result<usize, Status> {
    let size = message.encoded_len();
    if size <= MAX_MESSAGE_BYTES {
        return Ok(size);
    }
    Err(Status::with_code(
        Code::RESOURCE_EXHAUSTED,
        "the message is larger than the wire takes",
    ))
}

impl Bridge for Lean {
    async fn ping(&self) -> Result<pb::PongResponse, Status> {
        self.0.ping().await
    }

    async fn solve(&self, request: pb::SolveRequest) -> Result<pb::SolveResponse, Status> {
        if check(&request)? <= KEPT_BYTES {
            return self.0.solve(request).await;
        }
        // It is encoded to be sent.
        let id = request.encode_to_vec().len().to_string();
        let result = pb::result::Result::Ref(pb::Ref {
            id,
            ..pb::Ref::default()
        });
        Ok(pb::SolveResponse {
            result: Some(pb::Result {
                result: Some(result),
                ..pb::Result::default()
            }),
            ..pb::SolveResponse::default()
        })
    }

    async fn resolve_source_meta(
        &self,
        request: pb::ResolveSourceMetaRequest,
    ) -> Result<pb::ResolveSourceMetaResponse, Status> {
        self.0.resolve_source_meta(request).await
    }

    async fn resolve_image_config(
        &self,
        request: pb::ResolveImageConfigRequest,
    ) -> Result<pb::ResolveImageConfigResponse, Status> {
        self.0.resolve_image_config(request).await
    }

    async fn read_file(&self, request: pb::ReadFileRequest) -> Result<pb::ReadFileResponse, Status> {
        self.0.read_file(request).await
    }

    async fn read_dir(&self, request: pb::ReadDirRequest) -> Result<pb::ReadDirResponse, Status> {
        self.0.read_dir(request).await
    }

    async fn stat_file(&self, request: pb::StatFileRequest) -> Result<pb::StatFileResponse, Status> {
        self.0.stat_file(request).await
    }

    async fn evaluate(&self, request: pb::EvaluateRequest) -> Result<(), Status> {
        self.0.evaluate(request).await
    }

    async fn inputs(&self) -> Result<pb::InputsResponse, Status> {
        self.0.inputs().await
    }

    async fn warn(&self, _: pb::WarnRequest) -> Result<(), Status> {
        Ok(())
    }

    async fn return_(&self, request: pb::ReturnRequest) -> Result<(), Status> {
        check(&request).map(|_| ())
    }
}
