//! The real [`Bridge`]: gRPC over one HTTP/2 connection.

use std::time::Duration;

use bytes::Bytes;
use http::uri::PathAndQuery;
use hyper::client::conn::http2;
use hyper_util::rt::{TokioExecutor, TokioIo};
use prost::Message;
use tokio::io::{AsyncRead, AsyncWrite};
use tonic::client::Grpc;

use super::codec::{self, Answered, Calls, MAX_DECODED_BYTES, Sent, TOO_HEAVY};
use super::received::{Http2, MAX_RECEIVED_BYTES, TOO_MUCH};
use super::size::{mebibytes, told};
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
    http: Http2,
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
        let http = Http2::new(sender);
        Ok(Self { http })
    }

    /// Calls a method of the daemon; `what` is the answer in words, for an error about it.
    async fn call<A: Answered>(
        &self,
        method: &'static str,
        request: impl Message + 'static,
        what: &str,
    ) -> Result<A, Status> {
        self.call_within(MAX_MESSAGE_BYTES, method, request, what).await
    }

    /// [`GrpcBridge::call`], for an answer of no more than so many bytes.
    async fn call_within<A: Answered>(
        &self,
        most: usize,
        method: &'static str,
        request: impl Message + 'static,
        what: &str,
    ) -> Result<A, Status> {
        let answer = self.exchange(most, method, Box::new(request)).await;
        let answer = answer.and_then(codec::decode);
        answer.map_err(|status| explain(status, what))
    }

    async fn exchange(
        &self,
        most: usize,
        method: &'static str,
        request: Box<dyn Sent>,
    ) -> Result<Bytes, tonic::Status> {
        let origin = http::Uri::from_static("http://localhost");
        let mut grpc = Grpc::with_origin(self.http.clone(), origin)
            .max_decoding_message_size(most)
            .max_encoding_message_size(MAX_MESSAGE_BYTES);
        let ready = grpc.ready().await;
        ready.map_err(|error| tonic::Status::unknown(error.to_string()))?;
        let path = PathAndQuery::from_static(method);
        let answer = grpc.unary(tonic::Request::new(request), path, Calls).await?;
        Ok(answer.into_inner())
    }
}

/// Refuses what BuildKit would not take, in words that say what to do; gRPC itself would only name a number.
pub(crate) fn check_size(what: &str, mend: &str, message: &impl Message) -> Result<(), Status> {
    match message.encoded_len() {
        size if size > MAX_MESSAGE_BYTES => Err(too_large(what, (size, MAX_MESSAGE_BYTES), mend)),
        _ => Ok(()),
    }
}

/// Says that something has no room in a message, and what to do.
pub(super) fn too_large(what: &str, (size, limit): (usize, usize), mend: &str) -> Status {
    let message = format!(
        "{what} is {} and a message to BuildKit may have {}: {mend}",
        mebibytes(size),
        mebibytes(limit),
    );
    Status::with_code(Code::RESOURCE_EXHAUSTED, message)
}

/// Says what was too large, where the answer was.
fn explain(status: tonic::Status, what: &str) -> Status {
    let said = status.message();
    let is_too_large = matches!(
        status.code(),
        tonic::Code::OutOfRange | tonic::Code::ResourceExhausted
    );
    let too_large = told(said).filter(|_| is_too_large && said.contains("too large"));
    let message = if said.contains("missing grpc-status") {
        format!(
            "BuildKit ended the call for {what} without saying how it went; most likely its error is larger than the {} \
             that can be received. The daemon's own log has it",
            mebibytes(MAX_ERROR_BYTES as usize),
        )
    } else if let Some((size, limit)) = too_large {
        format!(
            "{what} has {}, and a message from BuildKit may have {}: make it smaller, or leave it out of the build",
            mebibytes(size),
            mebibytes(limit),
        )
    } else if said.starts_with(TOO_MUCH) {
        format!(
            "with {what}, all that BuildKit sent for this build is larger than the {} that are received: build from \
             fewer base images or ones with smaller configs, or split the Dockerfile",
            mebibytes(MAX_RECEIVED_BYTES),
        )
    } else if let Some(weight) = said.strip_prefix(TOO_HEAVY) {
        format!(
            "{what} has too many small parts: with more than {} in memory it is not read ({weight}). Make it smaller, \
             or leave it out of the build",
            mebibytes(MAX_DECODED_BYTES),
        )
    } else {
        return status.into();
    };
    Status::with_code(Code::RESOURCE_EXHAUSTED, message)
}

/// The path of a method.
macro_rules! method {
    ($name:literal) => {
        concat!("/moby.buildkit.v1.frontend.LLBBridge/", $name)
    };
}

impl Bridge for GrpcBridge {
    async fn ping(&self) -> Result<pb::PongResponse, Status> {
        let what = "the list of the daemon's features";
        let pong = self.call_within(MAX_LIST_BYTES / 4, method!("Ping"), pb::PingRequest {}, what);
        match tokio::time::timeout(PING_TIMEOUT, pong).await {
            Ok(pong) => pong,
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
        self.call(method!("Solve"), request, "the answer to a solve")
            .await
    }

    async fn resolve_source_meta(
        &self,
        request: pb::ResolveSourceMetaRequest,
    ) -> Result<pb::ResolveSourceMetaResponse, Status> {
        self.call(method!("ResolveSourceMeta"), request, "the config of a source")
            .await
    }

    async fn resolve_image_config(
        &self,
        request: pb::ResolveImageConfigRequest,
    ) -> Result<pb::ResolveImageConfigResponse, Status> {
        self.call(method!("ResolveImageConfig"), request, "the config of an image")
            .await
    }

    async fn read_file(&self, request: pb::ReadFileRequest) -> Result<pb::ReadFileResponse, Status> {
        let what = format!("the file {}", request.file_path);
        self.call(method!("ReadFile"), request, &what).await
    }

    async fn read_dir(&self, request: pb::ReadDirRequest) -> Result<pb::ReadDirResponse, Status> {
        let what = format!("the folder {}", request.dir_path);
        self.call_within(MAX_LIST_BYTES, method!("ReadDir"), request, &what)
            .await
    }

    async fn stat_file(&self, request: pb::StatFileRequest) -> Result<pb::StatFileResponse, Status> {
        let what = format!("the attributes of {}", request.path);
        self.call(method!("StatFile"), request, &what).await
    }

    async fn evaluate(&self, request: pb::EvaluateRequest) -> Result<(), Status> {
        let answer = self.call(method!("Evaluate"), request, "a result's computation");
        answer.await.map(|pb::EvaluateResponse {}| ())
    }

    async fn inputs(&self) -> Result<pb::InputsResponse, Status> {
        self.call(method!("Inputs"), pb::InputsRequest {}, "the set of inputs")
            .await
    }

    async fn warn(&self, request: pb::WarnRequest) -> Result<(), Status> {
        check_size(
            "a warning with its Dockerfile",
            "make the Dockerfile smaller",
            &request,
        )?;
        let answer = self.call(method!("Warn"), request, "the answer to a warning");
        answer.await.map(|pb::WarnResponse {}| ())
    }

    async fn return_(&self, request: pb::ReturnRequest) -> Result<(), Status> {
        let answer = self
            .exchange(MAX_MESSAGE_BYTES, method!("Return"), Box::new(request))
            .await;
        let answer = answer.and_then(codec::decode);
        answer.map(|pb::ReturnResponse {}| ()).map_err(Status::from)
    }
}
