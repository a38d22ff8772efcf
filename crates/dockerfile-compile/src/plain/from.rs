//! `COPY --from=$VAR` and mounts: a stage that begins with `FROM $VAR`.

use std::collections::BTreeSet;

use dockerfile_syntax::{Dockerfile, InstructionKind, Place, Word};

use super::{At, Text};

/// What the stages that are added are called, but for their numbers.
const NAME: &str = "from-";

/// Names that stages have or get.
pub(super) struct Names {
    taken: BTreeSet<String>,
    /// By stage above which they stand, what the stages that are added begin with, and their names.
    added: Vec<(usize, String, String)>,
    /// Where a stage may stand above the stage of this index: behind the line of this number.
    lines: Vec<usize>,
    /// Why none can be added.
    hindered: Option<&'static str>,
}

impl Names {
    pub(super) fn of(file: &Dockerfile<'_>) -> Self {
        let mut lines = Vec::with_capacity(file.stages.len());
        let mut last = file.global_args.last().map_or(0, |arg| arg.meta.lines.end);
        for stage in &file.stages {
            lines.push(match last {
                // Behind what is at the head of the file.
                0 => stage.from.meta.lines.start - 1,
                last => last,
            });
            let instructions = stage.instructions.last();
            last = instructions.map_or(stage.from.meta.lines.end, |one| one.meta.lines.end);
        }
        Self {
            taken: file
                .stages
                .iter()
                .filter_map(|stage| stage.from.name.as_deref())
                .map(str::to_owned)
                .collect(),
            added: Vec::new(),
            lines,
            hindered: hindrance(file),
        }
    }
}

/// What would be something else behind `FROM`: a stage's number, and a stage with triggers.
fn hindrance(file: &Dockerfile<'_>) -> Option<&'static str> {
    let mut values = file.global_args.iter().flat_map(|arg| match &arg.kind {
        InstructionKind::Arg(items) => items.iter().filter_map(|item| item.value.as_deref()).collect(),
        _ => Vec::new(),
    });
    let has_triggers = |name: &str| {
        let named = file
            .stages
            .iter()
            .filter(|stage| stage.from.name.as_deref() == Some(&*dockerfile_syntax::lower(name)));
        named
            .flat_map(|stage| &stage.instructions)
            .any(|one| matches!(one.kind, InstructionKind::Onbuild(_)))
    };
    values.find_map(|value| match value {
        number if number.parse::<u32>().is_ok() => {
            Some("a global ARG is a number, which FROM takes for an image")
        }
        name if has_triggers(name) => Some("a global ARG names a stage with ONBUILD, which acts on FROM"),
        _ => None,
    })
}

impl Text<'_> {
    /// What `--from` names, with variables.
    pub(super) fn source(&mut self, from: &Word<'_>, at: &At, place: Place) {
        if from.find('$').is_none_or(|dollar| dollar + 1 >= from.len()) {
            return;
        }
        let reason = match (at.is_trigger, self.names.hindered) {
            (true, _) => Some("a trigger is read where somebody builds on its stage"),
            (_, Some(reason)) => Some(reason),
            _ if from.contains(['\'', '"', '\\', ' ']) || self.start_of(from) != Some(from.span.start) => {
                Some("it has quotes, or stands on several lines")
            }
            _ => None,
        };
        if let Some(reason) = reason {
            let message = format!(
                "from={from}: an ordinary Dockerfile has variables behind FROM alone, and here there can be no stage for it: {reason}"
            );
            self.refuse(from.span, message, place);
            return;
        }
        let name = self.stage_for(from, at.stage);
        self.replace(from.span, name);
    }

    /// The name of a stage above the one of this index that begins with `FROM base`.
    fn stage_for(&mut self, base: &str, stage: usize) -> String {
        if let Some((.., name)) = self.names.added.iter().find(|(_, known, _)| known == base) {
            return name.clone();
        }
        let mut names = (1..).map(|number| format!("{NAME}{number}"));
        let name = names
            .find(|name| !self.names.taken.contains(name))
            .unwrap_or_default();
        self.names.taken.insert(name.clone());
        self.names.added.push((stage, base.to_owned(), name.clone()));
        let line = self.names.lines.get(stage).copied().unwrap_or_default();
        let at = self.line_start(line + 1);
        self.insert(at, format!("FROM {base} AS {name}\n"));
        name
    }

    /// Stages that are named by their numbers have other ones behind those that were added.
    pub(super) fn number_stages(&mut self, file: &Dockerfile<'_>) {
        if self.names.added.is_empty() {
            return;
        }
        let count = file.stages.len();
        let copies = file.stages.iter().flat_map(|stage| &stage.instructions);
        for instruction in copies {
            let InstructionKind::Copy(copy) = &instruction.kind else {
                continue;
            };
            let Some(from) = &copy.from else { continue };
            let Ok(number) = from.parse::<usize>() else {
                continue;
            };
            if number >= count {
                let message = format!(
                    "--from={from}: there are other numbers once `FROM` lines are added; write the image's name"
                );
                self.refuse(from.span, message, instruction.meta.place());
                continue;
            }
            let above = self
                .names
                .added
                .iter()
                .filter(|(stage, ..)| *stage <= number)
                .count();
            self.replace(from.span, (number + above).to_string());
        }
    }
}
