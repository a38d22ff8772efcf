//! The shell scripts in a file, for programs that read such.

use std::collections::BTreeMap;
use std::ops::Range;

use dockerfile_syntax::{InstructionKind, LineRange, Span};

use crate::shells::is_shell_name;
use crate::stages::Base;
use crate::subject::{Adviser, RunStep, Step};

/// The text that a shell runs for a RUN: its own, or the body of a heredoc.
#[derive(Debug)]
pub struct ShellText<'a> {
    /// The text, its continuation lines joined.
    pub text: &'a str,
    /// The lines of its heredocs, which stand below it, with the lines that end them.
    pub heredocs: String,
    /// The shell: `sh`, `bash`, `ash`, `dash`, `ksh` or `zsh`.
    pub shell: String,
    /// The variables that ENV and ARG set for it, with the values of those that need no other.
    pub variables: BTreeMap<&'a str, Option<String>>,
    /// The lines of the instruction.
    pub lines: LineRange,
    /// Any command of it, to ask for places.
    step: Step<'a>,
}

impl ShellText<'_> {
    /// Where a part of the text stands in the file; `None` where the file says it in another way.
    #[must_use]
    pub fn span(&self, range: &Range<usize>) -> Option<Span> {
        self.step.span_of(range)
    }
}

impl<'a> Adviser<'a> {
    /// All texts that a shell of POSIX's kind runs, in file order. One without any command is left out.
    pub fn shell_texts(&'a self) -> impl Iterator<Item = ShellText<'a>> {
        let of_runs = self.runs.iter().filter(|run| is_shell_name(&run.shell_name()));
        of_runs.flat_map(move |run| {
            // Where a shell runs the heredocs, they are texts of their own.
            let texts = run.first_steps(self);
            let texts = texts.filter(|step| step.is_in_heredoc() || !run.has_heredoc_script());
            texts.map(move |step| ShellText {
                text: step.text(),
                heredocs: if step.is_in_heredoc() {
                    String::new()
                } else {
                    bodies(run)
                },
                shell: step.interpreter().map_or_else(|| run.shell_name(), str::to_owned),
                variables: self.variables(run.stage, run.index),
                lines: run.instruction.meta.lines,
                step,
            })
        })
    }

    /// The variables that are set for an instruction.
    fn variables(&self, stage: usize, before: usize) -> BTreeMap<&'a str, Option<String>> {
        let mut names = BTreeMap::new();
        let (mut at, mut count) = (stage, before);
        while let Some(stage) = self.stages.get(at) {
            let instructions = stage.instructions.iter().take(count).enumerate();
            for (index, instruction) in instructions.rev() {
                match &instruction.kind {
                    InstructionKind::Env(pairs) => {
                        for key in pairs.iter().map(|pair| pair.key.as_str()) {
                            names
                                .entry(key)
                                .or_insert_with(|| self.env_value(at, index + 1, key));
                        }
                    }
                    // An ARG is whatever the build says.
                    InstructionKind::Arg(items) => {
                        names.extend(items.iter().map(|item| (item.key.as_str(), None)));
                    }
                    _ => {}
                }
            }
            match stage.base {
                // A base stands above its stage.
                Base::Stage(base) if base < at => (at, count) = (base, usize::MAX),
                _ => break,
            }
        }
        names
    }
}

fn bodies(run: &RunStep<'_>) -> String {
    let mut out = String::new();
    for heredoc in &run.run.heredocs {
        out.push_str(&String::from_utf8_lossy(&heredoc.bytes));
        out.push_str(&heredoc.name);
        out.push('\n');
    }
    out
}
