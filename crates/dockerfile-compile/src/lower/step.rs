//! What lowering an instruction shares: expansion with its advice, names and places.

use std::borrow::Cow;

use dockerfile_syntax::expand::{ExpandError, Lexer, Listed};
use dockerfile_syntax::{Budget, InstructionKind, Word};
use llb_graph::{Op, Platform, Vertex};

use super::name::{Step, step_name, step_text};
use super::{StageLowering, StageState};
use crate::env::EnvList;
use crate::error::CompileError;
use crate::facts::{Fact, Facts};
use crate::plan::{Command, Plan, near_miss};

/// Arguments that steer the build and never reach a container.
pub(super) const STEERING_ARGS: [&str; 2] = ["BUILDKIT_SBOM_SCAN_CONTEXT", "BUILDKIT_SBOM_SCAN_STAGE"];

impl StageLowering<'_, '_, '_> {
    /// A word of an instruction with the stage's variables filled in.
    pub(super) fn expand<'w>(
        &mut self,
        command: &Command<'_>,
        word: &'w Word<'_>,
    ) -> Result<Cow<'w, str>, CompileError> {
        let lexer = self.all.lexer;
        self.expand_with(&lexer, command, word)
            .map_err(|error| CompileError::about(word, error.to_string()))
    }

    /// [`StageLowering::expand`] with the place of the word.
    pub(super) fn expand_in_place<'w>(
        &mut self,
        command: &Command<'_>,
        word: &'w Word<'_>,
    ) -> Result<Word<'w>, CompileError> {
        Ok(Word::new(self.expand(command, word)?, word.span))
    }

    /// [`StageLowering::expand_in_place`] for the value of a flag; empty without it.
    pub(super) fn expand_flag<'w>(
        &mut self,
        command: &Command<'_>,
        value: Option<&'w Word<'_>>,
    ) -> Result<Word<'w>, CompileError> {
        value.map_or_else(
            || Ok(Word::default()),
            |value| self.expand_in_place(command, value),
        )
    }

    /// [`StageLowering::expand_in_place`] for each of `words`.
    pub(super) fn expand_all<'w>(
        &mut self,
        command: &Command<'_>,
        words: &'w [Word<'_>],
    ) -> Result<Vec<Word<'w>>, CompileError> {
        let expanded = words.iter().map(|word| self.expand_in_place(command, word));
        expanded.collect()
    }

    /// A word expanded by a lexer of one's own.
    pub(super) fn expand_with<'w>(
        &mut self,
        lexer: &Lexer,
        command: &Command<'_>,
        word: &'w str,
    ) -> Result<Cow<'w, str>, ExpandError> {
        expand_noting(lexer, &self.state, (self.all.facts, self.all.plan), command, word)
    }

    /// Names a step; counts it.
    pub(super) fn name_step(
        &mut self,
        command: &Command<'_>,
        text: &str,
        platform: Option<&Platform>,
    ) -> String {
        let stage = self.all.plan.stage(self.id);
        let mut step = Step {
            stage,
            total: stage.total,
            state: &mut self.state,
            is_trigger: command.is_trigger(),
            shows_platform: self.all.plan.options.multi_platform,
        };
        step_name(&mut step, text, platform)
    }

    /// The instruction's text for its step, with quotes removed and variables filled in.
    ///
    /// # Errors
    /// It passes the budget.
    pub(super) fn step_text<'c>(&self, command: &'c Command<'_>) -> Result<Cow<'c, str>, CompileError> {
        let budget = self.all.plan.budget;
        // What the stage does not know may be a global argument.
        let has_global = match &command.instruction.kind {
            InstructionKind::Copy(copy) => copy.from.as_ref().is_some_and(|from| from.contains('$')),
            _ => false,
        };
        let lexer = Lexer {
            skip_unset_env: has_global,
            ..self.all.lexer
        };
        step_text(&lexer, &command.instruction.meta.code, (&self.state.env, budget))
    }

    /// A vertex named `name`, placed at the instruction, that ignores the cache where the stage or the instruction does.
    pub(super) fn step_vertex(&self, command: &Command<'_>, op: Op, name: impl Into<String>) -> Vertex {
        Vertex::new(op)
            .with_name(name)
            .with_location(self.all.location(Some(command.instruction.meta.lines)))
            .with_ignore_cache(self.ignores_cache())
    }

    /// Whether the step runs in every build.
    pub(super) fn ignores_cache(&self) -> bool {
        self.all.plan.stage(self.id).ignore_cache || self.state.always_runs
    }

    /// Notes advice on the instruction.
    pub(super) fn note(&mut self, command: &Command<'_>, fact: Fact) {
        let meta = &command.instruction.meta;
        self.all.facts.note(fact, meta.lines, &meta.comments);
    }
}

/// Expands `word` and notes variables that nothing sets, whether or not that worked.
pub(super) fn expand_noting<'w>(
    lexer: &Lexer,
    state: &StageState,
    (facts, plan): (&mut Facts, &Plan<'_>),
    command: &Command<'_>,
    word: &'w str,
) -> Result<Cow<'w, str>, ExpandError> {
    let lexer = Lexer {
        listed: Listed::Unmatched,
        ..*lexer
    };
    let expanded = lexer.process_word(word, &state.env, plan.budget);
    let unmatched = match &expanded {
        Ok(expanded) => &expanded.unmatched,
        Err(error) => &error.unmatched,
    };
    let is_declared = |name: &str| state.lacks_variables || state.args.contains(name);
    for name in unmatched
        .iter()
        .filter(|name| !is_declared(name) && !STEERING_ARGS.contains(&name.as_str()))
    {
        let outside = plan.argument_outside(state.module, name);
        let suggestion = match outside {
            Some(_) => None,
            None => nearest_variable(name, &state.env, plan.budget),
        };
        let meta = &command.instruction.meta;
        facts.note(
            Fact::UndefinedVar {
                name: name.clone(),
                suggestion,
                outside,
            },
            meta.lines,
            &meta.comments,
        );
    }
    expanded.map(|expanded| expanded.text)
}

/// The variable that `name` may be a slip for.
fn nearest_variable(name: &str, env: &EnvList, budget: &Budget) -> Option<String> {
    near_miss(budget, name, env.count(), || env.keys())
}
