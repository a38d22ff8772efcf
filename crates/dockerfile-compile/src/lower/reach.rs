//! Downloads, repositories and images as a lock has them.

use std::collections::BTreeSet;

use dockerfile_syntax::{Place, Word};
use llb_graph::{GitOptions, Reference, SourceOp};

use super::{Lowering, StageLowering};
use crate::answers::{Answer, Answers, Need, PinRequest};
use crate::error::CompileError;
use crate::lock::{FoundSource, SourceKind, image_name, is_commit, platform_name, url_name};
use crate::plan::{Origin, Planned};
use crate::remote::git_ref::GitRef;
use crate::remote::{http_filename, http_source};
use crate::safe::redact;

/// The attribute of a repository whose `.git` is kept.
const KEEP_GIT_DIR: &str = "git.keepgitdir";

/// A download or repository that a lock has to have.
pub(super) struct Reached {
    request: PinRequest,
    name: String,
    /// What the lock says, where there is one.
    pin: Option<String>,
    place: Place,
}

impl StageLowering<'_, '_, '_> {
    /// A file of a web server with the checksum that is written, or else the one that the lock has.
    pub(super) fn download(
        &mut self,
        url: &Word<'_>,
        (checksum, place): (&Word<'_>, Place),
    ) -> Result<SourceOp, CompileError> {
        let filename = http_filename(url);
        let source = |checksum: &str| http_source(url, &filename, checksum);
        let plain = source(checksum).map_err(|reason| CompileError::about(checksum, reason))?;
        if !checksum.is_empty() {
            return Ok(plain);
        }
        match self.pin((SourceKind::Http, url), place, &plain)? {
            None => Ok(plain),
            Some(checksum) => source(&checksum).map_err(CompileError::new),
        }
    }

    /// Takes the commit that the lock has for a repository, unless what is written names one.
    pub(super) fn pin_git(
        &mut self,
        (url, place): (&str, Place),
        git: &GitRef,
        options: &mut GitOptions,
    ) -> Result<(), CompileError> {
        if options.checksum.is_some() || is_commit(&git.reference) {
            return Ok(());
        }
        let plain = SourceOp::git(&git.place, options);
        if let Some(commit) = self.pin((SourceKind::Git, url), place, &plain)? {
            options.reference = Some(commit);
        }
        Ok(())
    }

    /// What the lock has for a source; one to be locked is noted.
    fn pin(
        &mut self,
        (kind, url): (SourceKind, &str),
        place: Place,
        source: &SourceOp,
    ) -> Result<Option<String>, CompileError> {
        let plan = self.all.plan;
        let options = plan.options;
        if options.lock.is_none() && !options.lists_sources {
            return Ok(None);
        }
        let name = url_name(url);
        let platform = platform_name(&plan.target_platform);
        let lock = options.lock.as_ref();
        let found = lock.map(|lock| lock.find(kind, &name, &platform)).transpose();
        let found = found.map_err(|reason| CompileError::about(place.span, reason))?;
        let pin = found.flatten().map(str::to_owned);
        if options.lists_sources {
            self.all.spend(name.len() + source.identifier.len())?;
            let mut attrs = source.attrs.clone();
            // With it daemons tell an annotated tag's own name, and not its commit.
            attrs.remove(KEEP_GIT_DIR);
            self.all.reached.push(Reached {
                request: PinRequest {
                    kind,
                    identifier: source.identifier.clone(),
                    attrs,
                    log_name: format!("[internal] look up {name}"),
                },
                name,
                pin: pin.clone(),
                place,
            });
        }
        Ok(pin)
    }
}

impl Lowering<'_, '_> {
    /// The sources of all lowered stages, where somebody wants to lock them.
    ///
    /// # Errors
    /// A source that can't be looked up.
    pub(crate) fn found_sources(&self, answers: &Answers) -> Result<Planned<Vec<FoundSource>>, CompileError> {
        let mut found = Vec::new();
        if !self.plan.options.lists_sources {
            return Ok(Planned::Ready(found));
        }
        self.add_images(&mut found);
        let mut needs = BTreeSet::new();
        for source in &self.reached {
            let need = Need::Pin(source.request.clone());
            let pin = match (&source.pin, answers.get(&need)) {
                (Some(pin), _) => Ok(pin.clone()),
                (None, Some(Answer::Pin(pin))) => pin.clone(),
                (None, Some(Answer::Failed(failure))) => {
                    let message = format!("`{}` can't be looked up: {}", source.name, failure.message);
                    return Err(CompileError::new(message).caused_by(failure).at(source.place));
                }
                (None, _) => {
                    needs.insert(need);
                    continue;
                }
            };
            found.push(FoundSource {
                kind: source.request.kind,
                name: source.name.clone(),
                pin,
                line: self.line_of(source.place),
            });
        }
        Ok(match needs.is_empty() {
            true => Planned::Ready(found),
            false => Planned::Needs(needs),
        })
    }

    fn add_images(&self, found: &mut Vec<FoundSource>) {
        for stage in &self.plan.stages {
            let Some(Origin::Image { image, .. }) = stage.ground.as_ref().map(|ground| &ground.origin) else {
                continue;
            };
            let written = Reference::parse_normalized(&stage.base_name).map(Reference::or_latest);
            let Some(name) = written.ok().as_ref().and_then(image_name) else {
                continue;
            };
            let pinned = Reference::parse(&image.reference).ok();
            let digest = pinned.as_ref().and_then(Reference::digest);
            found.push(FoundSource {
                kind: SourceKind::Image,
                name,
                pin: digest
                    .map(str::to_owned)
                    .ok_or_else(|| "nobody told its digest".to_owned()),
                line: self.line_of(stage.place),
            });
        }
    }

    /// The line of the file that a place begins on.
    fn line_of(&self, place: Place) -> String {
        let data = &self.plan.options.source.data;
        let at = place.span.start.min(data.len());
        let start = data[..at]
            .iter()
            .rposition(|byte| *byte == b'\n')
            .map_or(0, |at| at + 1);
        let end = data[at..]
            .iter()
            .position(|byte| *byte == b'\n')
            .map_or(data.len(), |end| at + end);
        let line = String::from_utf8_lossy(&data[start..end]);
        redact(line.trim()).into_owned()
    }
}
