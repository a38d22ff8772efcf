//! Questions about a Dockerfile that are answered instead of a build.

mod context;
mod convert_llb;
mod describe;
mod explain;
mod graph;
mod lint;
mod local;
mod lock;
mod outline;
mod targets;

use llb_graph::collect;

use dockerfile_compile::view::View;

use crate::build::Job;
use crate::gateway::{Bridge, Status, pb};
use crate::report::{safe_lines, unknown_subrequest};

/// A question by its name on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Subrequest {
    /// Which questions there are.
    Describe,
    /// What a build reads of the client's folders.
    Context,
    /// The graph of the target as JSON.
    ConvertLlb,
    /// What a build does.
    Explain,
    /// The stages and steps of a build.
    Graph,
    /// What the linter says of the file.
    Lint,
    /// What its sources are now.
    Lock,
    /// What a client may pass to a build of the target.
    Outline,
    /// Which stages can be built.
    Targets,
}

/// Every question that is answered. A new one is a file and a line here.
const TABLE: [(&str, Subrequest); 9] = [
    (describe::NAME, Subrequest::Describe),
    (context::NAME, Subrequest::Context),
    (convert_llb::NAME, Subrequest::ConvertLlb),
    (explain::NAME, Subrequest::Explain),
    (graph::NAME, Subrequest::Graph),
    (lint::NAME, Subrequest::Lint),
    (lock::NAME, Subrequest::Lock),
    (outline::NAME, Subrequest::Outline),
    (targets::NAME, Subrequest::Targets),
];

/// Whether the question `name` is answered by compiling the file, so that the context matters.
pub(crate) fn compiles(name: &str) -> bool {
    let known = TABLE.iter().find(|(known, _)| *known == name);
    known.is_some_and(|(_, subrequest)| !matches!(subrequest, Subrequest::Describe | Subrequest::Targets))
}

/// Whether the answer to the question `name` is about the graph, in which sources are pinned.
pub(crate) fn has_graph(name: &str) -> bool {
    let known = TABLE.iter().find(|(known, _)| *known == name);
    known.is_some_and(|(_, subrequest)| {
        matches!(
            subrequest,
            Subrequest::Context | Subrequest::ConvertLlb | Subrequest::Explain | Subrequest::Graph
        )
    })
}

/// Answers the question `name`.
///
/// # Errors
/// Fails where there is no such question, or where answering it fails.
pub(crate) async fn answer<B: Bridge>(job: &Job<'_, '_, B>, name: &str) -> Result<pb::Result, Status> {
    let Some((_, subrequest)) = TABLE.iter().find(|(known, _)| *known == name) else {
        let known: Vec<&str> = TABLE.iter().map(|(name, _)| *name).collect();
        return Err(unknown_subrequest(name, &known));
    };
    match subrequest {
        Subrequest::Describe => Ok(describe::answer()),
        Subrequest::Context => context::answer(job).await,
        Subrequest::ConvertLlb => convert_llb::answer(job).await,
        Subrequest::Explain => explain::answer(job).await,
        Subrequest::Graph => graph::answer(job).await,
        Subrequest::Lint => lint::answer(job).await,
        Subrequest::Lock => lock::answer(job).await,
        Subrequest::Outline => outline::answer(job).await,
        Subrequest::Targets => targets::answer(job),
    }
}

/// A view of the file in both its forms.
fn view_result(view: View, version: &str) -> pb::Result {
    metadata_only([
        ("result.json", view.json),
        ("result.txt", safe_lines(&view.text).into_owned()),
        ("version", version.as_bytes().to_vec()),
    ])
}

/// A result of nothing but metadata.
fn metadata_only<const N: usize>(entries: [(&str, Vec<u8>); N]) -> pb::Result {
    let entries = entries.into_iter();
    let metadata = collect::map(entries.map(|(key, value)| (key.to_owned(), value.into())));
    pb::Result {
        result: Some(pb::result::Result::Ref(pb::Ref::default())),
        metadata,
        ..pb::Result::default()
    }
}
