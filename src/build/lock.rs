//! A lock of what the file reaches now.

use dockerfile_compile::lock::{FoundSource, Lock, SourceKind, image_name, platform_name};
use dockerfile_compile::{BuildOptions, Reference};
use llb_graph::Platform;

use super::{Job, sbom};
use crate::gateway::{Bridge, Status};

impl<B: Bridge> Job<'_, '_, B> {
    /// Looks up all that any stage reads, on each platform that is asked for.
    ///
    /// # Errors
    /// Fails with all that is wrong with the Dockerfile, and where a source can't be looked up.
    pub(crate) async fn lock(&self) -> Result<Lock, Status> {
        let mut platforms = self.platforms();
        for options in &mut platforms {
            options.target = None;
            options.all_stages = true;
            options.lists_sources = true;
        }
        let compiled = self.compile(&platforms).await?;
        let scanner = match &self.request.sbom {
            Some(sbom) => self.scanner(&sbom.scanner).await?,
            None => None,
        };
        let found = platforms.iter().zip(compiled).map(|(options, compiled)| {
            let sources = compiled.sources.into_iter().chain(scanner.clone());
            (platform_name(&target(options)), sources.collect())
        });
        Ok(Lock::of(&found.collect::<Vec<_>>()))
    }

    /// The image that makes the bill of materials; none where its name has a digest.
    async fn scanner(&self, image: &str) -> Result<Option<FoundSource>, Status> {
        let reference = Reference::parse_normalized(image).map(Reference::or_latest);
        let Some(name) = reference.ok().as_ref().and_then(image_name) else {
            return Ok(None);
        };
        let digest = sbom::digest(self.session, self.request, image).await?;
        Ok(Some(FoundSource {
            kind: SourceKind::Image,
            name,
            pin: digest.ok_or_else(|| "nobody told its digest".to_owned()),
            line: "the SBOM scanner".to_owned(),
        }))
    }
}

/// The platform that a build is for.
fn target(options: &BuildOptions) -> Platform {
    let mut platforms = options.target_platform.iter().chain(&options.build_platforms);
    platforms.next().cloned().unwrap_or_default()
}
