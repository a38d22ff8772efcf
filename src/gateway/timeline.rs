//! When each call was made and answered, for the log at `debug`.

use std::fmt;
use std::future::Future;
use std::time::{Duration, Instant};

use super::{Bridge, Status, pb};

/// A [`Bridge`] that tells the log about its calls.
pub struct Timeline<'a, B> {
    bridge: &'a B,
    start: Instant,
}

impl<'a, B: Bridge> Timeline<'a, B> {
    /// Counts from now.
    pub fn new(bridge: &'a B) -> Self {
        Self {
            bridge,
            start: Instant::now(),
        }
    }

    /// Waits for an answer and logs how long that took.
    async fn log<T>(
        &self,
        call: &str,
        about: Option<String>,
        answer: impl Future<Output = Result<T, Status>>,
    ) -> Result<T, Status> {
        let asked = self.start.elapsed();
        let answer = answer.await;
        let took = self.start.elapsed().saturating_sub(asked);
        tell(call, about, [asked, took], answer.is_err());
        answer
    }
}

/// The line about a call that was made some time after the start, and took some.
fn tell(call: &str, about: Option<String>, [asked, took]: [Duration; 2], failed: bool) {
    tracing::debug!(
        call,
        about = about.unwrap_or_default(),
        asked_ms = %Milliseconds(asked),
        took_ms = %Milliseconds(took),
        failed,
        "BuildKit answered"
    );
}

/// Written with two decimals.
struct Milliseconds(Duration);

impl fmt::Display for Milliseconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(time) = self;
        write!(f, "{}.{:02}", time.as_millis(), time.subsec_micros() / 10 % 100)
    }
}

/// What a call is about, where somebody reads the log.
fn about(text: &str) -> Option<String> {
    tracing::enabled!(tracing::Level::DEBUG).then(|| text.to_owned())
}

impl<B: Bridge> Bridge for Timeline<'_, B> {
    async fn ping(&self) -> Result<pb::PongResponse, Status> {
        self.log("ping", None, self.bridge.ping()).await
    }

    async fn solve(&self, request: pb::SolveRequest) -> Result<pb::SolveResponse, Status> {
        let about = about(&request.frontend);
        self.log("solve", about, self.bridge.solve(request)).await
    }

    async fn resolve_source_meta(
        &self,
        request: pb::ResolveSourceMetaRequest,
    ) -> Result<pb::ResolveSourceMetaResponse, Status> {
        let source = request.source.as_ref();
        let about = source.and_then(|source| about(&source.identifier));
        let answer = self.bridge.resolve_source_meta(request);
        self.log("resolve_source_meta", about, answer).await
    }

    async fn resolve_image_config(
        &self,
        request: pb::ResolveImageConfigRequest,
    ) -> Result<pb::ResolveImageConfigResponse, Status> {
        let about = about(&request.r#ref);
        let answer = self.bridge.resolve_image_config(request);
        self.log("resolve_image_config", about, answer).await
    }

    async fn read_file(&self, request: pb::ReadFileRequest) -> Result<pb::ReadFileResponse, Status> {
        let about = about(&request.file_path);
        self.log("read_file", about, self.bridge.read_file(request)).await
    }

    async fn read_dir(&self, request: pb::ReadDirRequest) -> Result<pb::ReadDirResponse, Status> {
        let about = about(&request.dir_path);
        self.log("read_dir", about, self.bridge.read_dir(request)).await
    }

    async fn stat_file(&self, request: pb::StatFileRequest) -> Result<pb::StatFileResponse, Status> {
        let about = about(&request.path);
        self.log("stat_file", about, self.bridge.stat_file(request)).await
    }

    async fn evaluate(&self, request: pb::EvaluateRequest) -> Result<(), Status> {
        self.log("evaluate", None, self.bridge.evaluate(request)).await
    }

    async fn inputs(&self) -> Result<pb::InputsResponse, Status> {
        self.log("inputs", None, self.bridge.inputs()).await
    }

    async fn warn(&self, request: pb::WarnRequest) -> Result<(), Status> {
        self.log("warn", None, self.bridge.warn(request)).await
    }

    async fn return_(&self, request: pb::ReturnRequest) -> Result<(), Status> {
        self.log("return", None, self.bridge.return_(request)).await
    }
}
