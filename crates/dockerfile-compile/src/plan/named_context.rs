//! Named contexts: what `--build-context NAME=…` puts in the place of a stage, a base or an image.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::Arc;

use dockerfile_syntax::Budget;
use llb_graph::{Definition, Platform, Reference};

use super::{Inputs, SCRATCH, mismatched_answer};
use crate::answers::{
    Answer, Answers, IgnoreAnswer, ImageAnswer, ImageRequest, ImageStore, LocalIgnoreRequest, Need,
};
use crate::error::CompileError;
use crate::host;
use crate::ignore_file;
use crate::image::Image;
use crate::options::BuildOptions;
use crate::remote::git_ref::{GitRef, GitRefError};

/// How often a source policy may send a context elsewhere.
const MAX_REDIRECTS: usize = 10;

/// A context option that matched a name.
#[derive(Clone, Debug)]
pub(crate) struct NamedContext {
    /// Its value, such as `docker-image://alpine`.
    value: String,
    /// The name without platform.
    name: String,
    /// The name as the option has it, maybe with `::PLATFORM`; progress shows it.
    option_name: String,
    platform: Option<Platform>,
    shared_key: String,
}

/// A context as loaded.
pub(crate) struct Loaded {
    pub(crate) source: ContextSource,
    pub(crate) config: Option<Rc<Image>>,
}

/// Where a context's files come from.
#[derive(Clone, Debug)]
pub(crate) enum ContextSource {
    Scratch,
    Image {
        reference: String,
        platform: Option<Platform>,
        custom_name: String,
    },
    Git {
        git: GitRef,
        custom_name: String,
    },
    Http {
        url: String,
        custom_name: String,
    },
    OciLayout {
        reference: String,
        platform: Option<Platform>,
        session_id: String,
        store_id: String,
        custom_name: String,
    },
    Local(LocalContext),
    Input(Arc<Definition>),
}

/// A folder of the client. Which of its files are sent is known once all stages are lowered.
#[derive(Clone, Debug)]
pub(crate) struct LocalContext {
    pub(crate) local: String,
    pub(crate) session_id: String,
    pub(crate) shared_key: String,
    pub(crate) custom_name: String,
    pub(crate) excludes: Rc<Vec<String>>,
}

impl Inputs<'_> {
    /// The context that stands in for the stage `name`. Two names are reserved.
    pub(super) fn stage_context(
        &self,
        name: &str,
        platform: Option<&Platform>,
    ) -> Result<Option<NamedContext>, CompileError> {
        if name.eq_ignore_ascii_case(SCRATCH) || name.eq_ignore_ascii_case("context") {
            return Ok(None);
        }
        self.context(name, platform)
    }

    /// The context for an image or stage name; an option with the platform in its name wins.
    pub(super) fn context(
        &self,
        name: &str,
        platform: Option<&Platform>,
    ) -> Result<Option<NamedContext>, CompileError> {
        let no_name = |error| CompileError::new(format!("`{name}` cannot name a build context: {error}"));
        if self.options.named_contexts.is_empty() {
            Reference::check_normalized(name).map_err(no_name)?;
            return Ok(None);
        }
        let reference = Reference::parse_normalized(name).map_err(no_name)?;
        Ok(self.context_of(&reference, platform))
    }

    /// [`Inputs::context`] for a name that was read already.
    pub(super) fn context_of(
        &self,
        reference: &Reference,
        platform: Option<&Platform>,
    ) -> Option<NamedContext> {
        if self.options.named_contexts.is_empty() {
            return None;
        }
        let familiar = reference.familiar();
        let name = familiar.strip_suffix(":latest").unwrap_or(&familiar);
        let wanted = platform.or(self.options.target_platform.as_ref()).cloned();
        let suffix = wanted
            .clone()
            .unwrap_or_else(host::platform)
            .normalize()
            .format_all();
        let candidates = [format!("{name}::{suffix}"), name.to_owned()];
        candidates.into_iter().find_map(|option_name| {
            let value = self.options.named_contexts.get(&option_name)?;
            Some(NamedContext {
                value: value.clone(),
                name: name.to_owned(),
                shared_key: self
                    .options
                    .shared_keys
                    .get(&option_name)
                    .cloned()
                    .unwrap_or_default(),
                option_name,
                platform: wanted.clone(),
            })
        })
    }

    /// What loading a context works with.
    pub(super) fn lookup<'l>(
        &'l self,
        answers: &'l Answers,
        needs: &'l mut BTreeSet<Need>,
        read: &'l mut ReadAnswers,
    ) -> Lookup<'l> {
        Lookup {
            options: self.options,
            answers,
            budget: self.budget,
            needs,
            read,
        }
    }
}

impl NamedContext {
    /// Loads it as far as the answers reach; `None` where one is missing.
    pub(super) fn load(&self, lookup: &mut Lookup<'_>) -> Result<Option<Loaded>, CompileError> {
        let mut value = self.value.clone();
        for _ in 0..=MAX_REDIRECTS {
            match self.load_value(&value, lookup)? {
                Outcome::Missing => return Ok(None),
                Outcome::Loaded(loaded) => return Ok(Some(loaded)),
                Outcome::Redirected(to) => value = to,
            }
        }
        Err(CompileError::new(format!(
            "build context `{}` is sent elsewhere by source policies more than {MAX_REDIRECTS} times, last to `{value}`; the policies go round in a circle",
            self.option_name
        )))
    }

    fn load_value(&self, value: &str, lookup: &mut Lookup<'_>) -> Result<Outcome, CompileError> {
        let Some((scheme, rest)) = value.split_once(':') else {
            return Err(self.error(format!(
                "`{value}` has no scheme; expected docker-image://IMAGE, oci-layout://STORE@DIGEST, local:NAME, input:NAME or a git or http URL"
            )));
        };
        let scheme = if scheme.starts_with("git@") { "git" } else { scheme };
        let rest = rest.strip_prefix("//").unwrap_or(rest);
        match scheme {
            "docker-image" => self.load_image(rest, lookup),
            "git" => self.load_git(value).and_then(|git| {
                git.ok_or_else(|| self.error(format!("`{value}` is not a git URL")))
            }),
            "http" | "https" => Ok(match self.load_git(value)? {
                Some(git) => git,
                None => Outcome::of(ContextSource::Http {
                    url: value.to_owned(),
                    custom_name: format!("[context {}] {value}", self.option_name),
                }),
            }),
            "oci-layout" => self.load_oci_layout(rest, lookup),
            // The name of a local source or an input stands behind the colon as it is.
            "local" => self.load_local(&value["local:".len()..], lookup),
            "input" => self.load_input(&value["input:".len()..], lookup),
            other => Err(self.error(format!(
                "scheme `{other}` is unknown; expected docker-image, oci-layout, local, input, git, http or https"
            ))),
        }
    }

    fn load_image(&self, name: &str, lookup: &mut Lookup<'_>) -> Result<Outcome, CompileError> {
        if name == SCRATCH {
            return Ok(Outcome::of(ContextSource::Scratch));
        }
        let reference = Reference::parse_normalized(name)
            .map_err(|error| self.error(format!("image `{name}`: {error}")))?
            .or_latest();
        let need = Need::Image(ImageRequest {
            reference: reference.to_string(),
            platform: self.platform.clone(),
            resolve_mode: lookup.options.image_resolve_mode,
            log_name: format!("[context {}] load metadata for {name}", self.option_name),
            store: ImageStore::Registry,
        });
        let answer = match lookup.ask(self, &need)? {
            None => return Ok(Outcome::Missing),
            Some(Answer::Image(answer)) => answer,
            Some(_) => return Err(mismatched_answer(name)),
        };
        match &**answer {
            ImageAnswer::Found {
                reference, config, ..
            } => Ok(Outcome::Loaded(Loaded {
                config: Some(lookup.config(self, &need, config).map(without_date)?),
                source: ContextSource::Image {
                    reference: reference.clone(),
                    platform: self.platform.clone(),
                    custom_name: format!("[context {}] {name}", self.option_name),
                },
            })),
            ImageAnswer::Redirected(to) => match to.split_once("://") {
                Some((scheme, rest)) => Ok(Outcome::Redirected(format!("{scheme}:{rest}"))),
                None => Err(self.error(format!("a source policy sends it to `{to}`, which is no source"))),
            },
        }
    }

    fn load_git(&self, value: &str) -> Result<Option<Outcome>, CompileError> {
        match GitRef::parse(value) {
            Ok(git) => {
                let custom_name = format!("[internal] load git source {value}");
                Ok(Some(Outcome::of(ContextSource::Git { git, custom_name })))
            }
            Err(GitRefError::NotGit) => Ok(None),
            Err(GitRefError::Invalid(reason)) => Err(self.error(reason)),
        }
    }

    fn load_oci_layout(&self, text: &str, lookup: &mut Lookup<'_>) -> Result<Outcome, CompileError> {
        let layout =
            Reference::parse(text).map_err(|error| self.error(format!("OCI layout `{text}`: {error}")))?;
        let Some(digest) = layout.digest() else {
            return Err(self.error(format!(
                "OCI layout `{text}` has no digest; expected STORE@sha256:DIGEST"
            )));
        };
        let reference = Reference::parse_normalized(&self.name)
            .and_then(|reference| reference.with_digest(digest))
            .map_err(|error| self.error(error.to_string()))?
            .to_string();
        let need = Need::Image(ImageRequest {
            reference: reference.clone(),
            platform: self.platform.clone(),
            resolve_mode: lookup.options.image_resolve_mode,
            log_name: format!("[context {}] load metadata for {reference}", self.option_name),
            store: ImageStore::OciLayout {
                session_id: lookup.options.session_id.clone(),
                store_id: layout.name(),
            },
        });
        let answer = match lookup.ask(self, &need)? {
            None => return Ok(Outcome::Missing),
            Some(Answer::Image(answer)) => answer,
            Some(_) => return Err(mismatched_answer(text)),
        };
        let ImageAnswer::Found { config, .. } = &**answer else {
            return Err(mismatched_answer(text));
        };
        Ok(Outcome::Loaded(Loaded {
            config: Some(lookup.config(self, &need, config)?),
            source: ContextSource::OciLayout {
                reference,
                platform: self.platform.clone(),
                session_id: lookup.options.session_id.clone(),
                store_id: layout.name(),
                custom_name: format!("[context {}] OCI load from client", self.option_name),
            },
        }))
    }

    fn load_local(&self, local: &str, lookup: &mut Lookup<'_>) -> Result<Outcome, CompileError> {
        let session_id = lookup
            .options
            .local_session_ids
            .get(local)
            .unwrap_or(&lookup.options.session_id)
            .clone();
        let need = Need::LocalIgnore(LocalIgnoreRequest {
            local: local.to_owned(),
            context: self.option_name.clone(),
            session_id: session_id.clone(),
        });
        let file = match lookup.ask(self, &need)? {
            None => return Ok(Outcome::Missing),
            Some(Answer::Ignore(file)) => file,
            Some(_) => return Err(mismatched_answer(local)),
        };
        let excludes = lookup.excludes(&need, file).map_err(|error| CompileError {
            message: format!("build context `{}`: {}", self.option_name, error.message),
            ..error
        })?;
        Ok(Outcome::of(ContextSource::Local(LocalContext {
            local: local.to_owned(),
            session_id,
            shared_key: format!("context:{}-{}", self.option_name, self.shared_key),
            custom_name: format!("[context {}] load from client", self.option_name),
            excludes,
        })))
    }

    fn load_input(&self, input: &str, lookup: &mut Lookup<'_>) -> Result<Outcome, CompileError> {
        let need = Need::Input(input.to_owned());
        let definition = match lookup.ask(self, &need)? {
            None => return Ok(Outcome::Missing),
            Some(Answer::Input(Some(definition))) => Arc::clone(definition),
            Some(Answer::Input(None)) => {
                return Err(self.error(format!("the client sent no input `{input}`")));
            }
            Some(_) => return Err(mismatched_answer(input)),
        };
        let config = match lookup.options.input_metadata.get(input) {
            None => None,
            Some(metadata) => input_config(metadata)
                .map_err(|error| self.error(format!("metadata of input `{input}`: {error}")))?,
        };
        Ok(Outcome::Loaded(Loaded {
            source: ContextSource::Input(definition),
            config: config
                .map(|config| lookup.config(self, &need, &config))
                .transpose()?,
        }))
    }

    fn error(&self, reason: impl std::fmt::Display) -> CompileError {
        CompileError::new(format!("build context `{}`: {reason}", self.option_name))
    }
}

/// What loading contexts works with.
pub(super) struct Lookup<'l> {
    pub(super) options: &'l BuildOptions,
    pub(super) answers: &'l Answers,
    pub(super) budget: &'l Budget,
    /// All that was asked for.
    pub(super) needs: &'l mut BTreeSet<Need>,
    pub(super) read: &'l mut ReadAnswers,
}

/// Answers that were read, so that each is read once however many stages want it.
#[derive(Default)]
pub(crate) struct ReadAnswers {
    configs: BTreeMap<Need, Rc<Image>>,
    excludes: BTreeMap<Need, Rc<Vec<String>>>,
}

impl<'l> Lookup<'l> {
    /// The answer to `need`; notes the need, and turns a failure into an error.
    fn ask(&mut self, context: &NamedContext, need: &Need) -> Result<Option<&'l Answer>, CompileError> {
        let answer = self.answers.get(need);
        if !self.needs.contains(need) {
            self.needs.insert(need.clone());
        }
        match answer {
            Some(Answer::Failed(failure)) => Err(context.error(failure.message.clone()).caused_by(failure)),
            answer => Ok(answer),
        }
    }

    /// The image config that answers `need`.
    fn config(
        &mut self,
        context: &NamedContext,
        need: &Need,
        json: &[u8],
    ) -> Result<Rc<Image>, CompileError> {
        if let Some(known) = self.read.configs.get(need) {
            return Ok(Rc::clone(known));
        }
        self.budget.spend(Image::weight(json))?;
        let config = Image::from_json(json).map_err(|error| context.error(error))?;
        let config = Rc::new(config);
        self.read.configs.insert(need.clone(), Rc::clone(&config));
        Ok(config)
    }

    /// The patterns of the ignore file that answers `need`.
    fn excludes(&mut self, need: &Need, file: &IgnoreAnswer) -> Result<Rc<Vec<String>>, CompileError> {
        if let Some(known) = self.read.excludes.get(need) {
            return Ok(Rc::clone(known));
        }
        let patterns = Rc::new(ignore_file::patterns(file, self.budget)?);
        self.read.excludes.insert(need.clone(), Rc::clone(&patterns));
        Ok(patterns)
    }
}

/// The reference forgets when an image of a context was made.
fn without_date(config: Rc<Image>) -> Rc<Image> {
    let mut config = config;
    if config.created.is_some() {
        Rc::make_mut(&mut config).created = None;
    }
    config
}

/// How far one attempt came.
enum Outcome {
    Missing,
    Loaded(Loaded),
    Redirected(String),
}

impl Outcome {
    fn of(source: ContextSource) -> Self {
        Self::Loaded(Loaded { source, config: None })
    }
}

/// The image config in an `input-metadata:` option: JSON from keys to base64.
fn input_config(metadata: &str) -> Result<Option<Vec<u8>>, String> {
    let values: BTreeMap<String, Option<String>> = serde_json::from_str(metadata)
        .map_err(|error| format!("expected a JSON object of base64 strings: {error}"))?;
    match values.get("containerimage.config").and_then(Option::as_ref) {
        None => Ok(None),
        Some(encoded) => crate::go::base64::decode(encoded)
            .map(Some)
            .ok_or_else(|| "containerimage.config is not base64".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Step, compile};

    /// Compiles a stage on a context that is sent elsewhere so many times before it is an image.
    fn sent_elsewhere(times: usize) -> Result<(), String> {
        let file = "FROM base\n";
        let parsed = dockerfile_syntax::parse(file.as_bytes());
        let mut options = crate::testing::options(file);
        options.named_contexts = BTreeMap::from([("base".to_owned(), "docker-image://a:0".to_owned())]);
        let mut answers = Answers::new();
        loop {
            let needs = match compile(&parsed.dockerfile, &options, &answers).value {
                Ok(Step::Needs(needs)) => needs,
                Ok(Step::Done(_)) => return Ok(()),
                Err(errors) => return Err(errors.first.message),
            };
            for need in needs {
                let Need::Image(request) = &need else {
                    let nothing = IgnoreAnswer {
                        filename: String::new(),
                        data: Vec::new(),
                    };
                    answers.insert(need, Answer::Ignore(Arc::new(nothing)));
                    continue;
                };
                let (_, tag) = request.reference.rsplit_once(':').unwrap();
                let tag: usize = tag.parse().unwrap();
                let answer = match tag < times {
                    true => ImageAnswer::Redirected(format!("docker-image://a:{}", tag + 1)),
                    false => ImageAnswer::Found {
                        reference: request.reference.clone(),
                        digest: String::new(),
                        config: br#"{"architecture":"amd64","os":"linux"}"#.to_vec(),
                    },
                };
                answers.insert(need, Answer::Image(Arc::new(answer)));
            }
        }
    }

    #[test]
    fn policies_may_send_a_context_elsewhere_ten_times() {
        assert_eq!(sent_elsewhere(0), Ok(()));
        assert_eq!(sent_elsewhere(10), Ok(()));
        let refused = sent_elsewhere(11).unwrap_err();
        assert!(refused.contains("more than 10 times"), "{refused}");
    }
}
