//! The real [`Bridge`]: gRPC over one HTTP/2 connection.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::body::Incoming;
use hyper::client::conn::http2;
use hyper_util::rt::{TokioExecutor, TokioIo};
use prost::Message;
use tokio::io::{AsyncRead, AsyncWrite};
use tonic::body::Body;

use super::pb::llb_bridge_client::LlbBridgeClient;
use super::{Bridge, Code, Status, pb};

/// Largest message in either direction, as BuildKit has it.
pub const MAX_MESSAGE_BYTES: usize = 16 << 20;

/// Largest list of features and largest listing of a folder. Their entries take far more room in memory than on the
/// wire.
const MAX_LIST_BYTES: usize = 4 << 20;

/// Largest error that is received. Errors travel in headers, as base64 of JSON that holds files as base64; one that is
/// much larger ends the connection, and then nobody is told anything.
const MAX_ERROR_BYTES: u32 = 32 << 20;

/// How long the daemon may take for the first answer.
const PING_TIMEOUT: Duration = Duration::from_secs(15);

/// How much may be under way before the other side waits for us.
const WINDOW_BYTES: u32 = 1 << 20;

/// BuildKit on the other end of a connection.
pub struct GrpcBridge {
    client: LlbBridgeClient<Http2>,
}

impl GrpcBridge {
    /// Speaks HTTP/2 on `io` at once, without negotiation; must be called within a Tokio runtime.
    ///
    /// # Errors
    /// Fails where the connection breaks before anything was said.
    pub async fn connect(io: impl AsyncRead + AsyncWrite + Unpin + Send + 'static) -> Result<Self, Status> {
        let (sender, connection) = http2::Builder::new(TokioExecutor::new())
            .initial_stream_window_size(WINDOW_BYTES)
            .initial_connection_window_size(WINDOW_BYTES)
            .max_header_list_size(MAX_ERROR_BYTES)
            .handshake(TokioIo::new(io))
            .await
            .map_err(|error| Status::with_code(Code::UNAVAILABLE, error.to_string()))?;
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, "the connection to BuildKit ended");
            }
        });
        let client = LlbBridgeClient::with_origin(Http2(sender), http::Uri::from_static("http://localhost"))
            .max_decoding_message_size(MAX_MESSAGE_BYTES)
            .max_encoding_message_size(MAX_MESSAGE_BYTES);
        Ok(Self { client })
    }

    fn client(&self) -> LlbBridgeClient<Http2> {
        self.client.clone()
    }
}

/// One HTTP/2 connection as a service that tonic can call.
#[derive(Clone)]
struct Http2(http2::SendRequest<Body>);

impl tower_service::Service<http::Request<Body>> for Http2 {
    type Response = http::Response<Incoming>;
    type Error = hyper::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.0.poll_ready(cx)
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        Box::pin(self.0.send_request(request))
    }
}

/// A size for people: `17.3 MiB`.
fn mebibytes(bytes: usize) -> String {
    let tenths = bytes.saturating_mul(10).div_ceil(1 << 20);
    format!("{}.{} MiB", tenths / 10, tenths % 10)
}

/// Refuses what BuildKit would not take, in words that say what to do; gRPC itself would only name a number.
pub(crate) fn check_size(what: &str, mend: &str, message: &impl Message) -> Result<(), Status> {
    let size = message.encoded_len();
    if size <= MAX_MESSAGE_BYTES {
        return Ok(());
    }
    let message = format!(
        "{what} is {} and a message to BuildKit may have {}: {mend}",
        mebibytes(size),
        mebibytes(MAX_MESSAGE_BYTES),
    );
    Err(Status::with_code(Code::RESOURCE_EXHAUSTED, message))
}

/// Says what was too large, where the answer was.
fn explain(status: tonic::Status, what: &str) -> Status {
    let too_large = matches!(
        status.code(),
        tonic::Code::OutOfRange | tonic::Code::ResourceExhausted
    ) && status.message().contains("message length too large");
    if status.message().contains("missing grpc-status") {
        let message = format!(
            "BuildKit ended the call for {what} without saying how it went; most likely its error is larger than the {} \
             that can be received. The daemon's own log has it",
            mebibytes(MAX_ERROR_BYTES as usize),
        );
        return Status::with_code(Code::RESOURCE_EXHAUSTED, message);
    }
    if !too_large {
        return status.into();
    }
    let message = format!(
        "{what} is larger than the {} that a message from BuildKit may have: make it smaller, or leave it out of \
         the build ({})",
        mebibytes(MAX_MESSAGE_BYTES),
        status.message(),
    );
    Status::with_code(Code::RESOURCE_EXHAUSTED, message)
}

impl Bridge for GrpcBridge {
    async fn ping(&self) -> Result<pb::PongResponse, Status> {
        let mut client = self.client().max_decoding_message_size(MAX_LIST_BYTES / 4);
        match tokio::time::timeout(PING_TIMEOUT, client.ping(pb::PingRequest {})).await {
            Ok(Ok(response)) => Ok(response.into_inner()),
            Ok(Err(status)) => Err(explain(status, "the list of the daemon's features")),
            Err(_) => Err(Status::with_code(
                Code::DEADLINE_EXCEEDED,
                format!(
                    "BuildKit did not answer within {} seconds",
                    PING_TIMEOUT.as_secs()
                ),
            )),
        }
    }

    async fn solve(&self, request: pb::SolveRequest) -> Result<pb::SolveResponse, Status> {
        check_size(
            "the build graph",
            "split the Dockerfile, or build a target that needs fewer of its stages",
            &request,
        )?;
        let response = self.client().solve(request).await;
        response
            .map(tonic::Response::into_inner)
            .map_err(|status| explain(status, "the answer to a solve"))
    }

    async fn resolve_source_meta(
        &self,
        request: pb::ResolveSourceMetaRequest,
    ) -> Result<pb::ResolveSourceMetaResponse, Status> {
        let response = self.client().resolve_source_meta(request).await;
        response
            .map(tonic::Response::into_inner)
            .map_err(|status| explain(status, "the config of a source"))
    }

    async fn resolve_image_config(
        &self,
        request: pb::ResolveImageConfigRequest,
    ) -> Result<pb::ResolveImageConfigResponse, Status> {
        let response = self.client().resolve_image_config(request).await;
        response
            .map(tonic::Response::into_inner)
            .map_err(|status| explain(status, "the config of an image"))
    }

    async fn read_file(&self, request: pb::ReadFileRequest) -> Result<pb::ReadFileResponse, Status> {
        let path = request.file_path.clone();
        let response = self.client().read_file(request).await;
        response
            .map(tonic::Response::into_inner)
            .map_err(|status| explain(status, &format!("the file {path}")))
    }

    async fn read_dir(&self, request: pb::ReadDirRequest) -> Result<pb::ReadDirResponse, Status> {
        let path = request.dir_path.clone();
        let client = self.client().max_decoding_message_size(MAX_LIST_BYTES);
        let response = { client }.read_dir(request).await;
        response
            .map(tonic::Response::into_inner)
            .map_err(|status| explain(status, &format!("the folder {path}")))
    }

    async fn stat_file(&self, request: pb::StatFileRequest) -> Result<pb::StatFileResponse, Status> {
        let path = request.path.clone();
        let response = self.client().stat_file(request).await;
        response
            .map(tonic::Response::into_inner)
            .map_err(|status| explain(status, &format!("the attributes of {path}")))
    }

    async fn evaluate(&self, request: pb::EvaluateRequest) -> Result<(), Status> {
        self.client()
            .evaluate(request)
            .await
            .map(drop)
            .map_err(|status| explain(status, "a result's computation"))
    }

    async fn inputs(&self) -> Result<pb::InputsResponse, Status> {
        let response = self.client().inputs(pb::InputsRequest {}).await;
        response
            .map(tonic::Response::into_inner)
            .map_err(|status| explain(status, "the set of inputs"))
    }

    async fn warn(&self, request: pb::WarnRequest) -> Result<(), Status> {
        check_size(
            "a warning with its Dockerfile",
            "make the Dockerfile smaller",
            &request,
        )?;
        self.client().warn(request).await.map(drop).map_err(Status::from)
    }

    async fn return_(&self, request: pb::ReturnRequest) -> Result<(), Status> {
        self.client()
            .r#return(request)
            .await
            .map(drop)
            .map_err(Status::from)
    }
}
