//! Rounds of compiling and answering, as a daemon's frontend does them, with the files of this machine and with what is
//! known of images.

use std::cell::Cell;
use std::sync::Arc;

use dockerfile_compile::{
    Answer, Answers, BuildOptions, CompileErrors, Compiled, Failure as Unanswered, IgnoreAnswer,
    ImageRequest, Need, PairsAnswer, Step, Warning, assumed, compile, keeps_out, lint_with,
};
use dockerfile_syntax::Dockerfile;

use crate::files::{Input, file_of, folder_ignore_file, ignore_file};
use crate::images::Images;
use crate::lock;
use crate::options::Wanted;
use crate::output::Failure;

/// Who answers the core's questions about one Dockerfile.
pub(crate) struct World<'a> {
    /// The Dockerfile.
    pub(crate) input: &'a Input,
    /// What the command line says.
    pub(crate) wanted: &'a Wanted,
    /// What is known of images.
    pub(crate) images: &'a Images,
}

/// How compiling ended.
pub(crate) struct Ended<T> {
    /// What came of it, or what is wrong with the Dockerfile.
    pub(crate) result: Result<T, CompileErrors>,
    /// Findings of the linter.
    pub(crate) warnings: Vec<Warning>,
}

impl World<'_> {
    /// Compiles to the end.
    ///
    /// # Errors
    /// Fails only where the core asks again for what it was told.
    pub(crate) fn compile(
        &self,
        file: &Dockerfile<'_>,
        options: &BuildOptions,
    ) -> Result<Ended<Box<Compiled>>, Failure> {
        let mut answers = Answers::new();
        loop {
            let step = compile(file, options, &answers);
            let needs = match step.value {
                Ok(Step::Needs(needs)) => needs,
                Ok(Step::Done(compiled)) => {
                    if compiled.file_pairs.iter().any(|read| read.pairs.is_none()) {
                        self.images.note_stage_file();
                    }
                    return Ok(Ended {
                        result: Ok(compiled),
                        warnings: step.warnings,
                    });
                }
                Err(errors) => {
                    return Ok(Ended {
                        result: Err(errors),
                        warnings: step.warnings,
                    });
                }
            };
            let missing = answers.missing(&needs);
            if missing.is_empty() {
                return Err(Failure::new(
                    "the compiler asks for nothing new; this is a bug in Plimsoll, please report it",
                ));
            }
            let requests: Vec<&ImageRequest> = missing.iter().filter_map(image_request).collect();
            let mut found = self.images.look_up(&requests, options).into_iter();
            for need in &missing {
                let answer = match image_request(need) {
                    Some(_) => found.next().unwrap_or_else(|| assumed(need, options)),
                    None => self.answer(need, options),
                };
                answers.insert(need.clone(), answer);
            }
        }
    }

    /// The linter's findings, and what keeps the file from being built.
    ///
    /// # Errors
    /// Fails only where the core asks again for what it was told.
    pub(crate) fn lint(&self, file: &Dockerfile<'_>, options: &BuildOptions) -> Result<Ended<()>, Failure> {
        if !self.images.are_assumed() {
            let options = BuildOptions {
                all_stages: options.target.is_none(),
                is_question: true,
                ..options.clone()
            };
            let ended = self.compile(file, &options)?;
            return Ok(Ended {
                result: ended.result.map(drop),
                warnings: ended.warnings,
            });
        }
        let is_image_assumed = Cell::new(false);
        let found = lint_with(file, options, |need, options| {
            is_image_assumed.set(is_image_assumed.get() || image_request(need).is_some());
            self.answer(need, options)
        });
        if is_image_assumed.get() {
            self.images.note_assumption();
        }
        Ok(Ended {
            result: found.value,
            warnings: found.warnings,
        })
    }

    /// Answers what is no question about an image.
    fn answer(&self, need: &Need, options: &BuildOptions) -> Answer {
        let ignore =
            |(filename, data): (String, Vec<u8>)| Answer::Ignore(Arc::new(IgnoreAnswer { filename, data }));
        match need {
            Need::ContextIgnore => ignore(ignore_file(self.input, &self.wanted.context(self.input))),
            Need::LocalIgnore(request) => match self.wanted.folder(&request.local) {
                Some(folder) => ignore(folder_ignore_file(folder)),
                None => Answer::Failed(Unanswered {
                    message: format!("there is no local source `{}`", request.local),
                    ticket: 0,
                }),
            },
            Need::ContextFile(path) => self.file(path),
            Need::Pin(request) => Answer::Pin(lock::ask(request)),
            need => {
                if matches!(need, Need::StageFile(_)) {
                    self.images.note_stage_file();
                }
                assumed(need, options)
            }
        }
    }

    /// A file of the folder of the context.
    fn file(&self, path: &str) -> Answer {
        let context = self.wanted.context(self.input);
        let (filename, data) = ignore_file(self.input, &context);
        let is_out = keeps_out(&IgnoreAnswer { filename, data }, path).is_some();
        let read = if is_out { Ok(None) } else { file_of(&context, path) };
        match read {
            Ok(Some(data)) => Answer::File(Arc::new(PairsAnswer::Found(data))),
            Ok(None) => Answer::File(Arc::new(PairsAnswer::Missing)),
            Err(error) => Answer::Failed(Unanswered {
                message: format!("it can't be read: {error}"),
                ticket: 0,
            }),
        }
    }
}

fn image_request(need: &Need) -> Option<&ImageRequest> {
    match need {
        Need::Image(request) => Some(request),
        _ => None,
    }
}
