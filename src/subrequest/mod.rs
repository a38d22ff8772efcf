//! Questions about a Dockerfile that are answered instead of a build.

mod convert_llb;
mod describe;

use std::collections::BTreeMap;

use crate::build::Job;
use crate::gateway::{Bridge, Status, pb};
use crate::report::unknown_subrequest;

/// A question by its name on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Subrequest {
    /// Which questions there are.
    Describe,
    /// The graph of the target as JSON.
    ConvertLlb,
}

/// Every question that is answered. A new one is a file and a line here.
const TABLE: [(&str, Subrequest); 2] = [
    (describe::NAME, Subrequest::Describe),
    (convert_llb::NAME, Subrequest::ConvertLlb),
];

/// Answers the question `name`.
///
/// # Errors
/// Fails where there is no such question, or where answering it fails.
pub(crate) async fn answer<B: Bridge>(job: &Job<'_, B>, name: &str) -> Result<pb::Result, Status> {
    let Some((_, subrequest)) = TABLE.iter().find(|(known, _)| *known == name) else {
        let known: Vec<&str> = TABLE.iter().map(|(name, _)| *name).collect();
        return Err(unknown_subrequest(name, &known));
    };
    match subrequest {
        Subrequest::Describe => Ok(describe::answer()),
        Subrequest::ConvertLlb => convert_llb::answer(job).await,
    }
}

/// A result of nothing but metadata.
fn metadata_only<const N: usize>(entries: [(&str, Vec<u8>); N]) -> pb::Result {
    let metadata: BTreeMap<String, bytes::Bytes> = entries
        .into_iter()
        .map(|(key, value)| (key.to_owned(), value.into()))
        .collect();
    pb::Result {
        result: Some(pb::result::Result::Ref(pb::Ref::default())),
        metadata,
        ..pb::Result::default()
    }
}
