//! `SOURCE_DATE_EPOCH`: a number, or the name of something whose date counts.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use dockerfile_syntax::expand::Lexer;
use dockerfile_syntax::instruction::AddInstruction;
use dockerfile_syntax::{InstructionKind, Stage, Word, lower};
use llb_graph::{SourceOp, collect};

use super::global_files::GlobalFiles;
use super::named_context::{ContextSource, ReadAnswers};
use super::{Globals, Inputs, Planned, SCRATCH, mismatched_answer};
use crate::answers::{Answer, Answers, Need, SourceTimeRequest};
use crate::env::EnvList;
use crate::error::{CompileError, CompileErrors};
use crate::options::MainContext;
use crate::remote::{Remote, classify, git_options, http_filename, http_source};

const KEY: &str = "SOURCE_DATE_EPOCH";

/// What a name in `SOURCE_DATE_EPOCH` leads to.
enum Dated {
    Need(Need),
    /// Something without a date, such as a local folder.
    Undated,
}

impl<'a> Inputs<'a> {
    /// Resolves `SOURCE_DATE_EPOCH` in the arguments, as far as the answers reach.
    pub(super) fn dated(
        self,
        (mut global_args, global_files): (EnvList, GlobalFiles),
        answers: &Answers,
        read: &mut ReadAnswers,
    ) -> Result<Planned<Globals<'a>>, CompileErrors> {
        let asked = Asked {
            inputs: &self,
            global_args: &global_args,
        };
        let epoch = match asked.epoch(answers, read)? {
            Epoch::NotAsked => None,
            Epoch::Needs(need) => return Ok(Planned::Needs(collect::set([need]))),
            Epoch::Known(epoch) => Some(epoch),
        };
        let mut build_args = Rc::new(self.options.build_args.clone());
        if let Some(epoch) = epoch {
            replace_argument(epoch, &mut build_args, &mut global_args);
        }
        Ok(Planned::Ready(Globals {
            inputs: self,
            build_args,
            global_args,
            module_args: Vec::new(),
            epoch: epoch.flatten(),
            global_files,
        }))
    }
}

/// Stages see the number, or nothing where there is no date.
fn replace_argument(
    epoch: Option<i64>,
    build_args: &mut Rc<BTreeMap<String, String>>,
    global_args: &mut EnvList,
) {
    let text = epoch.map(|seconds| seconds.to_string());
    if build_args.contains_key(KEY) {
        let args = Rc::make_mut(build_args);
        match &text {
            Some(text) => args.insert(KEY.to_owned(), text.clone()),
            None => args.remove(KEY),
        };
    }
    if global_args.lookup(KEY).is_some() {
        match &text {
            Some(text) => global_args.set(KEY, text),
            None => global_args.remove(KEY),
        }
    }
}

/// What `SOURCE_DATE_EPOCH` comes to.
enum Epoch {
    /// There is no such argument.
    NotAsked,
    Needs(Need),
    /// Seconds; `None` where what it names has no date.
    Known(Option<i64>),
}

/// What asks for a date.
struct Asked<'i, 'a> {
    inputs: &'i Inputs<'a>,
    global_args: &'i EnvList,
}

impl Asked<'_, '_> {
    fn epoch(&self, answers: &Answers, read: &mut ReadAnswers) -> Result<Epoch, CompileError> {
        let value = match self.inputs.options.build_args.get(KEY) {
            Some(value) => value.as_str(),
            None => match self.global_args.lookup(KEY) {
                Some(value) if !value.is_empty() => value,
                _ => return Ok(Epoch::NotAsked),
            },
        };
        if value.is_empty() {
            return Ok(Epoch::Known(None));
        }
        if let Ok(seconds) = value.parse() {
            return Ok(Epoch::Known(Some(seconds)));
        }
        let need = match self.dated_source(value, answers, read)? {
            Dated::Undated => return Ok(Epoch::Known(None)),
            Dated::Need(need) => need,
        };
        match answers.get(&need) {
            None => Ok(Epoch::Needs(need)),
            Some(Answer::SourceTime(time)) => Ok(Epoch::Known(*time)),
            Some(Answer::Failed(failure)) => {
                let message = format!("{KEY}={value}: {}", failure.message);
                Err(CompileError::new(message).caused_by(failure))
            }
            Some(_) => Err(mismatched_answer(value)),
        }
    }

    fn dated_source(
        &self,
        value: &str,
        answers: &Answers,
        read: &mut ReadAnswers,
    ) -> Result<Dated, CompileError> {
        if value == "context" {
            return Ok(match &self.inputs.options.main_context {
                MainContext::Remote { has_source: true, .. } => {
                    Dated::Need(Need::SourceTime(SourceTimeRequest {
                        identifier: String::new(),
                        attrs: BTreeMap::new(),
                        log_name: "[internal] resolve main build context metadata".to_owned(),
                    }))
                }
                _ => Dated::Undated,
            });
        }
        if let Some(context) = self.inputs.context(value, None)? {
            let mut needs = BTreeSet::new();
            let Some(loaded) = context.load(&mut self.inputs.lookup(answers, &mut needs, read))? else {
                let open = answers.missing(&needs).into_iter().next();
                return Ok(open.map_or(Dated::Undated, Dated::Need));
            };
            let log_name = format!("[internal] resolve {KEY} named context {value}");
            return Ok(self.dated_context(&loaded.source, log_name));
        }
        let stage = self.inputs.file.stages.iter().find(|stage| {
            let name = stage.from.name.as_deref();
            name.is_some_and(|name| lower(name) == lower(value))
        });
        let Some(stage) = stage else {
            return Err(CompileError::new(format!(
                "{KEY}={value}: expected seconds since 1970, `context`, a named context or a stage"
            )));
        };
        let place = stage.from.meta.place();
        let source = self.dated_stage(stage).map_err(|error| error.at(place))?;
        let name = stage.from.name.as_deref().unwrap_or_default();
        Ok(time_of(
            &source,
            format!("[internal] resolve {KEY} source stage {name}"),
        ))
    }

    fn dated_context(&self, source: &ContextSource, log_name: String) -> Dated {
        match source {
            ContextSource::Git { git, .. } => {
                let mut options = git_options(git, self.inputs.options.git_advice);
                options.mtime = (!git.mtime.is_empty()).then(|| git.mtime.clone());
                time_of(&SourceOp::git(&git.place, &options), log_name)
            }
            ContextSource::Http { url, .. } => match http_source(url, "context", "") {
                Ok(source) => time_of(&source, log_name),
                Err(_) => Dated::Undated,
            },
            _ => Dated::Undated,
        }
    }

    /// The one remote source of a stage that exists to tell a date.
    fn dated_stage(&self, stage: &Stage<'_>) -> Result<SourceOp, CompileError> {
        let lexer = self.inputs.lexer();
        let mut env = self.global_args.clone();
        env.remove(KEY);
        let expand = |word: &Word<'_>, env: &EnvList| self.expand_dated(&lexer, word, env);
        let base = expand(&stage.from.base, &env)?;
        if base != SCRATCH {
            return Err(CompileError::about(
                &stage.from.base,
                format!("a stage that {KEY} names starts `FROM scratch`, not `FROM {base}`"),
            ));
        }
        let mut source = None;
        for instruction in &stage.instructions {
            let at = |error: CompileError| error.at(instruction.meta.place());
            match &instruction.kind {
                InstructionKind::Arg(items) => {
                    for item in items {
                        let value = match (self.inputs.options.build_args.get(item.key.as_str()), &item.value)
                        {
                            (Some(value), _) => value.clone(),
                            (None, None) => continue,
                            (None, Some(default)) => expand(default, &env).map_err(at)?,
                        };
                        env.set(&item.key, &value);
                    }
                }
                InstructionKind::Add(add) if source.is_none() => {
                    source = Some(self.dated_add(add, &env, &lexer).map_err(at)?);
                }
                InstructionKind::Add(_) => return Err(at(not_one_add())),
                other => {
                    return Err(at(CompileError::new(format!(
                        "a stage that {KEY} names has ARG lines and one ADD, and no {}",
                        other.name()
                    ))));
                }
            }
        }
        source.ok_or_else(not_one_add)
    }

    fn dated_add(
        &self,
        add: &AddInstruction<'_>,
        env: &EnvList,
        lexer: &Lexer,
    ) -> Result<SourceOp, CompileError> {
        let [written] = &add.sources.paths[..] else {
            return Err(not_one_add());
        };
        if !add.sources.contents.is_empty() {
            return Err(not_one_add());
        }
        let path = self.expand_dated(lexer, written, env)?;
        let checksum = add.checksum.as_ref();
        let checksum = checksum.map(|checksum| self.expand_dated(lexer, checksum, env));
        let checksum = checksum.transpose()?.unwrap_or_default();
        match classify(&path).map_err(|reason| CompileError::about(written, reason))? {
            Remote::Local => Err(CompileError::about(written, not_one_add().message)),
            Remote::Http => http_source(&path, &http_filename(&path), &checksum)
                .map_err(|reason| CompileError::about(add.checksum.as_ref().unwrap_or(written), reason)),
            Remote::Git(git) => {
                let mut options = git_options(&git, self.inputs.options.git_advice);
                options.fetch_by_commit = false;
                options.keep_git_dir |= add.keep_git_dir == Some(true);
                if !checksum.is_empty() {
                    options.checksum = Some(checksum);
                }
                Ok(SourceOp::git(&git.place, &options))
            }
        }
    }

    fn expand_dated(&self, lexer: &Lexer, word: &Word<'_>, env: &EnvList) -> Result<String, CompileError> {
        let expanded = lexer
            .process_word(word, env, self.inputs.budget)
            .map_err(|error| CompileError::about(word, error.to_string()))?;
        Ok(expanded.text.into_owned())
    }
}

fn time_of(source: &SourceOp, log_name: String) -> Dated {
    Dated::Need(Need::SourceTime(SourceTimeRequest {
        identifier: source.identifier.clone(),
        attrs: source.attrs.clone(),
        log_name,
    }))
}

fn not_one_add() -> CompileError {
    CompileError::new(format!(
        "a stage that {KEY} names has exactly one ADD, of one http, https or git URL"
    ))
}
