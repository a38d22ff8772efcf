//! The last call: the result or the error, in a form and a size that the daemon takes.

use llb_graph::collect;
use prost::Message;

use crate::gateway::{self, Bridge, Code, GatewayCap, GatewayCaps, MAX_MESSAGE_BYTES, Status, pb};
use crate::report;

/// How a request ended.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// The daemon has the result.
    Built,
    /// The daemon has the error, so the person who builds will see it.
    Refused(Status),
    /// The daemon could not be told; only standard error is left.
    Lost(Status),
}

impl Outcome {
    /// One word, for the log.
    pub(crate) fn word(&self) -> &'static str {
        match self {
            Self::Built => "built",
            Self::Refused(_) => "refused",
            Self::Lost(_) => "lost",
        }
    }
}

/// Hands over what came of a request.
///
/// Where the daemon refuses the result it is told so instead, and an error that it refuses goes again without its
/// details: a person should read what went wrong, not that something did.
pub(crate) async fn hand_over<B: Bridge>(
    bridge: &B,
    caps: &GatewayCaps,
    answer: Result<pb::Result, Status>,
) -> Outcome {
    let request = answer
        .and_then(|result| survivable(result, caps))
        .and_then(|result| sized(in_known_form(result, caps)));
    let refused = match request {
        Ok(request) => match bridge.return_(request).await {
            Ok(()) => return Outcome::Built,
            Err(lost) => lost.context("handing the result to BuildKit"),
        },
        Err(status) => status,
    };
    let shown = report::fit_for_display(refused);
    let Err(lost) = bridge.return_(error_request(&shown)).await else {
        return Outcome::Refused(shown);
    };
    let bare = report::without_details(&shown);
    match bridge.return_(error_request(&bare)).await {
        Ok(()) => Outcome::Refused(bare),
        Err(_) => Outcome::Lost(bare.context(format!("BuildKit could not be told ({lost}) of this error"))),
    }
}

fn error_request(status: &Status) -> pb::ReturnRequest {
    pb::ReturnRequest {
        result: None,
        error: Some(status.clone().into_wire()),
    }
}

/// The result as a message, if it is one that the daemon takes. Graphs go along as long as there is room: the daemon
/// has them and looks at ids alone.
fn sized(result: pb::Result) -> Result<pb::ReturnRequest, Status> {
    let mut request = pb::ReturnRequest {
        result: Some(result),
        error: None,
    };
    if request.encoded_len() > MAX_MESSAGE_BYTES {
        request.result = request.result.map(without_graphs);
    }
    gateway::check_size(
        "the result of the build",
        "build fewer platforms at once, or with fewer and shorter labels, arguments and environment variables",
        &request,
    )?;
    Ok(request)
}

fn without_graphs(mut result: pb::Result) -> pb::Result {
    use pb::result::Result as Kind;

    let bare = |reference: pb::Ref| pb::Ref {
        id: reference.id,
        ..pb::Ref::default()
    };
    result.result = result.result.map(|kind| match kind {
        Kind::Ref(reference) => Kind::Ref(bare(reference)),
        Kind::Refs(pb::RefMap { refs }) => {
            let refs = gateway::from_entries(refs)
                .into_iter()
                .map(|(key, reference)| (key, bare(reference)));
            Kind::Refs(pb::RefMap {
                refs: gateway::to_entries(collect::map(refs)),
            })
        }
        ids => ids,
    });
    result
}

/// The result, unless it is one that ends the daemon for everybody: before 0.13, BuildKit dies of an empty result among
/// those by platform when its client asks through the gateway, as buildctl and buildx do, whichever frontend made it.
fn survivable(result: pb::Result, caps: &GatewayCaps) -> Result<pb::Result, Status> {
    // Both came with 0.13.
    if caps.supports(GatewayCap::SourceMetaResolver) {
        return Ok(result);
    }
    let Some(pb::result::Result::Refs(pb::RefMap { refs })) = &result.result else {
        return Ok(result);
    };
    let is_empty = |entry: &&pb::RefEntry| {
        entry
            .value
            .as_ref()
            .is_none_or(|reference| reference.id.is_empty())
    };
    let Some(empty) = refs.iter().find(is_empty) else {
        return Ok(result);
    };
    let message = format!(
        "the result for {} has no files, and this BuildKit ends when it gets such a result by platform: copy a file \
         into the image, build without `--platform`, or update BuildKit to 0.13 or later",
        empty.key.as_deref().unwrap_or_default()
    );
    Err(Status::with_code(Code::UNIMPLEMENTED, message))
}

/// The result in the form that the daemon knows: older ones want bare ids. No entry of a map lacks its value, whoever
/// made the result.
fn in_known_form(mut result: pb::Result, caps: &GatewayCaps) -> pb::Result {
    use pb::result::Result as Kind;

    let knows_handles = caps.supports(GatewayCap::RefArray);
    result.result = result.result.map(|kind| match kind {
        Kind::Ref(reference) if !knows_handles => Kind::RefDeprecated(reference.id),
        Kind::Refs(pb::RefMap { refs }) if !knows_handles => {
            let refs = gateway::from_entries(refs)
                .into_iter()
                .map(|(key, reference)| (key, reference.id));
            Kind::RefsDeprecated(pb::RefMapDeprecated {
                refs: collect::map(refs),
            })
        }
        Kind::Refs(pb::RefMap { refs }) => Kind::Refs(pb::RefMap {
            refs: gateway::to_entries(gateway::from_entries(refs)),
        }),
        complete => complete,
    });
    result.attestations = gateway::to_entries(gateway::from_entries(result.attestations));
    result
}
