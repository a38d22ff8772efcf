//! Why a step failed, where that can be known: a sentence below the daemon's error.
//!
//! Looked for only after a failure. The daemon's details say which step of the graph it was; the file says what was
//! wanted there, and a few looks into the step's inputs say what is there instead. What is not known is not guessed.

mod look;
mod missing;
mod program;
mod run;
mod size;
mod step;
mod words;

use std::time::Duration;

use dockerfile_syntax::{Dockerfile, Position, Span};
use llb_graph::{Marshalled, proto};

use crate::entry::Entry;
use crate::gateway::{Bridge, Session, Status};
use crate::options::Request;

pub(crate) use size::name_largest;
use step::Step;

/// How long may be looked for a cause: whoever waits for it has a failed build already.
const PATIENCE: Duration = Duration::from_secs(5);

/// A build of one platform that failed.
pub(crate) struct Failed<'a, 'e, B> {
    /// The daemon.
    pub(crate) session: &'a Session<'a, B>,
    /// What the client asked for.
    pub(crate) request: &'a Request,
    /// Where the Dockerfile and its context came from.
    pub(crate) entry: &'a Entry<'e>,
    /// What the Dockerfile says.
    pub(crate) file: &'a Dockerfile<'a>,
    /// The graph that was solved.
    pub(crate) definition: &'a Marshalled,
}

/// Whether a graph has steps that fail in ways that can be explained: some that run or copy something.
pub(crate) fn may_explain(definition: &Marshalled) -> bool {
    let telling = [llb_graph::caps::FILE_BASE, llb_graph::caps::EXEC_META_BASE];
    let mut caps = definition.caps().iter();
    caps.any(|cap| telling.contains(&cap.as_str()))
}

/// Whether an error is that of a step, in place of one of the graph or of the daemon.
pub(crate) fn is_of_step(status: &Status) -> bool {
    Step::is_to_blame(status)
}

/// Adds why the build failed to what the daemon said; `None` where that is not known. Code and details stay as they are.
pub(crate) async fn explain<B: Bridge>(failed: &Failed<'_, '_, B>, status: &Status) -> Option<Status> {
    let found = tokio::time::timeout(PATIENCE, failed.look(status)).await;
    let hint = found.ok().flatten()?;
    let mut explained = status.clone();
    explained.message = format!("{}\n{hint}", status.message);
    Some(explained)
}

impl<B: Bridge> Failed<'_, '_, B> {
    async fn look(&self, status: &Status) -> Option<String> {
        let step = Step::find((self.file, &self.entry.source), self.definition, status)?;
        let hint = match &step.op.op {
            Some(proto::op::Op::File(_)) => missing::explain(self, &step, &status.message).await,
            Some(proto::op::Op::Exec(exec)) => match run::exit_code(&status.message) {
                Some(code) => run::explain(self, &step, exec, code).await,
                None => missing::explain(self, &step, &status.message).await,
            },
            _ => None,
        }?;
        Some(match self.place(&step, hint.place) {
            Some(place) => format!("{place}: {}", hint.text),
            None => hint.text,
        })
    }

    /// Where a step stands in the Dockerfile; `span` says it closer than its keyword.
    fn place(&self, step: &Step<'_>, span: Option<Span>) -> Option<String> {
        let lines = step.lines?;
        let source = &self.entry.source;
        Some(match span.or_else(|| step.keyword()) {
            Some(span) => {
                let (filename, Position { line, column }) = source.position(span.start);
                format!("{filename}:{line}:{column}")
            }
            None => {
                let (part, lines) = source.in_part(lines);
                format!("{}:{}", source.part(part).filename, lines.start)
            }
        })
    }
}
