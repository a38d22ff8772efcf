//! Arguments before the first `FROM`, and those that are always there.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use dockerfile_syntax::env_file::Pair;
use dockerfile_syntax::expand::Lexer;
use dockerfile_syntax::instruction::{ArgItem, PairsFile};
use dockerfile_syntax::{Budget, Dockerfile, Instruction, InstructionKind, LineRange, Span, Word};
use llb_graph::{Platform, Reference};

use super::named_context::ReadAnswers;
use super::{Globals, Inputs, Planned};
use crate::answers::Answers;
use crate::env::EnvList;
use crate::error::{CompileError, CompileErrors};
use crate::facts::{Fact, Facts, Outside};

impl<'a> Inputs<'a> {
    /// The global arguments, and the date of the build, as far as the answers reach.
    pub(super) fn globals(
        self,
        (answers, read): (&Answers, &mut ReadAnswers),
        facts: &mut Facts,
    ) -> Result<Planned<Globals<'a>>, CompileErrors> {
        let lexer = self.lexer();
        let builtin = self.builtin_args();
        let files = match self.global_files(answers, &builtin)? {
            Planned::Needs(needs) => return Ok(Planned::Needs(needs)),
            Planned::Ready(files) => files,
        };
        let mut known =
            |index: usize, _: &PairsFile<'_>, _: &EnvList| files.get(&(0, index)).cloned().flatten();
        note_bases_without_build_args((self.file, &mut known), (&lexer, self.budget), &builtin, facts);
        let global_args = global_args(
            (self.file.args_of(0), &mut known),
            (&lexer, self.budget),
            builtin,
            &self.options.build_args,
            &mut |_| {},
        )?;
        match self.dated((global_args, files), answers, read)? {
            Planned::Needs(needs) => Ok(Planned::Needs(needs)),
            Planned::Ready(globals) => globals.with_modules(&lexer).map(Planned::Ready),
        }
    }

    /// The automatic platform arguments and `TARGETSTAGE`; a build argument of the same name wins.
    fn builtin_args(&self) -> EnvList {
        let empty = Platform::default();
        let build = self.options.build_platforms.first().unwrap_or(&empty);
        let target = &self.target_platform;
        let stage = match &self.options.target {
            Some(name) if !name.is_empty() => name.as_str(),
            _ => self
                .file
                .stages
                .last()
                .and_then(|stage| stage.from.name.as_deref())
                .unwrap_or("default"),
        };
        let values = [
            ("BUILDPLATFORM", build.format()),
            ("BUILDOS", build.os.clone()),
            ("BUILDOSVERSION", build.os_version.clone()),
            ("BUILDARCH", build.architecture.clone()),
            ("BUILDVARIANT", build.variant.clone()),
            ("TARGETPLATFORM", target.format_all()),
            ("TARGETOS", target.os.clone()),
            ("TARGETOSVERSION", target.os_version.clone()),
            ("TARGETARCH", target.architecture.clone()),
            ("TARGETVARIANT", target.variant.clone()),
            ("TARGETSTAGE", stage.to_owned()),
        ];
        let mut args = EnvList::default();
        for (key, value) in values {
            args.set(key, self.options.build_args.get(key).unwrap_or(&value));
        }
        args
    }
}

impl Globals<'_> {
    /// Adds the global arguments of the other files, each as if that file were built by itself.
    fn with_modules(mut self, lexer: &Lexer) -> Result<Self, CompileErrors> {
        for module in 1..=self.file.modules.len() {
            let mut known = |index: usize, _: &PairsFile<'_>, _: &EnvList| self.pairs_of((module, index));
            let args = global_args(
                (self.file.args_of(module), &mut known),
                (lexer, self.budget),
                self.builtin_args(),
                &self.build_args,
                &mut |_| {},
            )?;
            self.module_args.push(args);
        }
        Ok(self)
    }

    /// The global arguments of a file, the built-in ones included; the file is told as in
    /// [`dockerfile_syntax::Stage::module`].
    pub(crate) fn args_of(&self, module: usize) -> &EnvList {
        let other = module
            .checked_sub(1)
            .and_then(|index| self.module_args.get(index));
        other.unwrap_or(&self.global_args)
    }

    /// What a file says that is read above the first `FROM`.
    fn pairs_of(&self, place: (usize, usize)) -> Option<Rc<Vec<Pair>>> {
        self.global_files.get(&place).cloned().flatten()
    }

    /// The global arguments of a file, in order, with their values.
    pub(crate) fn declared_args(&self, module: usize) -> Vec<DeclaredArg<'_>> {
        let mut declared = Vec::new();
        let mut known = |index: usize, _: &PairsFile<'_>, _: &EnvList| self.pairs_of((module, index));
        // What is wrong with them was found when the plan was made.
        let _ = global_args(
            (self.file.args_of(module), &mut known),
            (&self.lexer(), self.budget),
            self.builtin_args(),
            &self.options.build_args,
            &mut |arg| declared.push(arg),
        );
        declared
    }

    /// Where a global argument of that name comes from, if the file has one. Which line has it is not worth more than a
    /// budget.
    pub(crate) fn argument_outside(&self, module: usize, name: &str) -> Option<Outside> {
        self.args_of(module).lookup(name)?;
        let declared = self.file.args_of(module);
        if !self.budget.affords_steps(declared.len()) {
            return None;
        }
        let declares = |(index, instruction): &(usize, &Instruction<'_>)| match &instruction.kind {
            InstructionKind::Arg(items) => items.iter().any(|item| *item.key == *name),
            InstructionKind::PairsFile(_) => {
                let pairs = self.pairs_of((module, *index));
                pairs.is_some_and(|pairs| pairs.iter().any(|pair| pair.key == name))
            }
            _ => false,
        };
        let found = declared.iter().enumerate().rev().find(declares);
        Some(found.map_or(Outside::BuiltIn, |(_, found)| {
            Outside::Line(self.file.told_line(found.meta.lines.start))
        }))
    }
}

/// Gives the pairs of a file by the place of its instruction, as far as they are known; its path may have variables.
type ReadFile<'r> = &'r mut dyn FnMut(usize, &PairsFile<'_>, &EnvList) -> Option<Rc<Vec<Pair>>>;

/// A global argument as it is declared.
pub(crate) struct DeclaredArg<'a> {
    pub(crate) item: Cow<'a, ArgItem<'a>>,
    pub(crate) lines: LineRange,
    pub(crate) value: Option<String>,
    /// Names that its default refers to.
    pub(crate) refers_to: BTreeSet<String>,
}

/// Global arguments in file order: a build argument, or else the default with the earlier ones expanded.
pub(super) fn global_args<'a>(
    (instructions, files): (&'a [Instruction<'a>], ReadFile<'_>),
    (lexer, budget): (&Lexer, &Budget),
    builtin: EnvList,
    build_args: &BTreeMap<String, String>,
    declare: &mut dyn FnMut(DeclaredArg<'a>),
) -> Result<EnvList, CompileError> {
    let mut args = builtin;
    for (index, instruction) in instructions.iter().enumerate() {
        let lines = instruction.meta.lines;
        let items = match &instruction.kind {
            InstructionKind::Arg(items) => items,
            InstructionKind::PairsFile(pairs) => {
                let read = files(index, pairs, &args);
                for pair in read.iter().flat_map(|pairs| pairs.iter()) {
                    let value = build_args.get(&pair.key).unwrap_or(&pair.value);
                    args.set(&pair.key, value);
                    declare(DeclaredArg {
                        item: Cow::Owned(item_of(pair, pairs.path.span)),
                        lines,
                        value: Some(value.clone()),
                        refers_to: BTreeSet::new(),
                    });
                }
                continue;
            }
            _ => continue,
        };
        for item in items {
            let (value, refers_to) = match (build_args.get(item.key.as_str()), &item.value) {
                (Some(value), _) => (Some(value.clone()), BTreeSet::new()),
                (None, None) => (None, BTreeSet::new()),
                (None, Some(default)) => {
                    let expanded = lexer
                        .process_word(default, &args, budget)
                        .map_err(|error| CompileError::about(default, error.to_string()))
                        .map_err(|error| error.at(instruction.meta.place()))?;
                    (Some(expanded.text.into_owned()), expanded.matched)
                }
            };
            if let Some(value) = &value {
                args.set(&item.key, value);
            }
            declare(DeclaredArg {
                item: Cow::Borrowed(item),
                lines,
                value,
                refers_to,
            });
        }
    }
    Ok(args)
}

/// An argument that a file declares.
pub(crate) fn item_of(pair: &Pair, place: Span) -> ArgItem<'static> {
    ArgItem {
        key: Word::new(pair.key.clone(), place),
        value: Some(Word::new(pair.value.clone(), place)),
        doc_comment: Cow::default(),
    }
}

/// Notes bases that are no image names unless build arguments help.
fn note_bases_without_build_args(
    (file, files): (&Dockerfile<'_>, ReadFile<'_>),
    (lexer, budget): (&Lexer, &Budget),
    builtin: &EnvList,
    facts: &mut Facts,
) {
    let Ok(args) = global_args(
        (file.args_of(0), files),
        (lexer, budget),
        builtin.clone(),
        &BTreeMap::new(),
        &mut |_| {},
    ) else {
        return;
    };
    // Stages often stand on the same image.
    let mut valid = BTreeSet::new();
    for stage in file.stages.iter().filter(|stage| stage.module == 0) {
        if file.link(stage.from.base.span.start).is_some() {
            continue;
        }
        let Ok(base) = lexer.process_word(&stage.from.base, &args, budget) else {
            return;
        };
        if valid.contains(&base.text) {
            continue;
        }
        if Reference::check_normalized(&base.text).is_ok() {
            valid.insert(base.text);
        } else {
            let fact = Fact::InvalidDefaultArgInFrom {
                base: stage.from.base.to_string(),
            };
            facts.note(fact, stage.from.meta.lines, &[]);
        }
    }
}
