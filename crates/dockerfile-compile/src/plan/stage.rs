//! A stage and its commands.

use std::borrow::Cow;
use std::ops::{Deref, Range};
use std::rc::Rc;
use std::sync::Arc;

use dockerfile_syntax::{FromInstruction, Instruction, InstructionKind, LineRange, Place};
use llb_graph::Platform;

use super::StageId;
use super::ground::Ground;
use super::named_context::NamedContext;

/// A stage of the file, or an image or context that an instruction reads from.
pub(crate) struct Stage<'a> {
    /// The `FROM`; absent for an image or context that is only read from.
    pub(crate) from: Option<&'a FromInstruction<'a>>,
    /// The file that it belongs to, as in [`dockerfile_syntax::Stage::module`]; for an image or context, the one that reads it.
    pub(crate) module: usize,
    /// What progress and errors call it: its name or `stage-N`; empty where there is nothing to tell apart.
    pub(crate) display_name: Cow<'a, str>,
    /// The base as expanded.
    pub(crate) base_name: Rc<str>,
    /// `--platform`
    pub(crate) asked_platform: Option<Arc<Platform>>,
    /// The stage of this file that it stands on.
    pub(crate) base: Option<StageId>,
    /// Stages that its instructions read, with the lines of the instruction and the bytes that name the stage: one for
    /// `COPY --from`, one for each mount of a `RUN`.
    pub(crate) deps: Vec<(StageId, Place)>,
    pub(crate) commands: Vec<Command<'a>>,
    /// How many steps progress counts; 0 gives names without a counter.
    pub(crate) total: usize,
    /// The same without the steps of triggers, which are not known yet when the base is named.
    pub(crate) own_total: usize,
    /// How many steps were named before lowering starts.
    pub(crate) named_steps: usize,
    pub(crate) ignore_cache: bool,
    /// A named context that stands in for the whole stage.
    pub(crate) replaced_by: Option<NamedContext>,
    /// What a stage without `base` stands on, where something needs the stage.
    pub(crate) ground: Option<Ground>,
    /// How many triggers stand between the file and this stage, each of an image that the one before it reads.
    pub(crate) trigger_depth: u8,
    /// The lines that the graph names for steps of its base's triggers; none, which is line 0, where a mount of the file
    /// reads it.
    pub(crate) trigger_lines: LineRange,
    /// The lines that the graph names: those of the `FROM`, or of the `COPY` that reads an implicit one.
    pub(crate) lines: Option<LineRange>,
    /// For errors: the lines, and the bytes that name its base or, where it is implicit, itself.
    pub(crate) place: Place,
}

/// An instruction of a stage.
pub(crate) struct Command<'a> {
    pub(crate) instruction: Written<'a>,
    /// What it reads: its part of [`Stage::deps`].
    pub(super) deps: Range<usize>,
}

impl Command<'_> {
    /// Whether it comes from a trigger of the base.
    pub(crate) fn is_trigger(&self) -> bool {
        matches!(self.instruction, Written::AsTrigger(_))
    }

    /// Whether what it names has to succeed, and is not read.
    pub(crate) fn is_require(&self) -> bool {
        matches!(self.instruction.kind, InstructionKind::Require(_))
    }
}

/// An instruction where it is written.
pub(crate) enum Written<'a> {
    InFile(&'a Instruction<'a>),
    /// As a trigger of the base.
    AsTrigger(Rc<Instruction<'static>>),
}

impl<'a> Deref for Written<'a> {
    type Target = Instruction<'a>;

    fn deref(&self) -> &Instruction<'a> {
        match self {
            Self::InFile(instruction) => instruction,
            Self::AsTrigger(instruction) => instruction,
        }
    }
}

impl<'a> Stage<'a> {
    /// An image or context that an instruction reads from by name.
    pub(super) fn implicit(name: impl Into<Rc<str>>, lines: Option<LineRange>, place: Place) -> Self {
        Self {
            from: None,
            module: 0,
            display_name: Cow::default(),
            base_name: name.into(),
            asked_platform: None,
            base: None,
            deps: Vec::new(),
            commands: Vec::new(),
            total: 0,
            own_total: 0,
            named_steps: 0,
            ignore_cache: false,
            replaced_by: None,
            ground: None,
            trigger_depth: 0,
            trigger_lines: lines.unwrap_or_default(),
            lines,
            place,
        }
    }

    /// Whether it is not a stage of the file.
    pub(crate) fn is_implicit(&self) -> bool {
        self.from.is_none()
    }

    /// The stages that one of its commands reads.
    pub(crate) fn sources(&self, command: &Command<'_>) -> impl Iterator<Item = StageId> {
        self.deps[command.deps.clone()].iter().map(|(id, _)| *id)
    }

    /// The parts of [`Stage::deps`] that are only required.
    pub(super) fn requires(&self) -> impl Iterator<Item = &Range<usize>> {
        let required = self.commands.iter().filter(|command| command.is_require());
        required.map(|command| &command.deps)
    }

    /// The stages that it stands on or reads, without those that are only required.
    pub(crate) fn reads(&self) -> impl Iterator<Item = StageId> {
        let reading = self.commands.iter().filter(|command| !command.is_require());
        reading.flat_map(|command| self.sources(command)).chain(self.base)
    }

    /// The name given with `AS`.
    pub(crate) fn name(&self) -> Option<&'a str> {
        self.from.and_then(|from| from.name.as_deref())
    }
}
