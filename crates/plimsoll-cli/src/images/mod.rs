//! What is known of base images: looked up, read from a file, or assumed.

mod assumed;
mod credentials;
mod file;
mod registry;

use std::cell::{Cell, RefCell};
use std::path::Path;

use dockerfile_compile::{Answer, BuildOptions, Failure as Unanswered, ImageAnswer, ImageRequest};

use crate::arguments::{ImageArguments, RegistryArguments};
use crate::output::Failure;

pub(crate) use file::AnswersFile;
use registry::Registry;
pub(crate) use registry::{PATIENCE, can_encrypt, provide_encryption, with_causes};

/// What is known of images.
pub(crate) struct Images {
    source: Source,
    /// Whether something was assumed, of which the user should know.
    assumed: Cell<bool>,
    /// Whether a file of a stage was asked for.
    stage_file: Cell<bool>,
    /// What was looked up, for a file of answers.
    seen: RefCell<AnswersFile>,
}

enum Source {
    /// All are there and empty.
    Assume,
    /// What a file says.
    File(AnswersFile),
    /// Look them up.
    Registry(Registry),
}

impl Images {
    /// As the command line wants it, with `default` where that doesn't say.
    ///
    /// # Errors
    /// Fails where the file of answers can't be read.
    pub(crate) fn new(arguments: &ImageArguments, default: &str) -> Result<Self, Failure> {
        match arguments.images.as_deref().unwrap_or(default) {
            "assume" => Ok(Self::of(Source::Assume)),
            "registry" => Ok(Self::registry(&arguments.registry)),
            path => Ok(Self::of(Source::File(AnswersFile::read(Path::new(path))?))),
        }
    }

    /// Looks all images up.
    pub(crate) fn registry(arguments: &RegistryArguments) -> Self {
        Self::of(Source::Registry(Registry::new(&arguments.insecure_registry)))
    }

    fn of(source: Source) -> Self {
        Self {
            source,
            assumed: Cell::new(false),
            stage_file: Cell::new(false),
            seen: RefCell::default(),
        }
    }

    /// Whether nothing is looked up.
    pub(crate) fn are_assumed(&self) -> bool {
        matches!(self.source, Source::Assume)
    }

    /// Remembers that an image was assumed.
    pub(crate) fn note_assumption(&self) {
        self.assumed.set(true);
    }

    /// Remembers that a file of a stage was asked for.
    pub(crate) fn note_stage_file(&self) {
        self.stage_file.set(true);
    }

    /// The sentences for the user where something was assumed.
    pub(crate) fn remarks(&self) -> Vec<&'static str> {
        let images = "base images were taken to be there and empty; `--images registry` looks them up";
        let files =
            "what stages write into files (`--file` with `--from`) shows only in a build, so it is left out";
        let images = self.assumed.get().then_some(images);
        images
            .into_iter()
            .chain(self.stage_file.get().then_some(files))
            .collect()
    }

    /// All that was looked up.
    pub(crate) fn into_seen(self) -> AnswersFile {
        self.seen.into_inner()
    }

    /// An answer to each request, in the same order.
    pub(crate) fn look_up(&self, requests: &[&ImageRequest], options: &BuildOptions) -> Vec<Answer> {
        let found: Vec<Result<ImageAnswer, String>> = match &self.source {
            Source::Assume => {
                self.assumed.set(self.assumed.get() || !requests.is_empty());
                return requests
                    .iter()
                    .map(|request| assumed::answer(request, options))
                    .collect();
            }
            Source::File(file) => requests.iter().map(|request| file.answer(request)).collect(),
            Source::Registry(registry) => registry.look_up(requests),
        };
        for (request, found) in requests.iter().zip(&found) {
            self.seen.borrow_mut().add(request, found);
        }
        let answers = found.into_iter().map(|found| match found {
            Ok(image) => Answer::Image(image.into()),
            Err(message) => Answer::Failed(Unanswered { message, ticket: 0 }),
        });
        answers.collect()
    }
}
