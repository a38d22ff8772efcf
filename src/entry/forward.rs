//! Handing a request over to the frontend that the Dockerfile, or the client, names.

use dockerfile_syntax::directive::{Detected, detect_syntax};

use super::{Entry, Inputs};
use crate::gateway::{Bridge, GatewayCap, Session, Status, pb};
use crate::options::Request;
use crate::report::with_source;

/// The daemon's frontend that runs frontends from images.
const GATEWAY: &str = "gateway.v0";

/// Lets another frontend answer, if one is named and this one wasn't started for that very name.
///
/// # Errors
/// Fails as that frontend fails, or where it can't be started; the error then points at the line that names it.
pub async fn forward<B: Bridge>(
    session: &Session<'_, B>,
    request: &Request,
    entry: &Entry<'_>,
) -> Result<Option<pb::Result>, Status> {
    if request.handling.is_forwarded {
        return Ok(None);
    }
    if let Some(command) = &request.handling.syntax {
        let source = command.trim().split(' ').next().unwrap_or_default();
        let result = run(session, request, &entry.inputs, (source, command)).await;
        return result.map(Some).map_err(|status| match status.has_source() {
            true => status,
            false => status.context(format!(
                "the frontend that build-arg BUILDKIT_SYNTAX={command} names"
            )),
        });
    }
    let Some(Detected { word, value, lines }) = detect_syntax(&entry.source.data) else {
        return Ok(None);
    };
    let result = run(session, request, &entry.inputs, (&word, &value)).await;
    result.map(Some).map_err(|status| match status.has_source() {
        true => status,
        false => with_source(status, &entry.source, lines),
    })
}

async fn run<B: Bridge>(
    session: &Session<'_, B>,
    request: &Request,
    inputs: &Inputs,
    (source, command): (&str, &str),
) -> Result<pb::Result, Status> {
    tracing::info!(source, "handing over to another frontend");
    let inputs = match session.caps().supports(GatewayCap::FrontendInputs) {
        true => inputs.all(session).await?.clone(),
        false => Default::default(),
    };
    session
        .run_frontend(GATEWAY, request.forwarded_to(source, command), inputs)
        .await
}
