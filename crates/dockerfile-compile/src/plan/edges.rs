//! Which stages read which others, and what the target reaches.

use std::borrow::Cow;
use std::collections::BTreeSet;

use dockerfile_syntax::expand::{Lexer, NoEnv};
use dockerfile_syntax::{Instruction, InstructionKind, Place, Word};

use super::stage::{Command, Stage, Written};
use super::table::Table;
use super::{SCRATCH, StageId, all_or_errors};
use crate::error::{CompileError, CompileErrors};

impl<'a> Table<'a> {
    /// Gives every stage its commands and dependencies, and refuses circles.
    pub(super) fn plan_edges(&mut self) -> Result<(), CompileErrors> {
        let lexer = self.lexer();
        let mut errors = Vec::new();
        let mut deps = Vec::new();
        let file = self.file;
        for (index, declared) in file.stages.iter().enumerate() {
            let mut commands = Vec::with_capacity(declared.instructions.len());
            for instruction in &declared.instructions {
                match self.plan_command(Written::InFile(instruction), declared.module, &lexer, &mut deps) {
                    Ok(command) => commands.push(command),
                    Err(error) => errors.push(error.at(instruction.meta.place())),
                }
            }
            let stage = self.stage_mut(StageId(index));
            stage.commands = commands;
            stage.deps = deps.as_slice().into();
            deps.clear();
        }
        all_or_errors(errors)?;
        self.refuse_circles()?;
        if let [numbering] = &self.numbering[..]
            && let [only] = numbering[..]
        {
            // A single stage needs no name in progress.
            self.stage_mut(only).display_name = Cow::default();
        }
        Ok(())
    }

    /// An instruction, with the stages it reads added to `deps`; images and contexts that it names become implicit stages.
    pub(super) fn plan_command(
        &mut self,
        instruction: Written<'a>,
        module: usize,
        lexer: &Lexer,
        deps: &mut Vec<(StageId, Place)>,
    ) -> Result<Command<'a>, CompileError> {
        let start = deps.len();
        let lines = instruction.meta.lines;
        match &instruction.kind {
            InstructionKind::Copy(copy) => {
                if let Some(from) = &copy.from {
                    deps.push((
                        self.copy_source(from, (&instruction, module), lexer)?,
                        lines.with(from.span),
                    ));
                }
            }
            InstructionKind::Run(run) => {
                for mount in &run.mounts {
                    let place = lines.with(mount.from.as_ref().unwrap_or(&mount.text).span);
                    // A mount without `from` counts as the empty stage, whatever its type turns out to be.
                    let from = mount.from.as_ref().filter(|from| !from.is_empty());
                    let source = match from.and_then(|from| self.linked(from)) {
                        Some(linked) => linked?,
                        None => {
                            let name = from.map_or(SCRATCH, |from| from.as_str());
                            self.mount_source(name, module, place)
                        }
                    };
                    deps.push((source, place));
                }
            }
            _ => {}
        }
        Ok(Command {
            instruction,
            deps: start..deps.len(),
        })
    }

    fn copy_source(
        &mut self,
        from: &Word<'_>,
        (instruction, module): (&Instruction<'_>, usize),
        lexer: &Lexer,
    ) -> Result<StageId, CompileError> {
        if let Some(linked) = self.linked(from) {
            return linked;
        }
        let literal = lexer
            .process_word(from, &NoEnv, self.budget)
            .map_err(|error| CompileError::about(from, format!("--from={from}: {error}")))?;
        if literal.text != from.text {
            return Err(CompileError::about(
                from,
                format!(
                    "--from={from} cannot use variables; write `FROM {from} AS source` above this stage with a global ARG, and --from=source here",
                ),
            ));
        }
        if let Ok(index) = parse_index(from) {
            let found = usize::try_from(index)
                .ok()
                .and_then(|index| self.numbering[module].get(index));
            return found.copied().ok_or_else(|| {
                let stages = self.file.stages.iter();
                let count = stages.filter(|stage| stage.module == module).count();
                CompileError::about(
                    from,
                    format!("--from={from}: stages count from 0, and this file has {count}; write the number or the name of one above"),
                )
            });
        }
        Ok(match self.stage_by_name(module, from) {
            Some(id) => id,
            None => {
                let lines = instruction.meta.lines;
                let place = lines.with(from.span);
                self.add_stage(Stage {
                    module,
                    ..Stage::implicit(from.as_str(), Some(lines), place)
                })
            }
        })
    }

    fn mount_source(&mut self, name: &str, module: usize, place: Place) -> StageId {
        if let Some(id) = self.stage_by_name(module, name) {
            return id;
        }
        if name != SCRATCH {
            return self.add_stage(Stage {
                module,
                ..Stage::implicit(name, None, place)
            });
        }
        match self.empty_stage {
            Some(id) => {
                self.numbering[module].push(id);
                id
            }
            None => {
                let id = self.add_stage(Stage {
                    module,
                    ..Stage::implicit(SCRATCH, None, place)
                });
                self.empty_stage = Some(id);
                id
            }
        }
    }

    /// Refuses stages that read each other in a circle.
    fn refuse_circles(&self) -> Result<(), CompileError> {
        let mut finished = vec![false; self.stages.len()];
        let mut on_path = vec![false; self.stages.len()];
        let mut path = Vec::new();
        for start in self.numbering.iter().flatten() {
            if finished[start.0] {
                continue;
            }
            path.push((*start, 0));
            on_path[start.0] = true;
            while let Some((id, next)) = path.last_mut() {
                let id = *id;
                let Some((dep, _)) = self.stage(id).deps.get(*next) else {
                    finished[id.0] = true;
                    on_path[id.0] = false;
                    path.pop();
                    continue;
                };
                *next += 1;
                if on_path[dep.0] {
                    return Err(self.circle(*dep, &path));
                }
                if !finished[dep.0] {
                    on_path[dep.0] = true;
                    path.push((*dep, 0));
                }
            }
        }
        Ok(())
    }

    /// Words a circle that closes at `closing`; `path` holds each stage with the number of edges tried.
    fn circle(&self, closing: StageId, path: &[(StageId, usize)]) -> CompileError {
        let from = path.iter().position(|(id, _)| *id == closing).unwrap_or(0);
        let circle = &path[from..];
        let name = |id: StageId| format!("`{}`", self.stage(id).display_name);
        let names: Vec<String> = circle
            .iter()
            .map(|(id, _)| name(*id))
            .chain(std::iter::once(name(closing)))
            .collect();
        let message = if circle.len() == 1 {
            format!(
                "stage {} reads from itself; name an earlier stage or an image instead",
                names.first().cloned().unwrap_or_default()
            )
        } else {
            format!(
                "stages read each other in a circle: {}; one of them has to do without",
                names.join(" → ")
            )
        };
        let mut error = CompileError::new(message);
        // The way into the circle comes last, as a place only.
        for (id, tried) in circle.iter().chain(&path[..from]) {
            let deps = &self.stage(*id).deps;
            // Where several instructions read the same stage, the reference names the last.
            let place = deps.get(tried.wrapping_sub(1)).and_then(|(dep, _)| {
                let mut reads = deps.iter().rev();
                reads.find_map(|(other, place)| (other == dep).then_some(*place))
            });
            error = place.into_iter().fold(error, CompileError::at);
        }
        error
    }

    /// Everything that `target` stands on or reads, itself included.
    pub(super) fn reach(&self, target: StageId) -> BTreeSet<StageId> {
        let mut reached = BTreeSet::new();
        let mut open = vec![target];
        while let Some(id) = open.pop() {
            if reached.insert(id) {
                let stage = self.stage(id);
                open.extend(stage.base);
                open.extend(stage.deps.iter().map(|(dep, _)| *dep));
            }
        }
        reached
    }
}

/// A number as Go's `strconv.Atoi` reads it: a sign may stand before it.
fn parse_index(text: &str) -> Result<i64, std::num::ParseIntError> {
    text.parse()
}
