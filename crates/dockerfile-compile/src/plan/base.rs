//! Finds what stages without a parent stage start from.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::Arc;

use dockerfile_syntax::InstructionKind;
use llb_graph::{Platform, Reference, ReferenceError, collect};

use super::ground::{BaseImage, Ground, Origin};
use super::image_name::ImageNames;
use super::named_context::{Loaded, NamedContext, ReadAnswers};
use super::table::Table;
use super::{Planned, SCRATCH, StageId, all_or_errors, mismatched_answer, near_miss};
use crate::answers::{Answer, Answers, ImageAnswer, ImageRequest, ImageStore, Need};
use crate::error::{CompileError, CompileErrors};
use crate::facts::{Fact, Facts};
use crate::image::Image;
use crate::pairs::path_of;

/// Images that people mean when they mistype a name.
const COMMON_IMAGES: [&str; 7] = [
    "alpine", "busybox", "centos", "debian", "golang", "ubuntu", "fedora",
];

/// The bases while they are looked for.
pub(super) struct Bases<'a, 'l> {
    pub(super) table: Table<'a>,
    target: StageId,
    answers: &'l Answers,
    /// All that was asked for.
    needs: BTreeSet<Need>,
    /// Everything that the target needs, as far as triggers are known.
    pub(super) reachable: BTreeSet<StageId>,
    /// Stages that have the triggers of their bases.
    pub(super) triggered: BTreeSet<StageId>,
    /// By stage that nothing needed at first, its base's full name: the reference calls the base so when a trigger
    /// brings the stage in later, and takes its platform as asked for.
    passed_over: Vec<Option<Rc<str>>>,
    /// What contexts are loaded from, read once.
    read: ReadAnswers,
    /// The images that bases name, each name read once.
    names: ImageNames,
    /// Images that were asked for, each read once; `None` where the answer is missing.
    images: BTreeMap<AskedFor, Option<Rc<BaseImage>>>,
}

/// An image's full name, and the platform.
type AskedFor = (Rc<str>, Arc<Platform>);

impl<'a, 'l> Bases<'a, 'l> {
    pub(super) fn new(
        table: Table<'a>,
        target: StageId,
        (answers, read): (&'l Answers, ReadAnswers),
    ) -> Self {
        Self {
            needs: collect::set(table.context_needs()),
            table,
            target,
            answers,
            reachable: BTreeSet::new(),
            triggered: BTreeSet::new(),
            passed_over: Vec::new(),
            read,
            names: ImageNames::default(),
            images: BTreeMap::new(),
        }
    }

    /// Finds what every reachable stage stands on, and those that triggers add, as far as the answers reach. Gives the
    /// table with the stages that the target needs.
    ///
    /// # Errors
    /// Every base that is none.
    pub(super) fn find(
        mut self,
        facts: &mut Facts,
    ) -> Result<Planned<(Table<'a>, BTreeSet<StageId>)>, CompileErrors> {
        loop {
            self.reachable = self.table.reach(self.target);
            self.ask_for_files();
            let mut errors = Vec::new();
            let mut is_complete = true;
            for id in (0..self.table.stages.len()).map(StageId) {
                let stage = self.table.stage(id);
                if stage.base.is_some() || stage.ground.is_some() {
                    continue;
                }
                let place = stage.place;
                match self.find_base(id, facts) {
                    Ok(is_known) => is_complete &= is_known,
                    Err(error) => errors.push(error.at(place)),
                }
            }
            if !is_complete {
                let mut missing = self.answers.missing(&self.needs);
                if !errors.is_empty() {
                    // What is wrong with the other bases is told with them; nothing will be copied.
                    missing.retain(|need| !matches!(need, Need::ContextIgnore | Need::ContextFile(_)));
                }
                return Ok(Planned::Needs(missing));
            }
            all_or_errors(errors)?;
            if self.add_all_triggers(facts)? {
                continue;
            }
            let missing = self.answers.missing(&self.needs);
            return Ok(match missing.is_empty() {
                true => Planned::Ready((self.table, self.reachable)),
                false => Planned::Needs(missing),
            });
        }
    }

    /// Asks for files of pairs whose paths are certain, beside the images.
    fn ask_for_files(&mut self) {
        if !self.table.file.dialect.is_on {
            return;
        }
        let stages = self.table.stages.iter().enumerate();
        let wanted =
            stages.filter(|(id, _)| self.table.options.all_stages || self.reachable.contains(&StageId(*id)));
        for command in wanted.flat_map(|(_, stage)| &stage.commands) {
            if let InstructionKind::PairsFile(file) = &command.instruction.kind
                && file.from.is_none()
                && !file.path.contains(['$', '"', '\'', '\\', '`'])
                && let Ok(path) = path_of(&file.path)
            {
                self.needs.insert(Need::ContextFile(path));
            }
        }
    }

    /// Finds what one stage stands on. False where an answer is missing.
    fn find_base(&mut self, id: StageId, facts: &mut Facts) -> Result<bool, CompileError> {
        let is_reachable = self.table.options.all_stages || self.reachable.contains(&id);
        let stage = self.table.stage(id);
        if *stage.base_name == *SCRATCH && stage.replaced_by.is_none() {
            let platform = Arc::clone(&self.table.target_platform);
            self.stand_on(id, Origin::Scratch, platform);
            return Ok(true);
        }
        let written = self.passed_over(id).unwrap_or(&stage.base_name);
        let written = Rc::clone(written);
        let asked = stage.asked_platform.as_ref();
        let platform = Arc::clone(asked.unwrap_or(&self.table.target_platform));
        let name = self.names.read(&written);
        let name = name.map_err(|error| self.no_image_name(id, &written, &error))?;
        if !is_reachable {
            let full = self.table.locked(&name).unwrap_or_else(|_| Rc::clone(&name.full));
            self.pass_over(id, &full, platform);
            return Ok(true);
        }
        if let Some(context) = self.table.stage(id).replaced_by.clone() {
            let loaded = self.load(&context)?;
            return Ok(self.replace_stage(id, loaded));
        }
        if let Some(context) = self.table.context_of(&name.reference, Some(&platform)) {
            let loaded = self.load(&context)?;
            return Ok(self.replace_base(id, loaded, platform));
        }
        let asked_for = (self.table.locked(&name)?, platform);
        let image = match self.images.get(&asked_for) {
            Some(known) => known.clone(),
            None => {
                let need = self.image_need(&asked_for);
                let image = self.image(&need, (id, &written));
                self.needs.insert(need);
                let image = image?;
                self.images.insert(asked_for.clone(), image.clone());
                image
            }
        };
        let Some(image) = image else {
            return Ok(false);
        };
        if let Some(fact) = self.stand_on_image(id, &image, &written, asked_for.1) {
            // An image that only a mount reads has no lines.
            facts.note(fact, self.table.stage(id).lines.unwrap_or_default(), &[]);
        }
        Ok(true)
    }

    fn stand_on(&mut self, id: StageId, origin: Origin, platform: Arc<Platform>) {
        self.table.stage_mut(id).ground = Some(Ground { origin, platform });
    }

    /// Leaves out a stage that nothing needs. It is named in progress all the same: the counter of a stage that triggers
    /// make reachable shows it.
    fn pass_over(&mut self, id: StageId, full_name: &Rc<str>, platform: Arc<Platform>) {
        if self.passed_over.len() <= id.0 {
            self.passed_over.resize(self.table.stages.len(), None);
        }
        self.passed_over[id.0] = Some(Rc::clone(full_name));
        let stage = self.table.stage_mut(id);
        stage.named_steps += usize::from(stage.total > 0);
        if stage.is_implicit() {
            self.stand_on(id, Origin::NotLookedUp(Rc::clone(full_name)), platform);
        }
    }

    fn passed_over(&self, id: StageId) -> Option<&Rc<str>> {
        self.passed_over.get(id.0)?.as_ref()
    }

    fn load(&mut self, context: &NamedContext) -> Result<Option<Loaded>, CompileError> {
        let mut lookup = self.table.lookup(self.answers, &mut self.needs, &mut self.read);
        context.load(&mut lookup)
    }

    fn image_need(&self, (reference, platform): &AskedFor) -> Need {
        let prefix = if self.table.options.multi_platform {
            format!("[{} internal]", platform.format_all())
        } else {
            "[internal]".to_owned()
        };
        Need::Image(ImageRequest {
            reference: reference.to_string(),
            platform: Some(Platform::clone(platform)),
            resolve_mode: self.table.options.image_resolve_mode,
            log_name: format!("{prefix} load metadata for {reference}"),
            store: ImageStore::Registry,
        })
    }

    /// The image that answers `need`, if it is known; `written` is its name in the file.
    fn image(
        &self,
        need: &Need,
        (id, written): (StageId, &str),
    ) -> Result<Option<Rc<BaseImage>>, CompileError> {
        let found = match self.answers.get(need) {
            None => return Ok(None),
            Some(Answer::Failed(failure)) => {
                return Err(
                    CompileError::new(self.unknown_base((id, written), &failure.message)).caused_by(failure),
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
                self.table.budget.spend(Image::weight(config))?;
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

    /// Words a base that names no image, perhaps for a variable that is empty.
    fn no_image_name(&self, id: StageId, written: &str, error: &ReferenceError) -> CompileError {
        let Some(name) = self.valueless(id) else {
            return CompileError::new(self.unknown_base((id, written), &error.to_string()));
        };
        let known = &self.table.arg_names[self.table.stage(id).module];
        let why = match known.binary_search(&name).is_ok() {
            true => {
                format!("`${name}` has no value; give its ARG a default, or pass --build-arg {name}=VALUE")
            }
            false => {
                let close = near_miss(self.table.budget, &name, known.len(), || Rc::clone(known));
                let close = close.map(|close| format!(" (did you mean `${close}`?)"));
                let close = close.unwrap_or_default();
                format!("no ARG before the first FROM declares `${name}`, so it is empty{close}")
            }
        };
        CompileError::new(format!("`{written}` is not an image name: {why}"))
    }

    /// The first variable of a `FROM` that has no value.
    fn valueless(&self, id: StageId) -> Option<String> {
        let table = &self.table;
        let base = &table.stage(id).from?.base;
        let expanded = table
            .lexer()
            .process_word(base, table.args_of(table.stage(id).module), table.budget);
        expanded.ok()?.unmatched.into_iter().next()
    }

    /// Words an image that cannot be had, with a near miss among stages and common images.
    fn unknown_base(&self, (id, written): (StageId, &str), reason: &str) -> String {
        let count = self.table.stages.len() + 2 * COMMON_IMAGES.len();
        let known = || {
            let mut known = self.table.stage_names(self.table.stage(id).module);
            for image in COMMON_IMAGES {
                known.push(image.to_owned());
                known.push(format!("{image}:latest"));
            }
            known
        };
        let hint = match near_miss(self.table.budget, written, count, known) {
            Some(close) => format!(" (did you mean `{close}`?)"),
            _ => String::new(),
        };
        match self.table.stage(id).is_implicit() {
            true => {
                format!("`{written}` is no stage of this file, and no image that can be had: {reason}{hint}")
            }
            false => format!("image `{written}` cannot be used as a base: {reason}{hint}"),
        }
    }

    /// Sets an image as the origin; gives what is odd about its platform.
    fn stand_on_image(
        &mut self,
        id: StageId,
        image: &Rc<BaseImage>,
        written: &str,
        platform: Arc<Platform>,
    ) -> Option<Fact> {
        let platform = match self.asked_platform(id) {
            None if self.table.is_implicit_target() => self.detect_platform(&image.config, platform),
            _ => platform,
        };
        let is_empty = image.config.is_empty_filesystem();
        let differs = platform.os != image.config.os || platform.architecture != image.config.architecture;
        let fact = (differs && !is_empty).then(|| Fact::InvalidBaseImagePlatform {
            image: written.to_owned(),
            expected: Box::new(Platform::clone(&platform)),
            actual: Box::new(image.config.platform()),
        });
        let image = Rc::clone(image);
        self.stand_on(id, Origin::Image { image, is_empty }, platform);
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
            .table
            .options
            .build_platforms
            .iter()
            .find(|platform| is_of_image(platform));
        native.cloned().map_or(target, Arc::new)
    }

    fn replace_stage(&mut self, id: StageId, loaded: Option<Loaded>) -> bool {
        let Some(loaded) = loaded else { return false };
        let told = loaded.config.as_ref();
        let told = told.filter(|config| !config.architecture.is_empty() && !config.os.is_empty());
        let platform = match told {
            Some(config) => Arc::new(config.platform()),
            None => self.asked_platform(id).cloned().unwrap_or_default(),
        };
        let origin = Origin::Context {
            source: Rc::new(loaded.source),
            config: loaded.config,
            whole_stage: true,
        };
        self.stand_on(id, origin, platform);
        true
    }

    fn replace_base(&mut self, id: StageId, loaded: Option<Loaded>, platform: Arc<Platform>) -> bool {
        let Some(loaded) = loaded else { return false };
        let config = loaded.config.unwrap_or_else(|| Rc::new(Image::empty(&platform)));
        let origin = Origin::Context {
            source: Rc::new(loaded.source),
            config: Some(config),
            whole_stage: false,
        };
        self.stand_on(id, origin, platform);
        true
    }

    /// The platform that the stage was asked to have; the reference takes the target's where it passed the stage over.
    fn asked_platform(&self, id: StageId) -> Option<&Arc<Platform>> {
        let passed_over = self.passed_over(id);
        let target = passed_over.map(|_| &self.table.target_platform);
        self.table.stage(id).asked_platform.as_ref().or(target)
    }
}
