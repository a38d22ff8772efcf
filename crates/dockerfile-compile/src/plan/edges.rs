//! Which stages read which others, and what the target reaches.

use std::borrow::Cow;
use std::collections::BTreeSet;

use dockerfile_syntax::expand::NoEnv;
use dockerfile_syntax::{InstructionKind, LineRange, Meta, Place, Word};

use super::stage::{Command, Stage, Written};
use super::table::{FromArgs, Table};
use super::{SCRATCH, StageId, all_or_errors, near_miss};
use crate::error::{CompileError, CompileErrors};
use crate::facts::Facts;

impl<'a> Table<'a> {
    /// Gives every stage its commands and dependencies, and refuses circles.
    pub(super) fn plan_edges(&mut self, facts: &mut Facts) -> Result<(), CompileErrors> {
        let mut args = self.args_for_from(0);
        let mut errors = Vec::new();
        let mut deps = Vec::new();
        let file = self.file;
        for (index, declared) in file.stages.iter().enumerate() {
            if declared.module != args.module {
                args = self.args_for_from(declared.module);
            }
            let mut commands = Vec::with_capacity(declared.instructions.len());
            for instruction in &declared.instructions {
                match self.plan_command(Written::InFile(instruction), (&args, facts), &mut deps) {
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
        (args, facts): (&FromArgs<'_>, &mut Facts),
        deps: &mut Vec<(StageId, Place)>,
    ) -> Result<Command<'a>, CompileError> {
        let start = deps.len();
        let lines = instruction.meta.lines;
        match &instruction.kind {
            InstructionKind::Copy(copy) => {
                if let Some(from) = &copy.from {
                    let source = self.read_source(from, &instruction.meta, (args, facts))?;
                    deps.push((source, lines.with(from.span)));
                }
            }
            InstructionKind::Run(run) => {
                for mount in &run.mounts {
                    let place = lines.with(mount.from.as_ref().unwrap_or(&mount.text).span);
                    // A mount without `from` counts as the empty stage, whatever its type turns out to be.
                    let from = mount.from.as_ref().filter(|from| !from.is_empty());
                    let source = match (from.and_then(|from| self.linked(from)), from) {
                        (Some(linked), _) => linked?,
                        (None, Some(from)) if self.file.dialect.is_on => {
                            let name = self.source_name(from, &instruction.meta, (args, facts))?;
                            self.mount_source(&name, args.module, place)
                        }
                        (None, from) => {
                            self.mount_source(from.map_or(SCRATCH, Word::as_str), args.module, place)
                        }
                    };
                    deps.push((source, place));
                }
            }
            InstructionKind::PairsFile(file) => {
                if let Some(from) = &file.from {
                    let source = self.read_source(from, &instruction.meta, (args, facts))?;
                    deps.push((source, lines.with(from.span)));
                }
            }
            InstructionKind::Require(stages) => {
                for word in stages {
                    let required = match self.linked(word) {
                        Some(linked) => linked?,
                        None => {
                            let name = args.expand(word, &instruction.meta, facts)?;
                            self.required_stage(word, &name.text, args.module)?
                        }
                    };
                    deps.push((required, lines.with(word.span)));
                }
            }
            _ => {}
        }
        Ok(Command {
            instruction,
            deps: start..deps.len(),
        })
    }

    /// What `--from` names. Its variables are filled in where the file is of the dialect, as those of a `FROM` are.
    fn source_name<'w>(
        &self,
        from: &'w Word<'_>,
        meta: &Meta<'_>,
        (args, facts): (&FromArgs<'_>, &mut Facts),
    ) -> Result<Word<'w>, CompileError> {
        if !self.file.dialect.is_on {
            let lexer = self.lexer();
            let literal = lexer
                .process_word(from, &NoEnv, self.budget)
                .map_err(|error| CompileError::about(from, format!("--from={from}: {error}")))?;
            if literal.text == from.text {
                return Ok(Word::new(from.as_str(), from.span));
            }
            return Err(CompileError::about(
                from,
                format!(
                    "--from={from} cannot use variables; write `FROM {from} AS source` above this stage with a global ARG, and --from=source here",
                ),
            ));
        }
        let name = args.expand(from, meta, facts)?;
        if name.text.is_empty() {
            let close = name.unmatched.iter().find_map(|name| args.near_miss(name));
            let close = close.map(|close| format!(" (did you mean ${close}?)"));
            return Err(CompileError::about(
                from,
                format!(
                    "from={from} is empty once its variables are filled in; give the ARG a default before the first FROM, or pass --build-arg{}",
                    close.unwrap_or_default()
                ),
            ));
        }
        Ok(Word::new(name.text, from.span))
    }

    /// The stage, image or context that `--from` of an instruction names.
    fn read_source(
        &mut self,
        from: &Word<'_>,
        meta: &Meta<'_>,
        (args, facts): (&FromArgs<'_>, &mut Facts),
    ) -> Result<StageId, CompileError> {
        match self.linked(from) {
            Some(linked) => linked,
            None => {
                let name = self.source_name(from, meta, (args, facts))?;
                self.copy_source(&name, args.module, meta.lines)
            }
        }
    }

    fn copy_source(
        &mut self,
        from: &Word<'_>,
        module: usize,
        lines: LineRange,
    ) -> Result<StageId, CompileError> {
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
                let place = lines.with(from.span);
                self.add_stage(Stage {
                    module,
                    ..Stage::implicit(from.as_str(), Some(lines), place)
                })
            }
        })
    }

    /// A stage of the file that `REQUIRE` names.
    fn required_stage(&self, word: &Word<'_>, name: &str, module: usize) -> Result<StageId, CompileError> {
        let found = match parse_index(name) {
            Ok(index) => {
                let index = usize::try_from(index).ok();
                let found = index.and_then(|index| self.numbering[module].get(index).copied());
                found.filter(|id| !self.stage(*id).is_implicit())
            }
            Err(_) => self.stage_by_name(module, name),
        };
        found.ok_or_else(|| {
            let names = self.stage_names(module);
            let close = near_miss(self.budget, name, names.len(), || &names);
            let why = match close {
                Some(close) => format!("there is no such stage (did you mean `{close}`?)"),
                None if names.is_empty() => "there is no such stage, and an image is none".to_owned(),
                None => format!(
                    "there is no such stage, and an image is none; the stages are {}",
                    names.join(", ")
                ),
            };
            CompileError::about(word, format!("REQUIRE {word}: {why}"))
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
        let is_required = |(id, tried): &(StageId, usize)| {
            let stage = self.stage(*id);
            stage.requires().any(|at| at.contains(&tried.wrapping_sub(1)))
        };
        let requires = circle.iter().any(is_required);
        let message = if circle.len() == 1 && requires {
            format!(
                "stage {} requires itself; leave that out",
                names.first().cloned().unwrap_or_default()
            )
        } else if circle.len() == 1 {
            format!(
                "stage {} reads from itself; name an earlier stage or an image instead",
                names.first().cloned().unwrap_or_default()
            )
        } else {
            let what = if requires { "read or require" } else { "read" };
            format!(
                "stages {what} each other in a circle: {}; one of them has to do without",
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
