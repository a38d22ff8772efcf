//! What stages without a parent stage start from: nothing, an image, or a named context.

use std::collections::BTreeSet;
use std::rc::Rc;
use std::sync::Arc;

use llb_graph::{Platform, Reference};

use super::named_context::{ContextSource, Loaded, Lookup};
use super::{Plan, SCRATCH, StageId, all_or_errors, mismatched_answer, near_miss};
use crate::answers::{Answer, Answers, ImageAnswer, ImageRequest, ImageStore, Need};
use crate::error::{CompileError, CompileErrors};
use crate::facts::{Fact, Facts};
use crate::image::Image;

/// Images that people mean when they mistype a name.
const COMMON_IMAGES: [&str; 7] = [
    "alpine", "busybox", "centos", "debian", "golang", "ubuntu", "fedora",
];

/// An image as it was looked up.
pub(crate) struct BaseImage {
    /// The name in effect, with the digest of its manifest or index where that is known.
    pub(crate) reference: Rc<str>,
    pub(crate) config: Rc<Image>,
}

/// Where a stage's file system and config come from.
#[derive(Clone)]
pub(crate) enum Origin {
    /// Nothing: the empty file system.
    Scratch,
    /// An image.
    Image {
        image: Rc<BaseImage>,
        /// The image has no layers, so its file system is the empty one.
        is_empty: bool,
    },
    /// An image that only an unneeded stage read when images were looked up, by its full name. Where a trigger brings
    /// that stage in later, the reference does not look the image up any more, nor a named context in its place.
    NotLookedUp(Rc<str>),
    /// A named context in the place of the base, or of the whole stage.
    Context {
        source: Rc<ContextSource>,
        config: Option<Rc<Image>>,
        whole_stage: bool,
    },
}

impl Origin {
    /// Triggers in the image's config.
    pub(super) fn triggers(&self) -> Rc<Vec<String>> {
        match self {
            Self::Scratch | Self::NotLookedUp(_) | Self::Context { config: None, .. } => Rc::default(),
            Self::Image { image, .. } => Rc::clone(&image.config.config.on_build),
            Self::Context {
                config: Some(config), ..
            } => Rc::clone(&config.config.on_build),
        }
    }
}

impl Plan<'_> {
    /// Resolves the origin of every reachable stage, and of those that triggers add, as far as the answers reach.
    /// Gives what is missing.
    pub(super) fn plan_bases(
        &mut self,
        answers: &Answers,
        facts: &mut Facts,
    ) -> Result<BTreeSet<Need>, CompileErrors> {
        let mut needs: BTreeSet<Need> = self.context_needs().into_iter().collect();
        loop {
            self.reachable = self.reach();
            let mut errors = Vec::new();
            let mut is_complete = true;
            for id in (0..self.stages.len()).map(StageId) {
                let stage = self.stage(id);
                if stage.base.is_some() || stage.origin.is_some() {
                    continue;
                }
                let place = stage.place;
                match self.plan_base(id, answers, &mut needs, facts) {
                    Ok(is_known) => is_complete &= is_known,
                    Err(error) => errors.push(error.at(place)),
                }
            }
            if !is_complete {
                let mut missing = answers.missing(&needs);
                if !errors.is_empty() {
                    // What is wrong with the other bases is told with them; nothing will be copied.
                    missing.remove(&Need::ContextIgnore);
                }
                return Ok(missing);
            }
            all_or_errors(errors)?;
            if !self.plan_triggers()? {
                return Ok(answers.missing(&needs));
            }
        }
    }

    /// Sets the origin of one stage. False where an answer is missing.
    fn plan_base(
        &mut self,
        id: StageId,
        answers: &Answers,
        needs: &mut BTreeSet<Need>,
        facts: &mut Facts,
    ) -> Result<bool, CompileError> {
        let is_reachable = self.options.all_stages || self.reachable.contains(&id);
        let stage = self.stage(id);
        if *stage.base_name == *SCRATCH && stage.replaced_by.is_none() {
            let platform = Arc::clone(&self.target_platform);
            let stage = self.stage_mut(id);
            stage.platform = Some(platform);
            stage.origin = Some(Origin::Scratch);
            return Ok(true);
        }
        let written = Rc::clone(&stage.base_name);
        let platform = stage
            .platform
            .clone()
            .unwrap_or_else(|| Arc::clone(&self.target_platform));
        let name = self.names.read(&written);
        let name =
            name.map_err(|error| CompileError::new(self.unknown_base(&written, &error.to_string())))?;
        let full_name = Rc::clone(&name.full);
        if !is_reachable {
            // Named in progress all the same: the counter of a stage that triggers make reachable shows it.
            let stage = self.stage_mut(id);
            stage.named_steps += usize::from(stage.total > 0);
            stage.platform = Some(platform);
            if stage.is_implicit() {
                stage.origin = Some(Origin::NotLookedUp(Rc::clone(&full_name)));
            }
            stage.base_name = full_name;
            return Ok(true);
        }
        self.stage_mut(id).base_name = Rc::clone(&full_name);
        if let Some(context) = self.stage(id).replaced_by.clone() {
            let loaded = context.load(&mut self.lookup(answers, needs))?;
            return Ok(self.replace_stage(id, loaded));
        }
        if let Some(context) = self.context_of(&name.reference, Some(&platform)) {
            let loaded = context.load(&mut self.lookup(answers, needs))?;
            return Ok(self.replace_base(id, loaded, platform));
        }
        let asked_for = (full_name, Arc::clone(&platform));
        let image = match self.images.get(&asked_for) {
            Some(known) => known.clone(),
            None => {
                let need = self.image_need(&asked_for.0, &platform);
                let image = self.image(&need, answers, &written);
                needs.insert(need);
                let image = image?;
                self.images.insert(asked_for, image.clone());
                image
            }
        };
        let Some(image) = image else {
            return Ok(false);
        };
        if let Some(fact) = self.stand_on_image(id, &image, &written, platform) {
            // An image that only a mount reads has no lines.
            facts.note(fact, self.stage(id).lines.unwrap_or_default(), &[]);
        }
        Ok(true)
    }

    /// What loading a context works with.
    pub(super) fn lookup<'l>(
        &'l mut self,
        answers: &'l Answers,
        needs: &'l mut BTreeSet<Need>,
    ) -> Lookup<'l> {
        Lookup {
            options: self.options,
            answers,
            budget: self.budget,
            needs,
            read: &mut self.read,
        }
    }

    fn image_need(&self, reference: &str, platform: &Platform) -> Need {
        let prefix = if self.options.multi_platform {
            format!("[{} internal]", platform.format_all())
        } else {
            "[internal]".to_owned()
        };
        Need::Image(ImageRequest {
            reference: reference.to_owned(),
            platform: Some(platform.clone()),
            resolve_mode: self.options.image_resolve_mode,
            log_name: format!("{prefix} load metadata for {reference}"),
            store: ImageStore::Registry,
        })
    }

    /// The image that answers `need`, if it is known; `written` is its name in the file.
    fn image(
        &self,
        need: &Need,
        answers: &Answers,
        written: &str,
    ) -> Result<Option<Rc<BaseImage>>, CompileError> {
        let found = match answers.get(need) {
            None => return Ok(None),
            Some(Answer::Failed(failure)) => {
                return Err(
                    CompileError::new(self.unknown_base(written, &failure.message)).caused_by(failure)
                );
            }
            Some(Answer::Image(found)) => found,
            Some(_) => return Err(mismatched_answer(written)),
        };
        match &**found {
            ImageAnswer::Found {
                reference,
                digest,
                config,
            } => {
                self.budget.spend(Image::weight(config))?;
                let config = Image::from_json(config)
                    .map_err(|error| CompileError::new(format!("image `{written}`: {error}")))?;
                let mut pinned = Reference::parse_normalized(reference)
                    .map_err(|error| CompileError::new(format!("image `{reference}`: {error}")))?;
                if !digest.is_empty() {
                    pinned = pinned
                        .with_digest(digest)
                        .map_err(|error| CompileError::new(format!("image `{written}`: {error}")))?;
                }
                Ok(Some(Rc::new(BaseImage {
                    reference: pinned.to_string().into(),
                    config: Rc::new(config),
                })))
            }
            ImageAnswer::Redirected(source) => Err(CompileError::new(format!(
                "image `{written}` is replaced by `{source}` by a source policy, which is no image; a base has to be one"
            ))),
        }
    }

    /// Words an image that cannot be had, with a near miss among stages and common images.
    fn unknown_base(&self, written: &str, reason: &str) -> String {
        let mut known = self.stage_names();
        for image in COMMON_IMAGES {
            known.push(image.to_owned());
            known.push(format!("{image}:latest"));
        }
        let hint = match near_miss(written, &known) {
            Some(close) => format!(" (did you mean `{close}`?)"),
            _ => String::new(),
        };
        format!("image `{written}` cannot be used as a base: {reason}{hint}")
    }

    /// Sets an image as the origin; gives what is odd about its platform.
    fn stand_on_image(
        &mut self,
        id: StageId,
        image: &Rc<BaseImage>,
        written: &str,
        platform: Arc<Platform>,
    ) -> Option<Fact> {
        let platform = match self.stage(id).platform {
            None if self.is_implicit_target() => self.detect_platform(&image.config, platform),
            _ => platform,
        };
        let is_empty = image.config.is_empty_filesystem();
        let stage = self.stage_mut(id);
        let differs = platform.os != image.config.os || platform.architecture != image.config.architecture;
        let fact = (differs && !is_empty).then(|| Fact::InvalidBaseImagePlatform {
            image: written.to_owned(),
            expected: Box::new(Platform::clone(&platform)),
            actual: Box::new(image.config.platform()),
        });
        stage.platform = Some(platform);
        stage.origin = Some(Origin::Image {
            image: Rc::clone(image),
            is_empty,
        });
        fact
    }

    /// Without a request the build follows the image, if the worker runs its platform.
    fn detect_platform(&self, image: &Image, target: Arc<Platform>) -> Arc<Platform> {
        let is_of_image =
            |platform: &Platform| platform.os == image.os && platform.architecture == image.architecture;
        if is_of_image(&target) {
            return target;
        }
        let native = self
            .options
            .build_platforms
            .iter()
            .find(|platform| is_of_image(platform));
        native.cloned().map_or(target, Arc::new)
    }

    fn replace_stage(&mut self, id: StageId, loaded: Option<Loaded>) -> bool {
        let Some(loaded) = loaded else { return false };
        let stage = self.stage_mut(id);
        if let Some(config) = &loaded.config
            && !config.architecture.is_empty()
            && !config.os.is_empty()
        {
            stage.platform = Some(Arc::new(config.platform()));
        }
        stage.origin = Some(Origin::Context {
            source: Rc::new(loaded.source),
            config: loaded.config,
            whole_stage: true,
        });
        true
    }

    fn replace_base(&mut self, id: StageId, loaded: Option<Loaded>, platform: Arc<Platform>) -> bool {
        let Some(loaded) = loaded else { return false };
        let stage = self.stage_mut(id);
        let config = loaded.config.unwrap_or_else(|| Rc::new(Image::empty(&platform)));
        stage.origin = Some(Origin::Context {
            source: Rc::new(loaded.source),
            config: Some(config),
            whole_stage: false,
        });
        stage.platform = Some(platform);
        true
    }
}
