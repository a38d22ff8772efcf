//! `frontend.convertllb`: the graph of the target as JSON, for tools and tests.

use llb_graph::json::convert_llb;

use super::metadata_only;
use crate::build::Job;
use crate::gateway::{Bridge, Code, Status, pb};

/// The name on the wire.
pub(super) const NAME: &str = "frontend.convertllb";
const VERSION: &str = "0.1.0";

/// Compiles and prints the graph.
pub(super) async fn answer<B: Bridge>(job: &Job<'_, '_, B>) -> Result<pb::Result, Status> {
    let compiled = job.compile_unplaced(true).await?;
    let definition = compiled.definition.decode();
    let json = definition
        .and_then(|definition| convert_llb(&definition))
        .map_err(|error| {
            let message = format!("Plimsoll can't read a graph of its own, please report it: {error}");
            Status::with_code(Code::INTERNAL, message)
        })?;
    Ok(metadata_only([
        ("result.json", json.into_bytes()),
        ("version", VERSION.as_bytes().to_vec()),
    ]))
}
