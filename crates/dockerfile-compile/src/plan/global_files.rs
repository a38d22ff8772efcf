//! Files that `ARG --file` above the first `FROM` reads, of the dialect.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use dockerfile_syntax::env_file::Pair;
use dockerfile_syntax::expand::Lexer;
use dockerfile_syntax::instruction::PairsFile;
use dockerfile_syntax::{Budget, Word};

use super::args::global_args;
use super::{Inputs, Planned};
use crate::answers::{Answers, Need};
use crate::env::EnvList;
use crate::error::{CompileError, CompileErrors};
use crate::pairs::{Content, Known, of_context};

/// What such files say, by the Dockerfile that the instruction is in, as in [`dockerfile_syntax::Stage::module`], and its
/// place there; `None` where nobody can read one.
pub(crate) type GlobalFiles = BTreeMap<(usize, usize), Option<Rc<Vec<Pair>>>>;

impl Inputs<'_> {
    /// The files, as far as the answers reach.
    pub(super) fn global_files(
        &self,
        answers: &Answers,
        builtin: &EnvList,
    ) -> Result<Planned<GlobalFiles>, CompileErrors> {
        let mut files = GlobalFiles::new();
        if !self.file.dialect.is_on {
            return Ok(Planned::Ready(files));
        }
        let lexer = self.lexer();
        let mut needs: BTreeSet<Need> = BTreeSet::new();
        let mut wrong = None;
        let known = Known {
            answers,
            options: self.options,
            budget: self.budget,
        };
        for module in 0..=self.file.modules.len() {
            let mut read = |index: usize, file: &PairsFile<'_>, env: &EnvList| {
                if !needs.is_empty() && file.path.contains('$') {
                    // What it says may depend on what is not known yet.
                    return None;
                }
                let place = self
                    .file
                    .args_of(module)
                    .get(index)
                    .map(|instruction| instruction.meta.place());
                let found =
                    expanded(&lexer, file, (env, self.budget)).and_then(|path| of_context(&path, known));
                match found {
                    Ok(Content::Pairs(pairs)) => {
                        let pairs = Rc::new(pairs);
                        files.insert((module, index), Some(Rc::clone(&pairs)));
                        return Some(pairs);
                    }
                    Ok(Content::Unknown) => drop(files.insert((module, index), None)),
                    Ok(Content::Asked(need)) => drop(needs.insert(need)),
                    Err(error) => {
                        wrong.get_or_insert_with(|| place.into_iter().fold(error, CompileError::at));
                    }
                }
                None
            };
            // What is wrong with defaults comes up again when all files are known.
            let _ = global_args(
                (self.file.args_of(module), &mut read),
                (&lexer, self.budget),
                builtin.clone(),
                &self.options.build_args,
                &mut |_| {},
            );
        }
        if let Some(error) = wrong {
            return Err(error.into());
        }
        if needs.is_empty() {
            return Ok(Planned::Ready(files));
        }
        needs.extend(self.context_needs());
        Ok(Planned::Needs(answers.missing(&needs)))
    }
}

/// The path of a file, with variables filled in.
pub(super) fn expanded<'w>(
    lexer: &Lexer,
    file: &'w PairsFile<'_>,
    (env, budget): (&EnvList, &Budget),
) -> Result<Word<'w>, CompileError> {
    if let Some(from) = &file.from {
        let message = format!(
            "--from={from}: above the first FROM there is no stage yet; leave it out to read the file of the build context"
        );
        return Err(CompileError::about(from, message));
    }
    let path = &file.path;
    let expanded = lexer.process_word(path, env, budget);
    let expanded = expanded.map_err(|error| CompileError::about(path, error.to_string()))?;
    Ok(Word::new(expanded.text, path.span))
}
