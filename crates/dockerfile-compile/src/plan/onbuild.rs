//! Triggers: instructions that a base image or a parent stage left for those that build on it.

use std::rc::Rc;

use dockerfile_syntax::instruction::Setting;
use dockerfile_syntax::{InstructionKind, Place, parse_onbuild_trigger};

use super::StageId;
use super::base::Bases;
use super::stage::{Command, Written};
use crate::error::CompileError;
use crate::facts::Facts;

/// What a trigger takes beside its text.
const TRIGGER_BYTES: usize = 512;

/// How deep triggers may read images whose own triggers read images. Without an end there would be no end: a base may
/// have a trigger that reads the base.
const MAX_TRIGGER_DEPTH: u8 = 16;

/// An instruction that waits for who builds on its stage.
struct Trigger {
    text: String,
    /// A byte of it is none in UTF-8.
    has_other_bytes: bool,
}

impl Bases<'_, '_> {
    /// Puts the triggers of all reachable stages in front of their commands. True where a trigger reads stages
    /// or images that may not have been resolved yet.
    pub(super) fn add_all_triggers(&mut self, facts: &mut Facts) -> Result<bool, CompileError> {
        let mut reads_more = false;
        let reachable: Vec<StageId> = self.reachable.iter().copied().collect();
        for id in reachable {
            if !self.triggered.insert(id) {
                continue;
            }
            let triggers = self.triggers_of(id)?;
            if triggers.is_empty() {
                continue;
            }
            let added = self.add_triggers(id, &triggers, facts);
            reads_more |= added.map_err(|error| error.at(self.table.stage(id).place))?;
        }
        Ok(reads_more)
    }

    fn triggers_of(&self, id: StageId) -> Result<Vec<Trigger>, CompileError> {
        let stage = self.table.stage(id);
        let triggers = match stage.base {
            Some(base) => {
                let mut triggers = Vec::new();
                for command in &self.table.stage(base).commands {
                    match &command.instruction.kind {
                        InstructionKind::Onbuild(expression) => triggers.push(Trigger {
                            text: expression.to_string(),
                            has_other_bytes: command.instruction.meta.invalid_utf8.is_some()
                                && expression.contains(char::REPLACEMENT_CHARACTER),
                        }),
                        InstructionKind::Unset(unset) if unset.what == Setting::Onbuild => triggers.clear(),
                        _ => {}
                    }
                }
                triggers
            }
            None => {
                let triggers = stage.ground.as_ref().map(|ground| ground.origin.triggers());
                let stored = |text: &String| Trigger {
                    text: text.clone(),
                    has_other_bytes: false,
                };
                triggers
                    .unwrap_or_default()
                    .iter()
                    .map(stored)
                    .collect::<Vec<_>>()
            }
        };
        let size = triggers.iter();
        let size = size.map(|trigger| trigger.text.len() + TRIGGER_BYTES).sum();
        let spent = self.table.budget.spend(size).map_err(CompileError::from);
        spent.map_err(|error| error.at(stage.place))?;
        Ok(triggers)
    }

    fn add_triggers(
        &mut self,
        id: StageId,
        triggers: &[Trigger],
        facts: &mut Facts,
    ) -> Result<bool, CompileError> {
        // Triggers are stored text; they know no `escape` directive, but words are lexed as in this file.
        let table = &mut self.table;
        let mut dialect = table.file.dialect;
        // What an image brings along was written by somebody who knew of no such file.
        dialect.strict &= table.stage(id).base.is_some();
        let args = table.args_for_from(table.stage(id).module);
        let stage = table.stage(id);
        let depth = stage.trigger_depth;
        let (place, lines) = (stage.place, stage.trigger_lines);
        let in_graph = Place { lines, ..place };
        let known = table.stages.len();
        let mut deps = std::mem::take(&mut table.stage_mut(id).deps);
        let read_before = deps.len();
        let mut commands: Vec<Command<'_>> = Vec::with_capacity(triggers.len());
        for Trigger {
            text,
            has_other_bytes,
        } in triggers
        {
            let mut instruction = parse_onbuild_trigger(text, in_graph, dialect).map_err(|error| {
                CompileError::new(format!("the base's trigger `ONBUILD {text}`: {error}"))
            })?;
            // All of a trigger stands where its stage names the base.
            instruction.meta.invalid_utf8 = has_other_bytes.then_some(place.span.start);
            let instruction = Written::AsTrigger(Rc::new(instruction));
            commands.push(table.plan_command(instruction, (&args, facts), &mut deps)?);
        }
        if depth == MAX_TRIGGER_DEPTH && table.stages.len() > known {
            return Err(CompileError::new(format!(
                "the base's triggers (ONBUILD) read images whose own triggers read images, more than {MAX_TRIGGER_DEPTH} deep, and that seems to have no end; use a base without such triggers"
            )));
        }
        for added in &mut table.stages[known..] {
            added.trigger_depth = depth + 1;
            added.trigger_lines = lines;
            added.place = place;
        }
        let reads_more = deps.len() > read_before;
        let stage = table.stage_mut(id);
        stage.deps = deps;
        stage.total += commands.len();
        stage.commands.splice(0..0, commands);
        Ok(reads_more)
    }
}
