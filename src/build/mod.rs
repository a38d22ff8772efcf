//! A build: compile for every platform, have the graphs solved, and put the result together.

mod result;
mod sbom;

use std::sync::Arc;

use buildkit_llb::Platform;
use dockerfile_compile::{BuildOptions, Compiled};
use dockerfile_syntax::Dockerfile;

use crate::entry::Entry;
use crate::gateway::{Bridge, GatewayCap, Session, Status, pb};
use crate::join::join_all;
use crate::options::{CacheImport, Request};
use crate::report::{borrows, compile_failure, say_what_to_pass, send_warnings};
use crate::resolve::{Tickets, World, compile_all};

use result::Assembly;

/// Everything that a build, or a question about it, works with.
pub(crate) struct Job<'a, B> {
    pub(crate) session: &'a Session<'a, B>,
    pub(crate) request: &'a Request,
    pub(crate) entry: &'a Entry,
    pub(crate) file: &'a Dockerfile,
}

impl<B: Bridge> Job<'_, B> {
    /// Builds for all platforms that were asked for.
    ///
    /// # Errors
    /// Fails with all that is wrong with the Dockerfile, or as the daemon fails.
    pub(crate) async fn build(&self) -> Result<pb::Result, Status> {
        let targets = &self.request.targets.platforms;
        if targets.len() > 1 {
            self.session.caps().require(GatewayCap::ReturnMap)?;
        }
        let scanner = match &self.request.sbom {
            Some(sbom) => Some(sbom::Scanner::find(self.session, self.request, sbom).await?),
            None => None,
        };
        let compiled = self.compile(&self.platforms()).await?;

        let solved = join_all(compiled.iter().map(|compiled| self.solve(compiled))).await;
        let solved = solved.into_iter().collect::<Result<Vec<_>, Status>>()?;

        let mut assembly = Assembly::new(self.request.targets.keyed);
        let mut ids = Vec::new();
        for (index, (compiled, reference)) in compiled.iter().zip(solved).enumerate() {
            ids.push(assembly.add(targets.get(index), compiled, reference));
        }
        if let Some(scanner) = &scanner {
            let scans = ids
                .iter()
                .zip(&compiled)
                .map(|(id, compiled)| scanner.scan(self.session, id, compiled));
            for (id, attestation) in ids.iter().zip(join_all(scans).await) {
                assembly.attest(id, attestation?);
            }
        }
        Ok(assembly.finish())
    }

    /// The compile core's options for each platform of the result.
    fn platforms(&self) -> Vec<BuildOptions> {
        match self.request.targets.platforms.as_slice() {
            [] => vec![self.options(None)],
            targets => targets
                .iter()
                .map(|target| self.options(Some(target.clone())))
                .collect(),
        }
    }

    fn options(&self, target: Option<Platform>) -> BuildOptions {
        let source = Arc::clone(&self.entry.source);
        let context = self.entry.main_context.clone();
        self.request
            .build_options(source, context, self.session.llb_caps().clone(), target)
    }

    /// Compiles for a question about the file. As with the reference, that looks at no requested platform.
    ///
    /// # Errors
    /// Fails with all that is wrong with the Dockerfile.
    pub(crate) async fn compile_unplaced(&self) -> Result<Box<Compiled>, Status> {
        let mut compiled = self.compile(&[self.options(None)]).await?;
        Ok(compiled.swap_remove(0))
    }

    /// Compiles, and sends the linter's findings on the first platform: those on others would be the same.
    async fn compile(&self, platforms: &[BuildOptions]) -> Result<Vec<Box<Compiled>>, Status> {
        let tickets = Tickets::default();
        let world = World {
            session: self.session,
            request: self.request,
            entry: self.entry,
            tickets: &tickets,
        };
        let finished = compile_all(&world, self.file, platforms).await?;
        if let Some(first) = finished.first() {
            let Entry { source, vertex, .. } = self.entry;
            send_warnings(self.session, source, vertex, &first.warnings).await;
        }
        let compiled = finished.into_iter().map(|finished| finished.result);
        let compiled = compiled.collect::<Result<Vec<_>, _>>();
        compiled.map_err(|errors| compile_failure(&errors, &self.entry.source, &tickets))
    }

    async fn solve(&self, compiled: &Compiled) -> Result<Option<pb::Ref>, Status> {
        let imports = self.request.cache_imports.iter().map(wire_import).collect();
        if borrows(&compiled.definition) {
            // Computed before we return, a step that lacks what the client did not pass fails to us, and we say so.
            let solved = self.session.solve_now(&compiled.definition, imports).await;
            return solved.map_err(say_what_to_pass);
        }
        self.session.solve(&compiled.definition, imports).await
    }
}

fn wire_import(import: &CacheImport) -> pb::CacheOptionsEntry {
    pb::CacheOptionsEntry {
        r#type: import.kind.clone(),
        attrs: import.attrs.clone(),
    }
}
