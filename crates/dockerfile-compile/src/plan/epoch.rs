//! `SOURCE_DATE_EPOCH`: a number, or the name of something whose date counts.

use std::collections::BTreeSet;
use std::rc::Rc;

use dockerfile_syntax::expand::Lexer;
use dockerfile_syntax::instruction::AddInstruction;
use dockerfile_syntax::{InstructionKind, Stage, Word};
use llb_graph::SourceOp;

use super::named_context::ContextSource;
use super::{Plan, SCRATCH, mismatched_answer};
use crate::answers::{Answer, Answers, Need, SourceTimeRequest};
use crate::env::EnvList;
use crate::error::CompileError;
use crate::options::MainContext;
use crate::remote::{Remote, classify, git_options, http_filename, http_source};

const KEY: &str = "SOURCE_DATE_EPOCH";

/// What a name in `SOURCE_DATE_EPOCH` leads to.
enum Dated {
    Need(Need),
    /// Something without a date, such as a local folder.
    Undated,
}

impl Plan<'_> {
    /// Sets [`Plan::epoch`], and the argument itself to the number; gives the need that is still open.
    pub(super) fn plan_epoch(&mut self, answers: &Answers) -> Result<Option<Need>, CompileError> {
        let value = match self.build_args.get(KEY) {
            Some(value) => value.clone(),
            None => match self.global_args.lookup(KEY) {
                Some(value) if !value.is_empty() => value.to_owned(),
                _ => return Ok(None),
            },
        };
        self.epoch = match value.parse() {
            Ok(seconds) => Some(seconds),
            Err(_) if value.is_empty() => None,
            Err(_) => match self.dated_source(&value, answers)? {
                Dated::Undated => None,
                Dated::Need(need) => match answers.get(&need) {
                    None => return Ok(Some(need)),
                    Some(Answer::SourceTime(time)) => *time,
                    Some(Answer::Failed(failure)) => {
                        let message = format!("{KEY}={value}: {}", failure.message);
                        return Err(CompileError::new(message).caused_by(failure));
                    }
                    Some(_) => return Err(mismatched_answer(&value)),
                },
            },
        };
        self.replace_epoch_argument();
        Ok(None)
    }

    /// Stages see the number, or nothing where there is no date.
    fn replace_epoch_argument(&mut self) {
        let text = self.epoch.map(|seconds| seconds.to_string());
        if self.build_args.contains_key(KEY) {
            let args = Rc::make_mut(&mut self.build_args);
            match &text {
                Some(text) => args.insert(KEY.to_owned(), text.clone()),
                None => args.remove(KEY),
            };
        }
        if self.global_args.lookup(KEY).is_some() {
            match &text {
                Some(text) => self.global_args.set(KEY, text),
                None => self.global_args.remove(KEY),
            }
        }
    }

    fn dated_source(&mut self, value: &str, answers: &Answers) -> Result<Dated, CompileError> {
        if value == "context" {
            return Ok(match &self.options.main_context {
                MainContext::Remote { has_source: true, .. } => {
                    Dated::Need(Need::SourceTime(SourceTimeRequest {
                        identifier: String::new(),
                        attrs: std::collections::BTreeMap::new(),
                        log_name: "[internal] resolve main build context metadata".to_owned(),
                    }))
                }
                _ => Dated::Undated,
            });
        }
        if let Some(context) = self.context(value, None)? {
            let mut needs = BTreeSet::new();
            let Some(loaded) = context.load(&mut self.lookup(answers, &mut needs))? else {
                let open = answers.missing(&needs).into_iter().next();
                return Ok(open.map_or(Dated::Undated, Dated::Need));
            };
            let log_name = format!("[internal] resolve {KEY} named context {value}");
            return Ok(self.dated_context(&loaded.source, log_name));
        }
        let stage = self.file.stages.iter().find(|stage| {
            stage
                .from
                .name
                .as_ref()
                .is_some_and(|name| name.to_lowercase() == value.to_lowercase())
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
                let mut options = git_options(git, self.options.git_advice);
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
        let lexer = self.lexer();
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
                        let value = match (self.build_args.get(item.key.as_str()), &item.value) {
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
                let mut options = git_options(&git, self.options.git_advice);
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
            .process_word(word, env, self.budget)
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
