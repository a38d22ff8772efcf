//! A parsed file as the rules look at it: stages with their bases, and what each RUN runs.

use std::cell::OnceCell;
use std::collections::BTreeMap;

use dockerfile_syntax::instruction::CommandLine;
use dockerfile_syntax::instruction::run::{Mount, MountKind, Run};
use dockerfile_syntax::{Dockerfile, Instruction, InstructionKind, LineRange, Meta, Span, Word};
use shell_commands::{Command, Level, Script};

use crate::environment::{Environment, set_in_script, variable};
use crate::mapping::Mapping;
use crate::shells::{interpreter, is_shell_name, shebang};
use crate::stages::{Base, Names, Stage, expand, mark, stages};
use crate::triggers::Triggers;

/// A file that advice is given on.
#[derive(Debug)]
pub struct Adviser<'a> {
    pub(crate) file: &'a Dockerfile<'a>,
    pub(crate) source: &'a [u8],
    names: Names<'a>,
    /// Those of the file, then one for the triggers of each that has any.
    pub(crate) stages: Vec<Stage<'a>>,
    /// The RUN instructions of each stage in file order.
    pub(crate) runs: Vec<RunStep<'a>>,
    /// How many of them are no triggers.
    own_runs: usize,
    /// What ENV, ARG and USER say.
    pub(crate) environment: Environment<'a>,
}

/// A RUN.
#[derive(Debug)]
pub(crate) struct RunStep<'a> {
    /// Its stage.
    pub(crate) stage: usize,
    /// Which instruction of the stage it is.
    pub(crate) index: usize,
    pub(crate) instruction: &'a Instruction<'a>,
    pub(crate) run: &'a Run<'a>,
    /// What the SHELL above it says, in this stage or one that it is built on.
    pub(crate) shell: Option<&'a [Word<'a>]>,
    /// As far as they can be read without variables.
    pub(crate) mounts: Vec<Mount<'a>>,
    /// Its text, and the bodies of its heredocs that a shell runs.
    scripts: Vec<RunScript<'a>>,
}

#[derive(Debug)]
struct RunScript<'a> {
    text: &'a str,
    script: Script<'a>,
    /// Where it begins in the file, if that is known.
    start: Option<usize>,
    is_heredoc: bool,
    mapping: OnceCell<Option<Mapping>>,
}

/// A command of a RUN.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Step<'a> {
    pub(crate) adviser: &'a Adviser<'a>,
    pub(crate) run: &'a RunStep<'a>,
    script: &'a RunScript<'a>,
    pub(crate) command: &'a Command<'a>,
}

impl<'a> Adviser<'a> {
    /// Reads a file, its bytes, and its triggers. `target` is the stage to build; without one it is the last.
    #[must_use]
    pub fn new(
        file: &'a Dockerfile<'a>,
        source: &'a [u8],
        triggers: &'a Triggers<'a>,
        target: Option<&str>,
    ) -> Self {
        let names = Names::of(file);
        let mut stages = stages(file, &names);
        let mut runs = runs_of(&stages, 0, source);
        for run in &runs {
            let module = file.stages.get(run.stage).map_or(0, |stage| stage.module);
            if let Some(stage) = stages.get_mut(run.stage) {
                stage.reads.extend(
                    run.mounts
                        .iter()
                        .filter_map(|mount| names.find_word(module, &mount.from)),
                );
            }
        }
        mark(
            &mut stages,
            target.map_or(file.stages.len().checked_sub(1), |target| names.find(0, target)),
        );
        let triggered = triggers.stages(&stages);
        let own_runs = runs.len();
        runs.extend(runs_of(&triggered, stages.len(), triggers.source));
        stages.extend(triggered);
        set_shells(&stages, &mut runs);
        let read = stages
            .iter()
            .map(|stage| (stage.base.stage(), stage.instructions));
        Self {
            file,
            source,
            names,
            environment: Environment::of(read),
            stages,
            runs,
            own_runs,
        }
    }

    /// The RUN that these lines are of.
    pub(crate) fn run_at(&self, at: LineRange) -> Option<&RunStep<'a>> {
        let of = |run: &RunStep<'_>| run.instruction.meta.lines;
        let holds = |run: &&RunStep<'_>| of(run).start <= at.start && at.end <= of(run).end;
        if !self.file.files.is_empty() {
            // Lines of several files are in no order.
            return self.runs.iter().find(holds);
        }
        let (own, triggers) = self.runs.split_at_checked(self.own_runs)?;
        [own, triggers].into_iter().find_map(|runs| {
            let behind = runs.partition_point(|run| of(run).start <= at.start);
            runs.get(behind.checked_sub(1)?).filter(holds)
        })
    }

    /// The RUN instructions behind one: those below it in the file, then triggers.
    pub(crate) fn runs_behind(&self, run: &RunStep<'_>) -> impl Iterator<Item = &RunStep<'a>> {
        let place = |run: &RunStep<'_>| (run.stage, run.index);
        let at = self.runs.partition_point(|other| place(other) <= place(run));
        self.runs.iter().skip(at)
    }

    /// All commands of all RUN instructions.
    pub(crate) fn steps(&'a self) -> impl Iterator<Item = Step<'a>> {
        self.runs.iter().flat_map(|run| run.steps(self))
    }

    /// The bytes of a span.
    pub(crate) fn bytes(&self, span: Span) -> &'a [u8] {
        self.source.get(span.start..span.end).unwrap_or_default()
    }

    /// The stage that a `--from` of a stage reads; none where it is an image.
    pub(crate) fn stage_of(&self, stage: &Stage<'_>, from: &Word<'_>) -> Option<usize> {
        self.names.find_word(stage.module, from)
    }

    /// A line as people are told of it.
    pub(crate) fn told_line(&self, line: usize) -> String {
        self.file.told_line(line)
    }

    /// The value that an ENV of a stage gives a variable above an instruction, where it needs no other.
    pub(crate) fn env_value(&self, stage: usize, before: usize, name: &str) -> Option<String> {
        self.value(stage, before, |kind| match kind {
            InstructionKind::Env(pairs) => pairs
                .iter()
                .rev()
                .find(|pair| pair.key == *name)
                .map(|pair| Some(pair.value.as_str())),
            _ => None,
        })
    }

    /// As [`Self::env_value`], with the defaults of ARG.
    fn stage_value(&self, stage: usize, before: usize, name: &str) -> Option<String> {
        let argument = |kind: &'a InstructionKind<'a>| match kind {
            InstructionKind::Arg(items) => items
                .iter()
                .rev()
                .find(|item| item.key == *name)
                .map(|item| item.value.as_deref()),
            _ => None,
        };
        let env = self.env_value(stage, before, name);
        env.or_else(|| self.value(stage, before, argument))
    }

    /// The last value that instructions of a stage give, above one of them.
    fn value(
        &self,
        stage: usize,
        before: usize,
        of: impl Fn(&'a InstructionKind<'a>) -> Option<Option<&'a str>>,
    ) -> Option<String> {
        let instructions = self.stages.get(stage)?.instructions;
        let value = instructions
            .iter()
            .take(before)
            .rev()
            .find_map(|instruction| of(&instruction.kind));
        expand(value??, self.file.escape, &BTreeMap::new())
    }

    /// Whether what the instruction on a line makes comes into an image that someone runs.
    #[must_use]
    pub fn may_ship(&self, line: usize) -> bool {
        let stage = self.stage_at(line).and_then(|at| self.stages.get(at));
        stage.is_some_and(|stage| stage.may_ship)
    }

    /// The stage that a line is in.
    pub(crate) fn stage_at(&self, line: usize) -> Option<usize> {
        let own = self.stages.get(..self.file.stages.len())?;
        own.partition_point(|stage| stage.from.meta.lines.start <= line)
            .checked_sub(1)
    }

    /// The image that a stage begins with in the end, through the stages it is built on.
    pub(crate) fn image_of(&self, stage: usize) -> Option<&str> {
        let mut at = stage;
        loop {
            match &self.stages.get(at)?.base {
                Base::Image(image) => return Some(image),
                // A base stands above its stage.
                Base::Stage(base) if *base < at => at = *base,
                _ => return None,
            }
        }
    }
}

impl<'a> RunStep<'a> {
    fn new(
        (stage, index): (usize, usize),
        instruction: &'a Instruction<'a>,
        source: &'a [u8],
    ) -> Option<Self> {
        let InstructionKind::Run(run) = &instruction.kind else {
            return None;
        };
        let mut scripts = Vec::new();
        if let CommandLine::Shell(text) = &run.command {
            scripts.push(RunScript::new(text, Some(text.span.start), false));
            let is_shell = scripts.first().is_some_and(|script| script.runs_heredocs());
            for heredoc in run.heredocs.iter().filter(|_| is_shell) {
                // One that is not in the file as it is has no place.
                let start = offset(source, &heredoc.bytes);
                if let Ok(text) = std::str::from_utf8(&heredoc.bytes)
                    && interpreter(text).is_none_or(is_shell_name)
                {
                    scripts.push(RunScript::new(text, start, true));
                }
            }
        }
        let mounts = run
            .mounts
            .iter()
            .filter_map(|spec| spec.resolve(&mut |_| Ok(None)).ok());
        Some(Self {
            stage,
            index,
            instruction,
            run,
            shell: None,
            mounts: mounts.collect(),
            scripts,
        })
    }

    /// Its commands in file order.
    pub(crate) fn steps(&'a self, adviser: &'a Adviser<'a>) -> impl Iterator<Item = Step<'a>> {
        self.scripts.iter().flat_map(move |script| {
            let steps = script.script.commands.iter();
            steps.map(move |command| Step {
                adviser,
                run: self,
                script,
                command,
            })
        })
    }

    /// The first command of each of its texts.
    pub(crate) fn first_steps(&'a self, adviser: &'a Adviser<'a>) -> impl Iterator<Item = Step<'a>> {
        self.scripts.iter().filter_map(move |script| {
            Some(Step {
                adviser,
                run: self,
                script,
                command: script.script.commands.first()?,
            })
        })
    }

    /// Whether a cache or a temporary file system hides what is written to `path`.
    pub(crate) fn has_mount_over(&self, path: &str) -> bool {
        let path = path.trim_end_matches('/');
        self.mounts.iter().any(|mount| {
            let target = mount.target.trim_end_matches('/');
            let is_kept_out = matches!(mount.kind, MountKind::Cache | MountKind::Tmpfs);
            is_kept_out
                && (path == target
                    || path
                        .strip_prefix(target)
                        .is_some_and(|rest| rest.starts_with('/')))
        })
    }

    /// The name of its shell; of several ways to write it the last part of the path, in lower case.
    pub(crate) fn shell_name(&self) -> String {
        let program = self.shell.and_then(|words| words.first());
        let name = program.map_or("sh", |word| word.rsplit(['/', '\\']).next().unwrap_or_default());
        name.to_ascii_lowercase()
    }

    /// The options that its shell, or the first line of its script, is called with.
    pub(crate) fn shell_options(&self) -> impl Iterator<Item = &str> {
        let words = self.shell.into_iter().flatten().skip(1).map(Word::as_str);
        let lines = self.scripts.iter().filter(|script| script.is_heredoc);
        words.chain(lines.flat_map(|script| shebang(script.text)))
    }

    /// Whether it has the heredoc's body run by a shell.
    pub(crate) fn has_heredoc_script(&self) -> bool {
        self.scripts.iter().any(|script| script.is_heredoc)
    }
}

impl<'a> RunScript<'a> {
    fn new(text: &'a str, start: Option<usize>, is_heredoc: bool) -> Self {
        Self {
            text,
            script: shell_commands::parse(text),
            start,
            is_heredoc,
            mapping: OnceCell::new(),
        }
    }

    /// Whether the bodies of the heredocs are commands: they stand alone, or a shell reads them.
    fn runs_heredocs(&self) -> bool {
        self.script
            .commands
            .iter()
            .all(|command| command.program().is_none_or(is_shell_name))
    }
}

impl<'a> Step<'a> {
    pub(crate) fn meta(&self) -> &'a Meta<'a> {
        &self.run.instruction.meta
    }

    /// Where the command stands in the file.
    pub(crate) fn span(&self) -> Option<Span> {
        self.span_of(&self.command.span)
    }

    /// Where a part of the command's text stands in the file.
    pub(crate) fn span_of(&self, range: &std::ops::Range<usize>) -> Option<Span> {
        let mapping = self.script.mapping.get_or_init(|| {
            let escape = self.adviser.file.escape;
            let start = self.script.start?;
            // Lines of a heredoc are not joined.
            let escape = if self.script.is_heredoc { '\0' } else { escape };
            Some(Mapping::new(self.script.text, self.adviser.source, start, escape))
        });
        mapping.as_ref()?.span(range)
    }

    /// The value that a variable has for it, as it is written: set in the script, or by ENV and ARG.
    pub(crate) fn variable(&self, name: &str) -> Option<&'a str> {
        let commands = &self.script.script.commands;
        let index = commands.partition_point(|other| other.span.start < self.command.span.start);
        let before = commands.get(..index).unwrap_or_default().iter().rev();
        let at = (self.run.stage, self.run.index);
        set_in_script(self.command, before, name).or_else(|| self.adviser.environment.variable(at, name))
    }

    /// The commands of the same text, in order.
    pub(crate) fn others(&self) -> impl Iterator<Item = Step<'a>> {
        let this = *self;
        let commands = self.script.script.commands.iter();
        commands.map(move |command| Step { command, ..this })
    }

    /// The commands that it is in a pipeline with, itself among them.
    pub(crate) fn pipeline(&self) -> impl Iterator<Item = &'a Command<'a>> {
        self.script.script.pipeline(self.command)
    }

    /// Whether it is run only for what it returns.
    pub(crate) fn is_condition(&self) -> bool {
        self.script.script.is_condition(self.command)
    }

    /// What a word is that is nothing but a variable, where the same RUN or an ENV or ARG of the stage says it.
    pub(crate) fn value_of(&self, word: &str) -> Option<String> {
        let name = variable(word.trim_matches('"'))?;
        let set = self.script.script.commands.iter().rev();
        let mut set = set.flat_map(|command| command.assignments.iter().rev());
        match set.find(|set| set.name == name) {
            Some(set) => set.value.literal().map(str::to_owned),
            None => self.adviser.stage_value(self.run.stage, self.run.index, name),
        }
    }

    /// The levels of brackets, loops and substitutions around it.
    pub(crate) fn levels(&self) -> impl Iterator<Item = &'a Level<'a>> {
        self.script.script.levels_of(self.command)
    }

    /// The stage that it is in.
    pub(crate) fn stage(&self) -> &'a Stage<'a> {
        &self.adviser.stages[self.run.stage]
    }

    /// The text that it is a command of.
    pub(crate) fn text(&self) -> &'a str {
        self.script.text
    }

    /// The program that the first line of its text names.
    pub(crate) fn interpreter(&self) -> Option<&'a str> {
        interpreter(self.script.text)
    }

    /// Whether the text is the body of a heredoc.
    pub(crate) fn is_in_heredoc(&self) -> bool {
        self.script.is_heredoc
    }
}

/// The RUN instructions of stages that are numbered from `first` on, parsed from `source`.
fn runs_of<'a>(stages: &[Stage<'a>], first: usize, source: &'a [u8]) -> Vec<RunStep<'a>> {
    let runs = stages.iter().enumerate().flat_map(|(stage, parsed)| {
        let runs = parsed.instructions.iter().enumerate();
        runs.filter_map(move |(index, instruction)| RunStep::new((first + stage, index), instruction, source))
    });
    runs.collect()
}

/// Says of each RUN which SHELL is in force there.
fn set_shells<'a>(stages: &[Stage<'a>], runs: &mut [RunStep<'a>]) {
    let mut at_end: Vec<Option<&'a [Word<'a>]>> = Vec::with_capacity(stages.len());
    let mut runs = runs.iter_mut().peekable();
    for (number, stage) in stages.iter().enumerate() {
        let mut shell = match stage.base {
            Base::Stage(base) => at_end.get(base).copied().flatten(),
            _ => None,
        };
        for (index, instruction) in stage.instructions.iter().enumerate() {
            if let InstructionKind::Shell(words) = &instruction.kind {
                shell = Some(words);
            }
            if let Some(run) = runs.next_if(|run| (run.stage, run.index) == (number, index)) {
                run.shell = shell;
            }
        }
        at_end.push(shell);
    }
}

/// Where `part` begins, if it is a part of `whole`.
fn offset(whole: &[u8], part: &[u8]) -> Option<usize> {
    let at = part.as_ptr().addr().checked_sub(whole.as_ptr().addr())?;
    (at + part.len() <= whole.len()).then_some(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stages_and_what_reads_them() {
        let none = Triggers::read(b"");
        let text = "ARG V=3 T\nFROM alpine:$V AS A\nFROM x$T AS b\nFROM scratch AS c\nRUN --mount=from=b,target=/b x\nFROM a\nCOPY --from=2 / /\n";
        let parsed = dockerfile_syntax::parse(text.as_bytes());
        let adviser = Adviser::new(&parsed.dockerfile, text.as_bytes(), &none, None);
        let bases: Vec<&Base> = adviser.stages.iter().map(|stage| &stage.base).collect();
        let image = Base::Image("alpine:3".to_owned());
        assert_eq!(bases, [&image, &Base::Unknown, &Base::Scratch, &Base::Stage(0)]);
        let of = |marked: fn(&Stage<'_>) -> bool| -> Vec<usize> {
            let marked = adviser
                .stages
                .iter()
                .enumerate()
                .filter(|(_, stage)| marked(stage));
            marked.map(|(index, _)| index).collect()
        };
        assert_eq!(of(|stage| stage.is_needed), [0, 1, 2, 3]);
        assert_eq!(of(|stage| stage.is_shipped), [0, 3]);
        assert_eq!(of(|stage| stage.is_target), [3]);
        assert_eq!(of(|stage| stage.may_ship), [0, 3]);
        assert_eq!(adviser.image_of(3), Some("alpine:3"));
        let adviser = Adviser::new(&parsed.dockerfile, text.as_bytes(), &none, Some("C"));
        assert!(adviser.stages[1].is_needed && !adviser.stages[0].is_needed);
        let text = b"FROM x AS a\nFROM a AS dev\nFROM x AS b\nFROM x\nCOPY --from=b / /\n";
        let parsed = dockerfile_syntax::parse(text);
        let adviser = Adviser::new(&parsed.dockerfile, text, &none, None);
        assert_eq!(
            [1, 2, 3, 4, 5].map(|line| adviser.may_ship(line)),
            [true, true, false, true, true]
        );
    }
}
