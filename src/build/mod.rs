//! A build: compile for every platform, have the graphs solved, and put the result together.

mod advice;
mod all;
mod lock;
mod result;
mod sbom;

use std::cell::RefCell;
use std::sync::Arc;

use dockerfile_compile::lock::LockInUse;
use dockerfile_compile::view::{self, Explanation, View};
use dockerfile_compile::{Answers, BuildOptions, CompileErrors, Compiled, report_above};
use dockerfile_syntax::{Budget, Dockerfile, Parsed};
use llb_graph::{Marshalled, Platform};

use crate::entry::Entry;
use crate::gateway::{Bridge, GatewayCap, Session, Status, is_of_graph_size, pb};
use crate::hint::{self, Failed};
use crate::join::{join_all, try_join_all};
use crate::options::Request;
use crate::report::{
    Tickets, borrows, compile_failure, fit_for_display, safe_source, safe_text, say_what_to_pass,
    send_warnings, syntax_errors,
};
use crate::resolve::{Finished, World, compile_all, wire_imports};

use advice::add_advice;
use result::{Assembly, platform_of};

/// Everything that a build, or a question about it, works with.
pub(crate) struct Job<'a, 'e, B> {
    pub(crate) session: &'a Session<'a, B>,
    pub(crate) request: &'a Request,
    pub(crate) entry: &'a Entry<'e>,
    pub(crate) parsed: &'a Parsed<'a>,
    /// What sources are pinned to.
    pub(crate) lock: Option<Arc<LockInUse>>,
    /// What is known before anything is compiled.
    pub(crate) answers: Answers,
}

/// How compiling ended for each platform, with what the daemon said of look-ups that failed.
struct Ended {
    platforms: Vec<Finished>,
    tickets: Tickets,
}

impl<B: Bridge> Job<'_, '_, B> {
    /// Builds for all platforms that were asked for.
    ///
    /// # Errors
    /// Fails with all that is wrong with the Dockerfile, or as the daemon fails.
    pub(crate) async fn build(&self) -> Result<pb::Result, Status> {
        let targets = &self.request.targets.platforms;
        if targets.len() > 1 {
            self.session.caps().require(GatewayCap::ReturnMap)?;
        }
        let find_scanner = async {
            match &self.request.sbom {
                Some(sbom) => sbom::Scanner::find(self.session, self.request, sbom, self.lock.as_deref())
                    .await
                    .map(Some),
                None => Ok(None),
            }
        };
        let platforms = self.platforms();
        let (scanner, compiled) = tokio::join!(find_scanner, self.compile(&platforms));
        let (scanner, compiled) = (scanner?, compiled?);

        let targets = (0..compiled.len()).map(|index| platform_of(targets.get(index)));
        let targets: Vec<Platform> = targets.collect();
        // A scan takes the graph and not its result, so it need not wait.
        let scans = scanner.iter().flat_map(|scanner| {
            let built = targets.iter().zip(&compiled);
            built.map(|(target, compiled)| scanner.scan(self.session, target, compiled))
        });
        let (solved, scanned) = tokio::join!(self.solve_all(&compiled), join_all(scans));
        let solved = solved?;

        let mut assembly = Assembly::new(self.request.targets.keyed);
        for ((target, compiled), reference) in targets.iter().zip(&compiled).zip(solved) {
            assembly.add(target, compiled, reference);
        }
        for (target, attestation) in targets.iter().zip(scanned) {
            assembly.attest(target, attestation?);
        }
        Ok(assembly.finish())
    }

    /// The compile core's options for each platform of the result.
    fn platforms(&self) -> Vec<BuildOptions> {
        match self.request.targets.platforms.as_slice() {
            [] => vec![self.options(None)],
            targets => {
                let options = targets.iter().map(|target| self.options(Some(target.clone())));
                let mut options: Vec<BuildOptions> = options.collect();
                // The linter reads the file for the first platform; what it finds on others is no error either.
                for options in options.iter_mut().skip(1) {
                    options.check = Some("skip=all".to_owned());
                }
                options
            }
        }
    }

    fn options(&self, target: Option<Platform>) -> BuildOptions {
        let source = Arc::clone(&self.entry.source);
        let context = self.entry.main_context.clone();
        let caps = self.session.llb_caps().clone();
        let mut options = self.request.build_options(source, context, caps, target);
        options.lock.clone_from(&self.lock);
        options
    }

    /// Compiles for a question about the file, one about its graph or one that no graph is needed for. As with the
    /// reference, that looks at no requested platform.
    ///
    /// # Errors
    /// Fails with all that is wrong with the Dockerfile.
    pub(crate) async fn compile_unplaced(&self, needs_graph: bool) -> Result<Box<Compiled>, Status> {
        let mut options = self.options(None);
        options.is_question = !needs_graph;
        let mut compiled = self.compile(&[options]).await?;
        Ok(compiled.swap_remove(0))
    }

    /// What a build of the target does, on no requested platform, as with other questions; and its graph.
    ///
    /// # Errors
    /// Fails with all that is wrong with the Dockerfile.
    pub(crate) async fn explain(&self) -> Result<(Explanation, Marshalled), Status> {
        let mut options = self.options(None);
        options.explains = true;
        let mut compiled = self.compile(&[options]).await?;
        let compiled = compiled.swap_remove(0);
        Ok((compiled.explanation.unwrap_or_default(), compiled.definition))
    }

    /// What the linter says of the file: on all stages, or on those that the target needs; and whether that is nothing
    /// and the file can be built. Nothing is sent as a warning.
    ///
    /// # Errors
    /// Fails only by a bug; what keeps the file from being built is part of the answer.
    pub(crate) async fn lint(&self) -> Result<(View, bool), Status> {
        let mut options = self.options(None);
        options.all_stages = options.target.is_none();
        options.is_question = true;
        let source = &self.entry.source;
        let mut ended = self.finish(&[options]).await?;
        let mut finished = ended.platforms.swap_remove(0);
        for warning in &mut finished.warnings {
            warning.message = safe_text(&warning.message).into_owned();
        }
        let error = finished.result.err().map(|errors| view::BuildError {
            message: fit_for_display(compile_failure(&errors, source, &ended.tickets)).message,
            // Lines of other files than this one cannot be told.
            lines: errors
                .iter()
                .filter(|error| error.file.is_none())
                .flat_map(|error| error.lines.clone())
                .collect(),
        });
        let is_clean = finished.warnings.is_empty() && error.is_none();
        let shown = safe_source(source);
        Ok((view::lint(&finished.warnings, error.as_ref(), &shown), is_clean))
    }

    /// The parsed file, for a question that needs no more.
    ///
    /// # Errors
    /// Fails with all that is wrong with its syntax.
    pub(crate) fn file(&self) -> Result<&Dockerfile<'_>, Status> {
        match syntax_errors(&self.parsed.errors) {
            Some(errors) => Err(compile_failure(&errors, &self.entry.source, &Tickets::default())),
            None => Ok(&self.parsed.dockerfile),
        }
    }

    /// Compiles, and sends the linter's findings.
    async fn compile(&self, platforms: &[BuildOptions]) -> Result<Vec<Box<Compiled>>, Status> {
        let ended = self.finish(platforms).await?;
        let Entry { source, vertex, .. } = self.entry;
        if let Some(first) = ended.platforms.first() {
            send_warnings(self.session, source, vertex, &first.warnings).await;
        }
        let compiled = ended.platforms.into_iter().map(|finished| finished.result);
        let compiled = compiled.collect::<Result<Vec<_>, _>>();
        compiled.map_err(|errors| compile_failure(&errors, source, &ended.tickets))
    }

    /// Compiles for each platform; a file with syntax errors for none, which is told once.
    async fn finish(&self, platforms: &[BuildOptions]) -> Result<Ended, Status> {
        let tickets = Tickets::default();
        let world = World {
            session: self.session,
            request: self.request,
            entry: self.entry,
            tickets: &tickets,
            answers: RefCell::new(self.answers.clone()),
            budget: Budget::new(),
        };
        let mut platforms: Vec<(Finished, &BuildOptions)> = match syntax_errors(&self.parsed.errors) {
            Some(errors) => {
                let first = platforms.first().into_iter();
                first
                    .map(|options| (self.unreadable(errors.clone()), options))
                    .collect()
            }
            None => {
                let file = &self.parsed.dockerfile;
                let mut compiled = compile_all(&world, file, platforms).await?;
                if let Some(first) = compiled.first_mut() {
                    add_advice(first, &self.request.image, file, &self.entry.source.data);
                }
                compiled.into_iter().zip(platforms).collect()
            }
        };
        // The first platform that fails is told, with all that is wrong on it.
        let failed = platforms
            .iter_mut()
            .find(|(finished, _)| finished.result.is_err());
        if let Some((
            Finished {
                result: Err(errors), ..
            },
            options,
        )) = failed
        {
            all::add_others(&world, self.parsed, options, errors).await;
        }
        let platforms = platforms.into_iter().map(|(finished, _)| finished).collect();
        Ok(Ended { platforms, tickets })
    }

    /// The end of a file with syntax errors: they, and the linter's findings above the first one.
    fn unreadable(&self, mut errors: CompileErrors) -> Finished {
        let end = errors.first.lines.first().map_or(0, |lines| lines.start);
        let check = self.request.image.check.as_deref();
        let warnings = report_above(&self.parsed.dockerfile, check, end);
        let mut warnings = warnings.unwrap_or_else(|error| {
            let first = std::mem::replace(&mut *errors.first, error);
            errors.others.insert(0, first);
            Vec::new()
        });
        if self.parsed.errors.iter().any(|error| error.kind.is_of_lines()) {
            warnings.clear();
        }
        Finished {
            result: Err(errors),
            warnings,
        }
    }

    /// Solves the graphs of all platforms, and beside them those of stages that have to succeed as well; the first that
    /// fails ends it.
    async fn solve_all(&self, compiled: &[Box<Compiled>]) -> Result<Vec<Option<pb::Ref>>, Status> {
        let has_required = compiled.iter().any(|compiled| !compiled.required.is_empty());
        let targets = compiled
            .iter()
            .map(|compiled| (&compiled.definition, has_required));
        let required = compiled.iter().flat_map(|compiled| &compiled.required);
        let solves = targets.chain(required.map(|graph| (graph, true)));
        let solves = solves.map(|(definition, is_needed)| async move {
            let solved = self.solve(definition, is_needed).await;
            solved.map_err(|status| (status, definition))
        });
        let (status, definition) = match try_join_all(solves).await {
            Ok(mut solved) => {
                solved.truncate(compiled.len());
                return Ok(solved);
            }
            Err(failed) => failed,
        };
        let failed = Failed {
            session: self.session,
            request: self.request,
            entry: self.entry,
            file: &self.parsed.dockerfile,
            definition,
        };
        if is_of_graph_size(&status) {
            return Err(hint::name_largest(&failed, status));
        }
        let advised = say_what_to_pass(status.clone());
        let is_told_now = self.session.caps().supports(GatewayCap::SolveEvaluate);
        if advised != status || !is_told_now || !hint::is_of_step(&status) {
            return Err(advised);
        }
        if let Some(explained) = hint::explain(&failed, &status).await {
            return Err(explained);
        }
        if has_required {
            // A result that is handed out could become one without what it requires.
            return Err(status);
        }
        // Nothing to add: the daemon, which knows how each step ended, tells the client by itself, and what it keeps
        // of the failed step is there for debuggers.
        let solves = compiled.iter();
        let solves = solves.map(|compiled| self.session.solve(&compiled.definition, self.cache_imports()));
        try_join_all(solves).await.map_err(|_| status)
    }

    /// Solves a graph. Computed before we return, a step that fails does so to us, and we can say why; what is needed is
    /// computed in any case.
    async fn solve(&self, definition: &Marshalled, is_needed: bool) -> Result<Option<pb::Ref>, Status> {
        let imports = self.cache_imports();
        let may_be_told = self.session.caps().supports(GatewayCap::SolveEvaluate);
        match is_needed || borrows(definition) || (may_be_told && hint::may_explain(definition)) {
            true => self.session.solve_now(definition, imports).await,
            false => self.session.solve(definition, imports).await,
        }
    }

    fn cache_imports(&self) -> Vec<pb::CacheOptionsEntry> {
        wire_imports(self.request)
    }
}
