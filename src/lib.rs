//! The I/O shell around the compile core: all that the frontend image holds.
//!
//! [`run`] is a whole request, from the first call to the daemon to the last. All I/O in it goes through a
//! [`gateway::Bridge`], so tests run the entire frontend without a daemon.

mod build;
pub mod entry;
pub mod gateway;
mod gzip;
mod handover;
mod hint;
mod join;
pub mod options;
pub mod report;
pub mod resolve;
mod subrequest;
mod tar;

use std::sync::Arc;
use std::time::Instant;

use llb_graph::caps;

use build::Job;
use gateway::{Bridge, Code, GatewayCap, Session, Status, Timeline, pb};
use handover::hand_over;
use options::{Environment, Request};

pub use handover::Outcome;

/// Serves one request.
///
/// `environment` is what the daemon put into the process environment.
pub async fn run<B: Bridge>(bridge: &B, environment: &Environment) -> Outcome {
    let bridge = &Timeline::new(bridge);
    let session = match Session::open(bridge, &environment.product).await {
        Ok(session) => session,
        Err(status) => return Outcome::Lost(status),
    };
    if let Err(status) = session.caps().require(GatewayCap::Return) {
        return Outcome::Lost(status);
    }
    let start = Instant::now();
    let answer = serve(&session, environment).await;
    let outcome = hand_over(bridge, session.caps(), answer).await;
    let (target, platforms) = options::asked_for(environment);
    tracing::info!(
        version = env!("CARGO_PKG_VERSION"),
        target,
        platforms,
        rounds = session.rounds(),
        milliseconds = u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX),
        outcome = outcome.word(),
        "served a request"
    );
    outcome
}

/// Everything between the first call and the last.
async fn serve<B: Bridge>(session: &Session<'_, B>, environment: &Environment) -> Result<pb::Result, Status> {
    let needs_file_ops = session.require_llb(caps::FILE_BASE);
    needs_file_ops.map_err(|status| status.context("Plimsoll needs BuildKit 0.5 or later"))?;
    let invalid = |problems| Status::with_code(Code::INVALID_ARGUMENT, problems);
    let request = Request::parse(environment).map_err(invalid)?;
    let missing_cap = request.handling.missing_cap.as_ref();
    if let Some(cap) = missing_cap.filter(|cap| !cap.may_forward) {
        return Err(report::missing_frontend_cap(&cap.name));
    }

    let compiles = request
        .handling
        .subrequest
        .as_deref()
        .is_none_or(subrequest::compiles);
    let mut entry = entry::read(session, &request, compiles).await?;
    if let Some(result) = entry::forward(session, &request, &entry).await? {
        return Ok(result);
    }
    if let Some(cap) = missing_cap {
        return Err(report::missing_frontend_cap(&cap.name));
    }

    let subrequest = request.handling.subrequest.as_deref();
    let read_lock = async {
        match subrequest.is_none_or(subrequest::has_graph) {
            true => entry::read_lock(session, &request, &entry).await,
            false => Ok(None),
        }
    };
    let (taken, lock) = tokio::join!(resolve::take_in(session, &request, &entry), read_lock);
    let (files, answers) = taken;
    let lock = lock?;
    entry.source = Arc::clone(files.source());
    let parsed = files.parse();
    tracing::debug!(bytes = entry.source.data.len(), "parsed the Dockerfile");
    let job = Job {
        lock: lock.map(Arc::new),
        answers,
        session,
        request: &request,
        entry: &entry,
        parsed: &parsed,
    };
    match subrequest {
        Some(name) => subrequest::answer(&job, name).await,
        None => job.build().await,
    }
}
