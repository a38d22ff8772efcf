//! Answering what the compile core asks: the one verb that means I/O.

mod files;
mod ignore;
mod image;
mod pairs_file;
mod pin;
mod source_time;
mod unpacked;

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::sync::Arc;

use dockerfile_compile::{
    Answer, Answers, BuildOptions, CompileErrors, Compiled, Need, Step, Warning, compile_within,
};
use dockerfile_syntax::{Budget, Dockerfile};
use llb_graph::Definition;

use crate::entry::Entry;
use crate::gateway::{Bridge, Code, GatewayCap, Session, Status, pb};
use crate::join::join_all;
use crate::options::Request;
use crate::report::Tickets;

pub(crate) use files::take_in;

/// What look-ups work with.
pub(crate) struct World<'a, 'e, B> {
    /// The daemon.
    pub(crate) session: &'a Session<'a, B>,
    /// What the client asked for.
    pub(crate) request: &'a Request,
    /// Where the Dockerfile came from.
    pub(crate) entry: &'a Entry<'e>,
    /// What the daemon said of look-ups that failed.
    pub(crate) tickets: &'a Tickets,
    /// What is known by now.
    pub(crate) answers: RefCell<Answers>,
    /// What may still be made.
    pub(crate) budget: Budget,
}

/// How compiling one platform ended, with what the linter found on the way.
#[derive(Debug)]
pub struct Finished {
    /// The build, or what is wrong with the Dockerfile.
    pub result: Result<Box<Compiled>, CompileErrors>,
    /// Findings in the order in which they came up.
    pub warnings: Vec<Warning>,
}

/// Compiles for all platforms side by side, a round of questions at a time. An answer serves all platforms.
///
/// # Errors
/// Fails only where the core asks again for what it was told.
pub(crate) async fn compile_all<B: Bridge>(
    world: &World<'_, '_, B>,
    file: &Dockerfile<'_>,
    options: &[BuildOptions],
) -> Result<Vec<Finished>, Status> {
    let mut finished: Vec<Option<Finished>> = options.iter().map(|_| None).collect();
    for round in 1.. {
        let mut needs = BTreeSet::new();
        for (slot, options) in finished
            .iter_mut()
            .zip(options)
            .filter(|(slot, _)| slot.is_none())
        {
            let step = compile_within(file, options, &world.answers.borrow(), &world.budget);
            match step.value {
                Ok(Step::Needs(more)) => needs.extend(more),
                Ok(Step::Done(compiled)) => {
                    for mount in &compiled.added_mounts {
                        let (line, target, id) = (mount.lines.start, &mount.target, &mount.id);
                        tracing::debug!(line, target, id, "cache mount added");
                    }
                    *slot = Some(Finished {
                        result: Ok(compiled),
                        warnings: step.warnings,
                    });
                }
                Err(errors) => {
                    *slot = Some(Finished {
                        result: Err(errors),
                        warnings: step.warnings,
                    });
                }
            }
        }
        if finished.iter().all(Option::is_some) {
            tracing::debug!(round, "compiled");
            break;
        }
        let missing = world.answers.borrow().missing(&needs);
        if missing.is_empty() {
            let message = "the compiler asks for nothing new; this is a bug in Plimsoll, please report it";
            return Err(Status::with_code(Code::INTERNAL, message));
        }
        world.session.count_round();
        tracing::debug!(round, questions = missing.len(), "asking BuildKit");
        let told = join_all(missing.iter().map(|need| world.resolve(need))).await;
        for (need, answer) in missing.into_iter().zip(told) {
            world.answers.borrow_mut().insert(need, answer);
        }
    }
    Ok(finished.into_iter().flatten().collect())
}

impl<B: Bridge> World<'_, '_, B> {
    /// Answers one question. A failure is an answer too.
    async fn resolve(&self, need: &Need) -> Answer {
        let answer = match need {
            Need::Image(request) => image::resolve(self, request)
                .await
                .map(|image| Answer::Image(Arc::new(image))),
            Need::ContextIgnore => self.entry.ignore.get().await.map(Answer::Ignore),
            Need::LocalIgnore(request) => ignore::resolve(self, request).await.map(Answer::Ignore),
            Need::ContextFile(path) => pairs_file::of_context(self, path).await.map(Answer::File),
            Need::StageFile(request) => pairs_file::of_stage(self, request).await.map(Answer::File),
            Need::Input(name) => self.input(name).await.map(Answer::Input),
            Need::Pin(request) => pin::resolve(self, request).await.map(Answer::Pin),
            Need::SourceTime(request) => source_time::resolve(self, request).await.map(Answer::SourceTime),
        };
        answer.unwrap_or_else(|status| Answer::Failed(self.tickets.keep(status)))
    }

    /// A graph that the client passed.
    async fn input(&self, name: &str) -> Result<Option<Arc<Definition>>, Status> {
        self.session.caps().require(GatewayCap::FrontendInputs)?;
        let found = self.entry.inputs.find(self.session, name).await?;
        Ok(found.map(Arc::new))
    }
}

/// Caches that other builds left, as they go to the daemon.
pub(crate) fn wire_imports(request: &Request) -> Vec<pb::CacheOptionsEntry> {
    let imports = request.cache_imports.iter();
    let wire = imports.map(|import| pb::CacheOptionsEntry {
        r#type: import.kind.clone(),
        attrs: import.attrs.clone(),
    });
    wire.collect()
}
