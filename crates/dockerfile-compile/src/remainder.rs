//! What is left of a file when what is wrong with it is taken out: the rest may have faults of its own, to be told in
//! the same go.

use dockerfile_syntax::instruction::Run;
use dockerfile_syntax::{Dockerfile, Gap, Instruction, InstructionKind, LineRange, Missing, Span, Word};

use crate::error::{CompileError, CompileErrors};
use crate::plan::SCRATCH;

/// A file without what is wrong with it, and what isn't known for that.
#[derive(Debug)]
pub struct Remainder<'a> {
    whole: &'a Dockerfile<'a>,
    left: Dockerfile<'a>,
    gaps: Vec<Gap>,
}

impl<'a> Remainder<'a> {
    /// A file of which the parser left out what it could not read.
    #[must_use]
    pub fn new(file: &'a Dockerfile<'a>, gaps: &[Gap]) -> Self {
        Self {
            whole: file,
            left: file.clone(),
            gaps: gaps.to_vec(),
        }
    }

    /// What is left, to be compiled.
    #[must_use]
    pub fn file(&self) -> &Dockerfile<'a> {
        &self.left
    }

    /// Takes out what errors are about: words where nothing else depends on them, or else whole instructions; a stage
    /// goes on from an empty base. Gives whether all were found, so that what is left may be compiled.
    pub fn take_out(&mut self, errors: &CompileErrors) -> bool {
        let mut found = !self.left.stages.is_empty();
        for error in errors.iter() {
            let lines = error.lines.first().filter(|_| error.file.is_none());
            found &= lines.is_some_and(|lines| self.take(*lines, error.span));
        }
        found
    }

    fn take(&mut self, lines: LineRange, span: Option<Span>) -> bool {
        let file = &mut self.left;
        if let Some(stage) = file
            .stages
            .iter_mut()
            .find(|stage| stage.from.meta.lines == lines)
        {
            let is_empty = stage.from.base.as_str() == SCRATCH && stage.from.platform.is_none();
            stage.from.base = Word::new(SCRATCH, stage.from.base.span);
            stage.from.platform = None;
            self.gaps.push(Gap {
                lines,
                missing: Missing::Base,
            });
            return !is_empty;
        }
        let lists = file.stages.iter_mut().map(|stage| &mut stage.instructions);
        for list in std::iter::once(&mut file.global_args).chain(lists) {
            let Some(at) = list.iter().position(|one| one.meta.lines == lines) else {
                continue;
            };
            let is_part = span.is_some_and(|span| list.get_mut(at).is_some_and(|one| take_part(one, span)));
            if !is_part {
                let gone = list.remove(at);
                if matches!(
                    gone.kind,
                    InstructionKind::Arg(_) | InstructionKind::Env(_) | InstructionKind::PairsFile(_)
                ) {
                    self.gaps.push(Gap {
                        lines,
                        missing: Missing::Variables,
                    });
                }
            }
            return true;
        }
        false
    }

    /// Those of the errors that do not only follow from what was taken out.
    #[must_use]
    pub fn own_of(&self, errors: &CompileErrors) -> Vec<CompileError> {
        let own = errors.iter().filter(|error| !self.follows(error));
        own.cloned().collect()
    }

    fn follows(&self, error: &CompileError) -> bool {
        let is_name_missing = self.gaps.iter().any(|gap| gap.missing == Missing::Stage);
        // What is said of the build as a whole may be so for want of what is left out.
        let Some(lines) = error.lines.first().filter(|_| error.file.is_none()) else {
            return true;
        };
        let Some(place) = self.place_of(*lines) else {
            return false;
        };
        if is_name_missing && (error.failure.is_some() || place.reads_a_stage) {
            return true;
        }
        place.has_variables && self.is_unsure(place.stage, lines.start)
    }

    /// Whether variables may lack on a line, of a stage or above all of them.
    fn is_unsure(&self, stage: Option<usize>, line: usize) -> bool {
        let Some(index) = stage else {
            return self.gaps.iter().any(|gap| gap.lines.end < line);
        };
        let first = self
            .whole
            .stages
            .first()
            .map_or(0, |stage| stage.from.meta.lines.start);
        if self.gaps.iter().any(|gap| gap.lines.start < first) {
            return true;
        }
        let begin = |index: usize| {
            self.whole
                .stages
                .get(index)
                .map(|stage| stage.from.meta.lines.start)
        };
        let mut next = Some((index, line));
        while let Some((index, end)) = next {
            let start = begin(index).unwrap_or_default();
            if self
                .gaps
                .iter()
                .any(|gap| start <= gap.lines.start && gap.lines.start < end)
            {
                return true;
            }
            let base = self.whole.stages.get(index).map(|stage| stage.from.base.as_str());
            let named = |name: &Word<'_>| base.is_some_and(|base| name.eq_ignore_ascii_case(base));
            // What the stage stands on counts to its end.
            let below = (0..index).rev().find(|below| {
                let stage = self.whole.stages.get(*below);
                stage
                    .and_then(|stage| stage.from.name.as_ref())
                    .is_some_and(named)
            });
            next = below.map(|below| (below, begin(below + 1).unwrap_or(usize::MAX)));
        }
        false
    }

    fn place_of(&self, lines: LineRange) -> Option<Where> {
        let stages = self.whole.stages.iter().enumerate();
        for (index, stage) in stages {
            if stage.from.meta.lines == lines {
                return Some(Where {
                    stage: Some(index),
                    has_variables: stage.from.meta.code.contains('$'),
                    reads_a_stage: true,
                });
            }
            if let Some(found) = stage.instructions.iter().find(|one| one.meta.lines == lines) {
                return Some(Where::of(Some(index), found));
            }
        }
        let mut global = self.whole.global_args.iter();
        let found = global.find(|one| one.meta.lines == lines)?;
        Some(Where::of(None, found))
    }
}

/// Where an error is, and what its instruction depends on.
struct Where {
    stage: Option<usize>,
    has_variables: bool,
    reads_a_stage: bool,
}

impl Where {
    fn of(stage: Option<usize>, instruction: &Instruction<'_>) -> Self {
        let reads_a_stage = match &instruction.kind {
            InstructionKind::Copy(copy) => copy.from.is_some(),
            InstructionKind::Run(run) => run.mounts.iter().any(|mount| mount.from.is_some()),
            InstructionKind::PairsFile(file) => file.from.is_some(),
            InstructionKind::Require(_) => true,
            _ => false,
        };
        Self {
            stage,
            has_variables: instruction.meta.code.contains('$'),
            reads_a_stage,
        }
    }
}

/// Takes out the word that an error is about, where the instruction is one without it.
fn take_part(instruction: &mut Instruction<'_>, span: Span) -> bool {
    let is_in = |word: &Word<'_>| word.span.start <= span.start && span.end <= word.span.end;
    let clear = |word: &mut Option<Word<'_>>| word.take_if(|word| is_in(word)).is_some();
    match &mut instruction.kind {
        InstructionKind::Copy(copy) => {
            // What the files are of makes no difference to the other flags.
            clear(&mut copy.chmod) || clear(&mut copy.chown) || clear(&mut copy.from)
        }
        InstructionKind::Add(add) => {
            clear(&mut add.chmod) || clear(&mut add.chown) || clear(&mut add.checksum)
        }
        InstructionKind::Run(run) => take_mount(run, is_in),
        InstructionKind::Expose(ports) => {
            let count = ports.len();
            // What follows a number sign was meant for a comment.
            let is_comment = ports.iter().any(|port| is_in(port) && port.starts_with('#'));
            ports.retain(|port| !is_in(port));
            !is_comment && !ports.is_empty() && ports.len() < count
        }
        _ => false,
    }
}

fn take_mount(run: &mut Run<'_>, is_in: impl Fn(&Word<'_>) -> bool) -> bool {
    let count = run.mounts.len();
    run.mounts.retain(|mount| !is_in(&mount.text));
    run.mounts.len() < count
}
